"""HMAC-SHA256 (RFC 2104) of many short messages under few keys.

`hmac.digest` looks the algorithm up and takes the key in anew each time, and lets go of the interpreter's lock meanwhile:
among busy threads it takes ten times as long to get that back as to make the code.
"""

import hashlib
from functools import lru_cache

BLOCK = 64
"""Bytes that SHA-256 takes in at a time."""


def mac(key: bytes, message: bytes) -> bytes:
    """The 32 bytes that `hmac.digest(key, message, "sha256")` gives."""
    begun, ended = _keyed(key)
    inner, outer = begun.copy(), ended.copy()
    inner.update(message)
    outer.update(inner.digest())
    return outer.digest()


@lru_cache(maxsize=16)
def _keyed(key: bytes) -> tuple["hashlib._Hash", "hashlib._Hash"]:
    """The inner and the outer hash, which have taken in the key."""
    whole = (key if len(key) <= BLOCK else hashlib.sha256(key).digest()).ljust(BLOCK, b"\0")
    return hashlib.sha256(bytes(byte ^ 0x36 for byte in whole)), hashlib.sha256(bytes(byte ^ 0x5C for byte in whole))
