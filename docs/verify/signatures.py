"""Signers' keys: Ed25519 keys of devices, and SSH keys, which sign as SSHSIG. The `openssl` program does the sums."""

import hashlib
import re
import subprocess
from pathlib import Path

from encoding import Rejected, decode64, sha256

SPKI_PREFIX = bytes.fromhex("302a300506032b6570032100")
FIELD_PRIME = 2**255 - 19

# y coordinates of the points of small order; the sign bit is left out.
LOW_ORDER = {
    0,
    1,
    FIELD_PRIME - 1,
    int.from_bytes(bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little"),
    int.from_bytes(bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"), "little"),
}


class OpenSSL:
    """The `openssl` program; each question is asked once."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.known = {}

    def verify(self, raw_key, signature, message):
        """Ed25519; `raw_key` = 32 bytes."""
        return len(signature) == 64 and self.verify_by(SPKI_PREFIX + raw_key, signature, message, None)

    def verify_by(self, spki, signature, message, digest):
        """`digest`: of what is signed, or None where the signature takes the message itself (Ed25519)."""
        question = sha256(spki, len(signature).to_bytes(8, "big"), signature, str(digest).encode(), message)
        if question not in self.known:
            command = ["pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", "key", "-rawin"]
            command += [] if digest is None else ["-digest", digest]
            command += ["-sigfile", "signature", "-in", "message"]
            self.known[question] = self.run(command, key=spki, signature=signature, message=message)
        return self.known[question]

    def is_key(self, spki):
        """Whether it can be read: of a curve, only points that lie on it can."""
        return self.run(["pkey", "-pubin", "-inform", "DER", "-in", "key", "-noout"], key=spki)

    def run(self, command, **files):
        for name, content in files.items():
            (self.folder / name).write_bytes(content)
        return subprocess.run(["openssl", *command], cwd=self.folder, capture_output=True, check=False).returncode == 0


# ---- keys -----------------------------------------------------------------------------------------------------------


def malformed(message):
    return Rejected("key-malformed", message)


def raw_key_of(spki):
    """The 32 bytes of an Ed25519 SubjectPublicKeyInfo of full order in canonical form."""
    if spki is None or len(spki) != 44 or not spki.startswith(SPKI_PREFIX):
        raise malformed("a key is not an Ed25519 key")
    raw = spki[12:]
    coordinate = int.from_bytes(raw, "little") & (2**255 - 1)
    if coordinate >= FIELD_PRIME or coordinate in LOW_ORDER:
        raise malformed("a key is weak")
    return raw


class DeviceKey:
    """Signs the bytes themselves."""

    def __init__(self, spki):
        self.raw = raw_key_of(spki)
        self.id = hashlib.sha256(spki).hexdigest()

    def verifies(self, signature, message, openssl):
        return openssl.verify(self.raw, signature, message)


KEY_LINE = r"((?:ssh|ecdsa|sk)-[a-z0-9@.-]+) ([A-Za-z0-9+/]+={0,2})(?:[ \t].*)?"


def read_key(text, openssl):
    """base64 of a device's SubjectPublicKeyInfo, or the line of an SSH key. Raises Rejected("key-malformed")."""
    match = re.fullmatch(KEY_LINE, text.strip())
    return SshKey(match[1], decode64(match[2]) or b"", openssl) if match else DeviceKey(decode64(text))


# ---- SSH ------------------------------------------------------------------------------------------------------------

NAMESPACE = b"stemma-evidence"
CURVES = {
    "ecdsa-sha2-nistp256": (b"nistp256", 32, bytes.fromhex("301306072a8648ce3d020106082a8648ce3d030107")),
    "ecdsa-sha2-nistp384": (b"nistp384", 48, bytes.fromhex("301006072a8648ce3d020106052b81040022")),
    "ecdsa-sha2-nistp521": (b"nistp521", 66, bytes.fromhex("301006072a8648ce3d020106052b81040023")),
}
RSA_ALGORITHM = bytes.fromhex("300d06092a864886f70d0101010500")
# Kind of signature -> kind of key, digest. RSA over SHA-1 (`ssh-rsa`) is missing on purpose.
SCHEMES = {
    b"ssh-ed25519": ("ssh-ed25519", None),
    b"ecdsa-sha2-nistp256": ("ecdsa-sha2-nistp256", "sha256"),
    b"ecdsa-sha2-nistp384": ("ecdsa-sha2-nistp384", "sha384"),
    b"ecdsa-sha2-nistp521": ("ecdsa-sha2-nistp521", "sha512"),
    b"rsa-sha2-256": ("ssh-rsa", "sha256"),
    b"rsa-sha2-512": ("ssh-rsa", "sha512"),
}


class Wire:
    """SSH's binary form (RFC 4251 section 5). ValueError for whatever does not fit."""

    def __init__(self, data):
        self.data = data

    def take(self, length):
        if length > len(self.data):
            raise ValueError("too short")
        found, self.data = self.data[:length], self.data[length:]
        return found

    def uint32(self):
        return int.from_bytes(self.take(4), "big")

    def string(self):
        return self.take(self.uint32())

    def mpint(self):
        """A number that is not negative, in its shortest form, without the byte that keeps its sign."""
        found = self.string()
        if not found or found[0] >= 0x80 or (found[0] == 0 and (len(found) < 2 or found[1] < 0x80)):
            raise ValueError("not a number in its shortest form")
        return found[1:] if found[0] == 0 else found

    def end(self):
        if self.data:
            raise ValueError("something stands behind the end")


def ssh_string(data):
    return len(data).to_bytes(4, "big") + data


def der(tag, content):
    length = len(content)
    if length < 0x80:
        return bytes([tag, length]) + content
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(octets)]) + octets + content


def der_integer(magnitude):
    return der(0x02, (b"\0" if magnitude[0] >= 0x80 else b"") + magnitude)


def der_key(algorithm, key):
    return der(0x30, algorithm + der(0x03, b"\0" + key))


class SshKey:
    """Signs as SSHSIG (openssh-portable, PROTOCOL.sshsig), in Stemma's namespace and in no other way."""

    def __init__(self, kind, blob, openssl):
        self.kind = kind
        self.blob = blob
        try:
            wire = Wire(blob)
            if wire.string() != kind.encode():
                raise ValueError("not what its line says")
            self.spki = self.spki_of(wire)
            wire.end()
        except ValueError as error:
            raise malformed(str(error)) from error
        if kind in CURVES and not openssl.is_key(self.spki):
            raise malformed("not a point of its curve")
        self.id = hashlib.sha256(self.spki).hexdigest()

    def spki_of(self, wire):
        if self.kind == "ssh-ed25519":
            spki = SPKI_PREFIX + wire.string()
            raw_key_of(spki)
            return spki
        if self.kind == "ssh-rsa":
            exponent, modulus = wire.mpint(), wire.mpint()
            bits = int.from_bytes(modulus, "big").bit_length()
            if not 2048 <= bits <= 4096 or exponent != b"\1\0\1" or modulus[-1] & 1 == 0:
                raise ValueError("an RSA key of another size, exponent or an even modulus")
            return der_key(RSA_ALGORITHM, der(0x30, der_integer(modulus) + der_integer(exponent)))
        if self.kind not in CURVES:
            raise ValueError("a kind of key that is not taken")
        name, length, algorithm = CURVES[self.kind]
        named, point = wire.string(), wire.string()
        if named != name or len(point) != 1 + 2 * length or point[0] != 4:
            raise ValueError("not an uncompressed point of its curve")
        return der_key(algorithm, point)

    def verifies(self, signature, message, openssl):
        try:
            return self.verifies_strictly(signature, message, openssl)
        except ValueError:
            return False

    def verifies_strictly(self, source, message, openssl):
        wire = Wire(source)
        if wire.take(6) != b"SSHSIG" or wire.uint32() != 1:
            return False
        key, namespace, reserved, hashing, inner = (wire.string() for _ in range(5))
        wire.end()
        wire = Wire(inner)
        scheme, signature = wire.string(), wire.string()
        wire.end()
        kind, digest = SCHEMES.get(scheme, (None, None))
        if namespace != NAMESPACE or kind != self.kind or key != self.blob or hashing not in (b"sha256", b"sha512"):
            return False
        if kind == "ssh-ed25519" and len(signature) != 64:
            return False
        if kind in CURVES:
            signature = self.der_signature(signature)
        hashed = hashlib.new(hashing.decode(), message).digest()
        parts = (namespace, reserved, hashing, hashed)
        return openssl.verify_by(self.spki, signature, b"SSHSIG" + b"".join(map(ssh_string, parts)), digest)

    def der_signature(self, source):
        wire = Wire(source)
        r, s = wire.mpint(), wire.mpint()
        wire.end()
        if max(len(r), len(s)) > CURVES[self.kind][1]:
            raise ValueError("a number is longer than its curve")
        return der(0x30, der_integer(r) + der_integer(s))
