#!/usr/bin/env python3
"""Checks an evidence bundle of Stemma, independently of Stemma: standard library and the `openssl` program only.

    python3 verify.py BUNDLE --log-key NAME+ID+KEY [--json]
    python3 verify.py --batch < REQUESTS        one JSON object a line: {"bundle": TEXT, "logKeys": [KEY, ...]}

Exit code 0: everything verifies. 4: something does not. 2: wrong use. The checks are described in README.md.
"""

import argparse
import base64
import hashlib
import json
import re
import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path

FORMAT = "https://stemma.dev/evidence-bundle/v1"
PAYLOAD_TYPE = "application/vnd.in-toto+json"
PREDICATES = "https://stemma.dev/attestation/"
SPKI_PREFIX = bytes.fromhex("302a300506032b6570032100")
FIELD_PRIME = 2**255 - 19
LARGEST_INTEGER = 2**53 - 1
TILE_WIDTH = 256
MAX_DEPTH = 64
MAX_LEAF_BYTES = 1024

# y coordinates of the points of small order; the sign bit is left out.
LOW_ORDER = {
    0,
    1,
    FIELD_PRIME - 1,
    int.from_bytes(bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little"),
    int.from_bytes(bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"), "little"),
}


class Rejected(Exception):
    """A check failed; `code` says which."""

    def __init__(self, code, message=""):
        super().__init__(message or code)
        self.code = code


# ---- bytes and JSON -------------------------------------------------------------------------------------------------


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def decode64(text):
    """Both alphabets, padded or not; None for anything else."""
    if not isinstance(text, str) or not re.fullmatch(r"[A-Za-z0-9+/_-]*={0,2}", text):
        return None
    if text.endswith("=") and len(text) % 4 != 0:
        return None
    bare = text.replace("-", "+").replace("_", "/").rstrip("=")
    if len(bare) % 4 == 1:
        return None
    return base64.b64decode(bare + "=" * (-len(bare) % 4))


def decode_exact(text, length):
    """The one standard text of so many bytes; None for any other."""
    data = decode64(text)
    if data is None or len(data) != length or base64.b64encode(data).decode() != text:
        return None
    return data


def strict_json(text):
    """Duplicate keys, NaN and deep nesting are refused: two parsers could read them differently."""

    def members(pairs):
        keys = [key for key, _ in pairs]
        if len(set(keys)) != len(keys):
            raise ValueError("duplicate key")
        return dict(pairs)

    def constant(name):
        raise ValueError(name)

    try:
        value = json.loads(text, object_pairs_hook=members, parse_constant=constant)
    except RecursionError as error:
        raise ValueError("too deep") from error
    if depth_of(value) > MAX_DEPTH:
        raise ValueError("too deep")
    return value


def depth_of(value):
    if isinstance(value, dict):
        return 1 + max((depth_of(member) for member in value.values()), default=0)
    if isinstance(value, list):
        return 1 + max((depth_of(member) for member in value), default=0)
    return 0


def is_count(value):
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return is_number and value == int(value) and 0 <= value <= LARGEST_INTEGER


def is_time(value):
    if not isinstance(value, str):
        return False
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?Z", value):
        return False
    try:
        datetime.strptime(value[:16], "%Y-%m-%dT%H:%M")
    except ValueError:
        return False
    return len(value) < 20 or value[16] != ":" or int(value[17:19]) < 60


# ---- signatures -----------------------------------------------------------------------------------------------------


class OpenSSL:
    """Ed25519 by the `openssl` program; each question is asked once."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.known = {}

    def verify(self, raw_key, signature, message):
        question = sha256(raw_key, len(signature).to_bytes(8, "big"), signature, message)
        if question not in self.known:
            self.known[question] = len(signature) == 64 and self.ask(raw_key, signature, message)
        return self.known[question]

    def ask(self, raw_key, signature, message):
        files = {"key": SPKI_PREFIX + raw_key, "signature": signature, "message": message}
        for name, content in files.items():
            (self.folder / name).write_bytes(content)
        command = ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", "key", "-rawin"]
        command += ["-sigfile", "signature", "-in", "message"]
        return subprocess.run(command, cwd=self.folder, capture_output=True, check=False).returncode == 0


def raw_key_of(spki):
    """The 32 bytes of an Ed25519 SubjectPublicKeyInfo of full order in canonical form."""
    if spki is None or len(spki) != 44 or not spki.startswith(SPKI_PREFIX):
        raise Rejected("key-malformed", "a key of the bundle is not an Ed25519 key")
    raw = spki[12:]
    coordinate = int.from_bytes(raw, "little") & (2**255 - 1)
    if coordinate >= FIELD_PRIME or coordinate in LOW_ORDER:
        raise Rejected("key-malformed", "a key of the bundle is weak")
    return raw


class LogKey:
    """Verifier key of a log (C2SP signed-note): name, id, Ed25519 key."""

    def __init__(self, text):
        match = re.fullmatch(r"([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)", text)
        data = decode64(match[3]) if match else None
        if data is None or len(data) != 33 or data[0] != 1:
            raise ValueError("not a verifier key of a log: " + text)
        self.name = match[1]
        self.key = data[1:]
        self.id = sha256(self.name.encode(), b"\n", data)[:4]
        if self.id.hex() != match[2]:
            raise ValueError("the id is not that of the key: " + text)


# ---- notes and checkpoints ------------------------------------------------------------------------------------------


class Note:
    """Signed note: text, an empty line, signature lines."""

    def __init__(self, text):
        split = text.rfind("\n\n")
        if split < 0 or not text.endswith("\n"):
            raise ValueError("not a note")
        self.text = text[: split + 1]
        lines = text[split + 2 : -1].split("\n")
        if re.search(r"[\x00-\x09\x0b-\x1f\ud800-\udfff]", self.text) or len(lines) > 100:
            raise ValueError("not a note")
        self.signatures = [self.signature(line) for line in lines]

    @staticmethod
    def signature(line):
        match = re.fullmatch("\u2014 (\\S+) ([A-Za-z0-9+/]+={0,2})", line)
        data = decode64(match[2]) if match else None
        if data is None or len(data) <= 4 or base64.b64encode(data).decode() != match[2] or "+" in match[1]:
            raise ValueError("not a signature line")
        return match[1], data[:4], data[4:]

    def is_signed_by(self, log, openssl):
        """A false signature in the log's own name spoils the note, whatever stands beside it."""
        own = [data for name, key_id, data in self.signatures if name == log.name and key_id == log.id]
        return len(own) > 0 and all(openssl.verify(log.key, data, self.text.encode()) for data in own)


class Checkpoint:
    """Origin, size, root (C2SP tlog-checkpoint)."""

    def __init__(self, text):
        lines = text[:-1].split("\n")
        if not text.endswith("\n") or len(lines) < 3 or "" in lines[3:] or lines[0] == "":
            raise ValueError("not a checkpoint")
        self.origin = lines[0]
        if not re.fullmatch(r"0|[1-9][0-9]*", lines[1]) or int(lines[1]) > LARGEST_INTEGER:
            raise ValueError("not a size")
        self.size = int(lines[1])
        self.root = decode_exact(lines[2], 32)
        if self.root is None:
            raise ValueError("not a root")


def signed_checkpoint(text, log, openssl, malformed="checkpoint-malformed"):
    try:
        note = Note(text)
        checkpoint = Checkpoint(note.text)
    except ValueError as error:
        raise Rejected(malformed, str(error)) from error
    if checkpoint.origin != log.name:
        raise Rejected("other-log", "the checkpoint is of " + checkpoint.origin)
    if not note.is_signed_by(log, openssl):
        raise Rejected("checkpoint-signature", "the log did not sign the checkpoint")
    return checkpoint


# ---- Merkle tree (RFC 9162) -----------------------------------------------------------------------------------------


def leaf_hash(leaf):
    return sha256(b"\x00", leaf)


def node_hash(left, right):
    return sha256(b"\x01", left, right)


def root_from_proof(index, size, leaf, proof):
    """RFC 9162 section 2.1.3.2; None where the proof is too short or too long."""
    if index >= size:
        return None
    node, last, value = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return None
        if node % 2 == 1 or node == last:
            value = node_hash(sibling, value)
            while node % 2 == 0 and node != 0:
                node //= 2
                last //= 2
        else:
            value = node_hash(value, sibling)
        node //= 2
        last //= 2
    return value if last == 0 else None


class Receipt:
    """C2SP tlog-proof: index, inclusion proof, checkpoint."""

    def __init__(self, text):
        split = text.find("\n\n")
        lines = text[:split].split("\n") if split >= 0 else []
        if len(lines) > 1 and lines[1].startswith("extra "):
            del lines[1]
        match = re.fullmatch(r"index (0|[1-9][0-9]*)", lines[1]) if len(lines) > 1 else None
        if match is None or lines[0] != "c2sp.org/tlog-proof@v1" or int(match[1]) > LARGEST_INTEGER:
            raise Rejected("receipt-malformed", "not a tlog-proof")
        self.index = int(match[1])
        self.proof = [decode_exact(line, 32) for line in lines[2:]]
        if None in self.proof or len(self.proof) > 53:
            raise Rejected("receipt-malformed", "a line of the proof is not a hash")
        self.checkpoint = text[split + 2 :]


class Roots:
    """Root of every wanted size of a tree that grows leaf by leaf."""

    def __init__(self, sizes):
        self.wanted = sizes
        self.peaks = []
        self.size = 0
        self.roots = {0: sha256()} if 0 in sizes else {}

    def add(self, leaf):
        value, rest = leaf_hash(leaf), self.size
        while rest % 2 == 1:
            value = node_hash(self.peaks.pop(), value)
            rest //= 2
        self.peaks.append(value)
        self.size += 1
        if self.size in self.wanted:
            self.roots[self.size] = self.root()

    def root(self):
        if not self.peaks:
            return sha256()
        value = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            value = node_hash(peak, value)
        return value


# ---- evidence -------------------------------------------------------------------------------------------------------


def read_envelope(text):
    try:
        envelope = strict_json(text)
    except ValueError as error:
        raise Rejected("envelope-malformed", str(error)) from error
    if not isinstance(envelope, dict) or not isinstance(envelope.get("payloadType"), str):
        raise Rejected("envelope-malformed")
    signatures = envelope.get("signatures")
    payload = decode64(envelope.get("payload"))
    if payload is None or not 1 <= len(envelope["payloadType"]) <= 200:
        raise Rejected("envelope-malformed")
    if not isinstance(signatures, list) or not 1 <= len(signatures) <= 16:
        raise Rejected("envelope-malformed")
    read = []
    for signature in signatures:
        if not isinstance(signature, dict) or not isinstance(signature.get("sig"), str):
            raise Rejected("envelope-malformed")
        keyid, data = signature.get("keyid", ""), decode64(signature["sig"])
        if not isinstance(keyid, str) or len(keyid) > 200 or not 1 <= len(signature["sig"]) <= 2000 or data is None:
            raise Rejected("envelope-malformed")
        read.append((signature.get("keyid"), data))
    return envelope["payloadType"], payload, read


def signers_of(envelope, keys, openssl):
    """Ids of the keys of the bundle that signed. DSSE v1: the signature is over type and payload with their lengths."""
    payload_type, payload, signatures = envelope
    kind = payload_type.encode()
    message = b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)
    found = []
    for keyid, data in signatures:
        hinted = [key for key in keys if key == keyid]
        for key in hinted + [key for key in keys if key != keyid]:
            if openssl.verify(keys[key], data, message):
                if key not in found:
                    found.append(key)
                break
    if found:
        return found
    is_hinted = any(keyid in keys for keyid, _ in signatures)
    raise Rejected("signature-invalid" if is_hinted else "key-unknown")


def read_statement(payload):
    """The parts of the statement that its subjects must agree with."""
    try:
        statement = strict_json(payload.decode("utf-8"))
    except ValueError as error:
        raise Rejected("statement-malformed", str(error)) from error
    try:
        if statement["_type"] != "https://in-toto.io/Statement/v1" or not statement["subject"]:
            raise ValueError("not a statement")
        digests = set()
        for subject in statement["subject"]:
            digest = subject["digest"]
            commit = digest.get("gitCommit")
            if isinstance(commit, str) and re.fullmatch(r"[0-9a-f]{40}([0-9a-f]{24})?", commit):
                digests.add(commit)
            elif re.fullmatch(r"[0-9a-f]{64}", digest["sha256"]):
                digests.add(digest["sha256"])
            else:
                raise ValueError("not a digest")
        kind, predicate = statement["predicateType"], statement["predicate"]
        described, transcript = described_by(kind, predicate)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise Rejected("statement-malformed", repr(error)) from error
    if digests != described:
        raise Rejected("subject-mismatch")
    return kind, transcript


def described_by(kind, predicate):
    if kind == PREDICATES + "ai-config/v1":
        commit = predicate["commit"]
        return {predicate["hash"]} | ({commit} if commit is not None else set()), None
    if kind not in (PREDICATES + "ai-session/v1", PREDICATES + "observed-commits/v1"):
        raise ValueError("unknown predicate " + str(kind))
    commits = {change["commit"] for change in predicate["attribution"]}
    reference = predicate["transcript"] if kind.endswith("/ai-session/v1") else None
    transcript = None if reference is None else reference["sha256"]
    return commits | ({transcript} if transcript is not None else set()), transcript


def leaf_of(evidence_id, kind, key_id, received_at):
    """RFC 8785 JSON: members sorted, no spaces."""
    if not is_time(received_at):
        raise Rejected("receipt-malformed", "not a time")
    leaf = {"v": 1, "evidenceId": evidence_id, "predicateType": kind, "keyId": key_id, "receivedAt": received_at}
    return json.dumps(leaf, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def judge_evidence(one, keys, log, openssl):
    """Raises Rejected with the first check that fails; gives id and index."""
    envelope = read_envelope(one["envelope"])
    payload_type, payload, _ = envelope
    evidence_id = hashlib.sha256(payload).hexdigest()
    if payload_type != PAYLOAD_TYPE:
        raise Rejected("payload-type")
    signers = signers_of(envelope, keys, openssl)
    kind, transcript = read_statement(payload)
    included = None
    for signer in signers:
        leaf = leaf_of(evidence_id, kind, signer, one["receivedAt"])
        receipt = Receipt(one["receipt"])
        checkpoint = signed_checkpoint(receipt.checkpoint, log, openssl, "receipt-malformed")
        if root_from_proof(receipt.index, checkpoint.size, leaf_hash(leaf), receipt.proof) == checkpoint.root:
            included = receipt.index
            break
    if included is None:
        raise Rejected("not-included")
    if included != one["index"]:
        raise Rejected("index-mismatch")
    if one["transcript"] is not None:
        if hashlib.sha256(decode64(one["transcript"])).hexdigest() != transcript:
            raise Rejected("transcript-mismatch")
    return evidence_id


# ---- the bundle -----------------------------------------------------------------------------------------------------


def read_bundle(text):
    try:
        bundle = strict_json(text)
        log = bundle["log"]
        is_good = (
            bundle["format"] == FORMAT
            and is_time(bundle["exportedAt"])
            and isinstance(log["key"], str)
            and (log["checkpoint"] is None or isinstance(log["checkpoint"], str))
            and (log["entries"] is None or all(decode64(one) is not None for one in of_list(log["entries"])))
            and all(isinstance(one, str) for one in of_list(log["checkpoints"]))
            and all(decode64(one["publicKey"]) is not None for one in of_list(bundle["keys"]))
            and all(is_evidence(one) for one in of_list(bundle["evidence"]))
        )
    except (KeyError, TypeError, ValueError) as error:
        raise Rejected("bundle-malformed", repr(error)) from error
    if not is_good:
        raise Rejected("bundle-malformed")
    return bundle


def of_list(value):
    if not isinstance(value, list):
        raise TypeError("not a list")
    return value


def is_evidence(one):
    texts = all(isinstance(one[name], str) for name in ("envelope", "receivedAt", "receipt"))
    transcript = one["transcript"]
    return texts and is_count(one["index"]) and (transcript is None or decode64(transcript) is not None)


def entries_of(text, width):
    """C2SP tlog-tiles: each entry behind its length as a u16."""
    data, offset, entries = decode64(text), 0, []
    while offset < len(data):
        length = int.from_bytes(data[offset : offset + 2], "big")
        entry = data[offset + 2 : offset + 2 + length]
        if offset + 2 > len(data) or len(entry) != length or length > MAX_LEAF_BYTES:
            raise Rejected("tile-malformed")
        entries.append(entry)
        offset += 2 + length
    if len(entries) != width:
        raise Rejected("tile-malformed")
    return entries


def evidence_id_of(entry):
    """None for what is no leaf."""
    try:
        leaf = json.loads(entry.decode("utf-8"))
        is_leaf = (
            leaf["v"] == 1
            and re.fullmatch(r"[0-9a-f]{64}", leaf["evidenceId"])
            and re.fullmatch(r"[0-9a-f]{64}", leaf["keyId"])
            and isinstance(leaf["predicateType"], str)
            and leaf["predicateType"] != ""
            and is_time(leaf["receivedAt"])
        )
        return leaf["evidenceId"] if is_leaf else None
    except (KeyError, TypeError, ValueError):
        return None


def judge_log(bundle, log, openssl):
    """Codes of what is wrong with the log."""
    parts, problems, seen = bundle["log"], set(), []
    notes = ([] if parts["checkpoint"] is None else [parts["checkpoint"]]) + parts["checkpoints"]
    for note in notes:
        try:
            seen.append(signed_checkpoint(note, log, openssl))
        except Rejected as rejected:
            problems.add(rejected.code)
    for one in bundle["evidence"]:
        try:
            seen.append(signed_checkpoint(Receipt(one["receipt"]).checkpoint, log, openssl))
        except Rejected:
            pass  # Said of the evidence itself.
    if parts["entries"] is not None and parts["checkpoint"] is None:
        problems.add("bundle-malformed")
    if problems or parts["entries"] is None or parts["checkpoint"] is None:
        by_size = {}
        if any(by_size.setdefault(one.size, one.root) != one.root for one in seen):
            problems.add("forked")
        return problems
    return problems | judge_entries(parts["entries"], seen)


def judge_entries(bundles, seen):
    present, problems = seen[0], set()
    if len(bundles) > -(-present.size // TILE_WIDTH):
        return {"tile-malformed"}
    tree, ids = Roots({one.size for one in seen}), set()
    for index in range(-(-present.size // TILE_WIDTH)):
        if index >= len(bundles):
            return problems | {"tile-missing"}
        try:
            entries = entries_of(bundles[index], min(TILE_WIDTH, present.size - index * TILE_WIDTH))
        except Rejected as rejected:
            return problems | {rejected.code}
        for entry in entries:
            evidence_id = evidence_id_of(entry)
            if evidence_id is None:
                problems.add("entry-malformed")
            elif evidence_id in ids:
                problems.add("duplicate-entry")
            ids.add(evidence_id)
            tree.add(entry)
    if tree.root() != present.root:
        problems.add("root-mismatch")
    for one in seen:
        root = present.root if one.size == present.size else tree.roots.get(one.size)
        if one.size > present.size:
            problems.add("rolled-back")
        elif root != one.root:
            problems.add("forked")
    return problems


def verify_bundle(text, log_keys, openssl):
    """{"verified", "problems": [code], "evidence": [{"id", "problem"}]}"""
    try:
        bundle = read_bundle(text)
        if bundle["log"]["key"] not in log_keys:
            raise Rejected("log-key-untrusted")
        log = LogKey(bundle["log"]["key"])
        spkis = [decode64(one["publicKey"]) for one in bundle["keys"]]
        keys = {hashlib.sha256(spki).hexdigest(): raw_key_of(spki) for spki in spkis}
    except Rejected as rejected:
        return {"verified": False, "problems": [rejected.code], "evidence": []}
    evidence = []
    for one in bundle["evidence"]:
        try:
            evidence.append({"id": judge_evidence(one, keys, log, openssl), "problem": None})
        except Rejected as rejected:
            evidence.append({"id": None, "problem": rejected.code})
    problems = sorted(judge_log(bundle, log, openssl))
    is_verified = not problems and all(one["problem"] is None for one in evidence)
    return {"verified": is_verified, "problems": problems, "evidence": evidence}


def main():
    parser = argparse.ArgumentParser(description="Check an evidence bundle of Stemma.")
    parser.add_argument("bundle", nargs="?", help="file that `stemma export --evidence --out FILE` wrote")
    parser.add_argument("--log-key", action="append", default=[], help="verifier key of the log; may be repeated")
    parser.add_argument("--json", action="store_true", help="print one JSON value")
    parser.add_argument("--batch", action="store_true", help="one request a line on stdin, one verdict a line on stdout")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        openssl = OpenSSL(folder)
        if options.batch:
            for line in sys.stdin.buffer:
                request = json.loads(line)
                verdict = verify_bundle(request["bundle"], request["logKeys"], openssl)
                print(json.dumps(verdict), flush=True)
            return 0
        if options.bundle is None or not options.log_key:
            parser.print_usage(sys.stderr)
            return 2
        try:
            text = Path(options.bundle).read_bytes().decode("utf-8")
        except UnicodeDecodeError:
            text = ""
        verdict = verify_bundle(text, options.log_key, openssl)
    if options.json:
        print(json.dumps(verdict, indent=2))
    else:
        for one in verdict["evidence"]:
            print(f"{'ok    ' if one['problem'] is None else 'FAILED'} {one['id'] or one['problem']}")
        for code in verdict["problems"]:
            print(f"FAILED the log: {code}")
        print("verified" if verdict["verified"] else "does not verify")
    return 0 if verdict["verified"] else 4


if __name__ == "__main__":
    sys.exit(main())
