"""The transparency log: signed notes, checkpoints, cosignatures, receipts and the Merkle tree (C2SP, RFC 9162)."""

import base64
import re

from encoding import LARGEST_INTEGER, Rejected, decode64, decode_exact, sha256


LOG = 1
WITNESS = 4


class NoteKey:
    """Verifier key of a log or a witness (C2SP signed-note): name, id, Ed25519 key. ValueError for anything else."""

    def __init__(self, text, kind=LOG):
        match = re.fullmatch(r"([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)", text)
        data = decode64(match[3]) if match else None
        if data is None or len(data) != 33 or data[0] != kind:
            raise ValueError("not a verifier key of this kind: " + text)
        self.name = match[1]
        self.key = data[1:]
        self.id = sha256(self.name.encode(), b"\n", data)[:4]
        if self.id.hex() != match[2]:
            raise ValueError("the id is not that of the key: " + text)


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

    def cosigned_by(self, witness, openssl):
        """C2SP tlog-cosignature: time of the latest; None where there is none, False where one in its name is false."""
        latest = None
        for data in [data for name, key_id, data in self.signatures if name == witness.name and key_id == witness.id]:
            seconds = int.from_bytes(data[:8], "big")
            message = f"cosignature/v1\ntime {seconds}\n{self.text}".encode()
            if len(data) != 72 or seconds > LARGEST_INTEGER or not openssl.verify(witness.key, data[8:], message):
                return False
            latest = max(latest or 0, seconds)
        return latest


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
