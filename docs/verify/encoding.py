"""Bytes and JSON, read strictly: what two parsers could read differently is refused."""

import base64
import hashlib
import json
import re
from datetime import datetime

LARGEST_INTEGER = 2**53 - 1
MAX_DEPTH = 64


class Rejected(Exception):
    """A check failed; `code` says which."""

    def __init__(self, code, message=""):
        super().__init__(message or code)
        self.code = code


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
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?Z", value):
        return False
    try:
        datetime.strptime(value[:16], "%Y-%m-%dT%H:%M")
    except ValueError:
        return False
    return int(value[17:19]) < 60


def moment(text):
    """A time that can be compared: to the millisecond, as the program of Stemma does."""
    second, _, fraction = text[:-1].partition(".")
    return second, fraction[:3].ljust(3, "0")
