"""One piece of evidence, or one thing that the platform signed: the first check that fails is the reason."""

import hashlib
import json
import re

from encoding import Rejected, decode64, is_time, moment, strict_json
from signatures import DeviceKey
from tlog import Receipt, leaf_hash, root_from_proof, signed_checkpoint

PAYLOAD_TYPE = "application/vnd.in-toto+json"
PREDICATES = "https://stemma.dev/attestation/"
OF_COMMITS = tuple(PREDICATES + kind for kind in ("ai-session/v1", "observed-commits/v1", "merged-attribution/v1"))
KEY_REVOCATION = PREDICATES + "key-revocation/v1"
PLATFORM = (
    "https://in-toto.io/attestation/test-result/v0.1",
    "https://slsa.dev/verification_summary/v1",
    PREDICATES + "waiver/v1",
    PREDICATES + "control-attestation/v1",
    KEY_REVOCATION,
)


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


def signed_bytes(envelope):
    """DSSE v1: the signature is over type and payload with their lengths."""
    payload_type, payload, _ = envelope
    kind = payload_type.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def signers_of(envelope, keys, openssl):
    """Ids of the keys of the bundle that signed."""
    signatures = envelope[2]
    message = signed_bytes(envelope)
    found = []
    for keyid, data in signatures:
        hinted = [key for key in keys if key.id == keyid]
        for key in hinted + [key for key in keys if key.id != keyid]:
            if key.verifies(data, message, openssl):
                if key.id not in found:
                    found.append(key.id)
                break
    if found:
        return found
    is_hinted = any(keyid == key.id for keyid, _ in signatures for key in keys)
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
        if kind == PREDICATES + "ai-session/v1":
            session = predicate["session"]
            if (session.get("delegation") or {}).get("parent") == session["id"]:
                raise ValueError("a session that started itself")
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
    if kind not in OF_COMMITS:
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


def included_in(one, evidence_id, kind, signers, log, openssl):
    """The key that the leaf names, and the checkpoint to which the receipt leads with the note that says so."""
    for signer in signers:
        leaf = leaf_of(evidence_id, kind, signer, one["receivedAt"])
        receipt = Receipt(one["receipt"])
        checkpoint = signed_checkpoint(receipt.checkpoint, log, openssl, "receipt-malformed")
        if root_from_proof(receipt.index, checkpoint.size, leaf_hash(leaf), receipt.proof) != checkpoint.root:
            continue
        if receipt.index != one["index"]:
            raise Rejected("index-mismatch")
        return signer, checkpoint
    raise Rejected("not-included")


def is_ended(key, index, received_at, ends):
    """Whether a leaf came after the end of its key, by the log's time or by its order."""
    if key not in ends:
        return False
    ended_at, ended_index = ends[key]
    return not (moment(received_at) < moment(ended_at) and index < ended_index)


def judge_evidence(one, keys, log, ends, openssl):
    """Raises Rejected with the first check that fails; gives id, checkpoint. `ends`: key -> time, leaf of its end."""
    envelope = read_envelope(one["envelope"])
    payload_type, payload, _ = envelope
    evidence_id = hashlib.sha256(payload).hexdigest()
    if payload_type != PAYLOAD_TYPE:
        raise Rejected("payload-type")
    signers = signers_of(envelope, keys, openssl)
    kind, transcript = read_statement(payload)
    signer, checkpoint = included_in(one, evidence_id, kind, signers, log, openssl)
    if one["transcript"] is not None:
        if hashlib.sha256(decode64(one["transcript"])).hexdigest() != transcript:
            raise Rejected("transcript-mismatch")
    if is_ended(signer, one["index"], one["receivedAt"], ends):
        raise Rejected("key-revoked")
    return evidence_id, checkpoint


# ---- what the platform signed ---------------------------------------------------------------------------------------


def read_platform_statement(payload):
    """Its kind, and of the end of a key the key and the time."""
    try:
        statement = strict_json(payload.decode("utf-8"))
        kind, predicate = statement["predicateType"], statement["predicate"]
        digests = [subject["digest"] for subject in statement["subject"]]
        if statement["_type"] != "https://in-toto.io/Statement/v1" or len(digests) != 1 or kind not in PLATFORM:
            raise ValueError("nothing that a platform signs")
        if kind != KEY_REVOCATION:
            return kind, None
        key, ended_at = predicate["keyId"], predicate["revokedAt"]
        if not re.fullmatch(r"[0-9a-f]{64}", key) or digests[0]["sha256"] != key or not is_time(ended_at):
            raise ValueError("not the end of a key")
        return kind, (key, ended_at)
    except (KeyError, TypeError, ValueError) as error:
        raise Rejected("statement-malformed", repr(error)) from error


def judge_conclusion(one, log, openssl):
    """
    Raises Rejected with the first check that fails; gives id, checkpoint and end of a key. The key beside it is
    believed because the leaf names it: the log takes leaves of these kinds from the platform only.
    """
    envelope = read_envelope(one["envelope"])
    payload_type, payload, signatures = envelope
    evidence_id = hashlib.sha256(payload).hexdigest()
    if payload_type != PAYLOAD_TYPE:
        raise Rejected("payload-type")
    key = DeviceKey(decode64(one["publicKey"]))
    if not key.verifies(signatures[0][1], signed_bytes(envelope), openssl):
        raise Rejected("signature-invalid")
    kind, end = read_platform_statement(payload)
    _, checkpoint = included_in(one, evidence_id, kind, [key.id], log, openssl)
    return evidence_id, checkpoint, end
