"""The bundle: its form, and the log in it."""

import json
import re

from encoding import Rejected, decode64, is_count, is_time, strict_json
from evidence import KEY_REVOCATION, is_ended
from tlog import Receipt, Roots, signed_checkpoint

FORMAT = "https://stemma.dev/evidence-bundle/v1"
TILE_WIDTH = 256
MAX_LEAF_BYTES = 1024


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
            and all(is_short(one["publicKey"]) for one in of_list(bundle["keys"]))
            and all(is_evidence(one) for one in of_list(bundle["evidence"]))
            and all(is_conclusion(one) for one in of_list(bundle.get("conclusions", [])))
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


def is_short(text):
    return isinstance(text, str) and len(text) <= 1500


def is_logged(one):
    return all(isinstance(one[name], str) for name in ("envelope", "receivedAt", "receipt")) and is_count(one["index"])


def is_evidence(one):
    transcript = one["transcript"]
    return is_logged(one) and (transcript is None or decode64(transcript) is not None)


def is_conclusion(one):
    return is_logged(one) and is_short(one["publicKey"])


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


def leaf_in(entry):
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
        return leaf if is_leaf else None
    except (KeyError, TypeError, ValueError):
        return None


def judge_log(bundle, log, ends, end_ids, openssl):
    """Codes of what is wrong with the log, every checkpoint of the bundle with its note, whether the log is whole."""
    parts, problems, seen = bundle["log"], set(), []
    notes = ([] if parts["checkpoint"] is None else [parts["checkpoint"]]) + parts["checkpoints"]
    for note in notes:
        try:
            seen.append((signed_checkpoint(note, log, openssl), note))
        except Rejected as rejected:
            problems.add(rejected.code)
    for one in bundle["evidence"] + bundle.get("conclusions", []):
        try:
            note = Receipt(one["receipt"]).checkpoint
            seen.append((signed_checkpoint(note, log, openssl), note))
        except Rejected:
            pass  # Said of the evidence itself.
    if parts["entries"] is not None and parts["checkpoint"] is None:
        problems.add("bundle-malformed")
    if problems or parts["entries"] is None or parts["checkpoint"] is None:
        by_size = {}
        if any(by_size.setdefault(one.size, one.root) != one.root for one, _ in seen):
            problems.add("forked")
        return problems, seen, False
    problems |= judge_entries(parts["entries"], [one for one, _ in seen], ends, end_ids)
    return problems, seen, not problems


def problems_of(leaf, index, ids, ends, end_ids):
    problems = set()
    if leaf["evidenceId"] in ids:
        problems.add("duplicate-entry")
    if is_ended(leaf["keyId"], index, leaf["receivedAt"], ends):
        problems.add("key-revoked")
    if leaf["predicateType"] == KEY_REVOCATION and leaf["evidenceId"] not in end_ids:
        problems.add("revocation-missing")
    return problems


def judge_entries(bundles, seen, ends, end_ids):
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
            leaf = leaf_in(entry)
            if leaf is None:
                problems.add("entry-malformed")
            else:
                problems |= problems_of(leaf, tree.size, ids, ends, end_ids)
                ids.add(leaf["evidenceId"])
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
