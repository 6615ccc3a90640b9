#!/usr/bin/env python3
"""Checks an evidence bundle of Stemma, independently of Stemma: standard library and the `openssl` program only.

    python3 verify.py BUNDLE --log-key NAME+ID+KEY [--witness NAME+ID+KEY]... [--json]
    python3 verify.py --batch < REQUESTS    one a line: {"bundle": TEXT, "logKeys": [KEY], "witnesses": [KEY]}

Exit code 0: everything verifies. 4: something does not. 2: wrong use. The checks are described in README.md.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True

from bundle import judge_log, read_bundle  # noqa: E402
from encoding import Rejected, moment  # noqa: E402
from evidence import judge_conclusion, judge_evidence  # noqa: E402
from signatures import OpenSSL, read_key  # noqa: E402
from tlog import WITNESS, Note, NoteKey  # noqa: E402


class Cosigned:
    """What one witness says of the checkpoints of a bundle."""

    def __init__(self, witness, seen, openssl):
        self.trees, self.size, self.is_forged = set(), None, False
        for checkpoint, note in seen:
            at = Note(note).cosigned_by(witness, openssl)
            if at is False:
                self.is_forged = True
            elif at is not None:
                self.trees.add((checkpoint.size, checkpoint.root))
                self.size = max(self.size or 0, checkpoint.size)

    def covers(self, checkpoint, index, is_whole):
        """The very tree, or a larger one of which the whole log shows that it holds the leaf."""
        is_later = is_whole and self.size is not None and self.size > index
        return is_later or (checkpoint.size, checkpoint.root) in self.trees


def judge_conclusions(bundle, log, openssl):
    """Verdicts with their checkpoints, the ends of keys, and the ids of the statements that tell them."""
    verdicts, ends, ids = [], {}, set()
    for one in bundle.get("conclusions", []):
        try:
            evidence_id, checkpoint, end = judge_conclusion(one, log, openssl)
        except Rejected as rejected:
            verdicts.append(({"id": None, "problem": rejected.code}, None, one["index"]))
            continue
        verdicts.append(({"id": evidence_id, "problem": None}, checkpoint, one["index"]))
        if end is None:
            continue
        key, ended_at = end
        ids.add(evidence_id)
        known_at, known_index = ends.get(key, (ended_at, one["index"]))
        ends[key] = (min(known_at, ended_at, key=moment), min(known_index, one["index"]))
    return verdicts, ends, ids


def require_witnesses(verdicts, cosigned, is_whole):
    for verdict, checkpoint, index in verdicts:
        if verdict["problem"] is None and not all(one.covers(checkpoint, index, is_whole) for one in cosigned):
            verdict["problem"] = "not-cosigned"
    return [verdict for verdict, _, _ in verdicts]


def verify_bundle(text, log_keys, openssl, witness_keys=()):
    """{"verified", "problems": [code], "evidence": [{"id", "problem"}], "conclusions": [{"id", "problem"}]}"""
    try:
        bundle = read_bundle(text)
        if bundle["log"]["key"] not in log_keys:
            raise Rejected("log-key-untrusted")
        log = NoteKey(bundle["log"]["key"])
        keys = [read_key(one["publicKey"], openssl) for one in bundle["keys"]]
    except Rejected as rejected:
        return {"verified": False, "problems": [rejected.code], "evidence": [], "conclusions": []}
    concluded, ends, end_ids = judge_conclusions(bundle, log, openssl)
    judged = []
    for one in bundle["evidence"]:
        try:
            evidence_id, checkpoint = judge_evidence(one, keys, log, ends, openssl)
            judged.append(({"id": evidence_id, "problem": None}, checkpoint, one["index"]))
        except Rejected as rejected:
            judged.append(({"id": None, "problem": rejected.code}, None, one["index"]))
    problems, seen, is_whole = judge_log(bundle, log, ends, end_ids, openssl)
    cosigned = [Cosigned(NoteKey(key, WITNESS), seen, openssl) for key in witness_keys]
    problems |= {"cosignature-invalid" for one in cosigned if one.is_forged}
    problems |= {"not-cosigned" for one in cosigned if one.size is None}
    evidence = require_witnesses(judged, cosigned, is_whole)
    conclusions = require_witnesses(concluded, cosigned, is_whole)
    is_verified = not problems and all(one["problem"] is None for one in evidence + conclusions)
    return {"verified": is_verified, "problems": sorted(problems), "evidence": evidence, "conclusions": conclusions}


def show(verdict):
    for title, list_of in (("", "evidence"), ("signed by the platform:", "conclusions")):
        if title and verdict[list_of]:
            print(title)
        for one in verdict[list_of]:
            print("ok    " + one["id"] if one["problem"] is None else "FAILED " + one["problem"])
    for code in verdict["problems"]:
        print(f"FAILED the log: {code}")
    print("verified" if verdict["verified"] else "does not verify")


def main():
    parser = argparse.ArgumentParser(description="Check an evidence bundle of Stemma.")
    parser.add_argument("bundle", nargs="?", help="file that `stemma export --evidence --out FILE` wrote")
    parser.add_argument("--log-key", action="append", default=[], help="verifier key of the log; may be repeated")
    parser.add_argument("--witness", action="append", default=[], help="verifier key of one that must have cosigned")
    parser.add_argument("--json", action="store_true", help="print one JSON value")
    parser.add_argument("--batch", action="store_true", help="requests on stdin, verdicts on stdout, one a line")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        openssl = OpenSSL(folder)
        if options.batch:
            for line in sys.stdin.buffer:
                request = json.loads(line)
                verdict = verify_bundle(request["bundle"], request["logKeys"], openssl, request.get("witnesses", []))
                print(json.dumps(verdict), flush=True)
            return 0
        if options.bundle is None or not options.log_key:
            parser.print_usage(sys.stderr)
            return 2
        try:
            text = Path(options.bundle).read_bytes().decode("utf-8")
        except UnicodeDecodeError:
            text = ""
        try:
            verdict = verify_bundle(text, options.log_key, openssl, options.witness)
        except ValueError as error:
            print(f"verify.py: {error}", file=sys.stderr)
            return 2
    if options.json:
        print(json.dumps(verdict, indent=2))
    else:
        show(verdict)
    return 0 if verdict["verified"] else 4


if __name__ == "__main__":
    sys.exit(main())
