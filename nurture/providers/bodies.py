"""Reads a posted JSON body without letting it cost more than it should.

Bytes, depth and number of values are counted before anything is built in memory, and what comes
out is text a database will take: no NUL, no half of a surrogate pair.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NoReturn

from nurture.plain_text import storable
from nurture.providers.events import NotUnderstood

MAX_DEPTH = 16
MAX_VALUES = 50_000

# A whole string, even one that never ends, so that each byte is looked at once.
_STRING = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?'
_STRINGS = re.compile(_STRING, re.DOTALL)
_TOKENS = re.compile(_STRING + rb"|[\[\]{},]", re.DOTALL)
_ALIKE = bytes.maketrans(b"{}", b"[]")
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


def read_object(body: bytes, *, max_bytes: int, sender: str) -> Mapping[str, object]:
    """The JSON object in `body`; NotUnderstood when it is too big, too deep, or no object."""
    if len(body) > max_bytes:
        raise NotUnderstood(f"{sender} posted {len(body)} bytes where at most {max_bytes} are read.")
    refuse_what_grows(body, sender)
    try:
        value = json.loads(body.decode("utf-8-sig"), parse_constant=_no_constant)
    except ValueError as why:
        raise NotUnderstood(f"{sender} posted something that is not JSON in UTF-8 ({why}).") from why
    if not isinstance(value, dict):
        raise NotUnderstood(f"{sender} posted a JSON {type(value).__name__} where one object was expected.")
    return value


def refuse_what_grows(body: bytes, sender: str) -> None:
    """NotUnderstood when the JSON in `body` is too deep or holds too many values; nothing is parsed for that."""
    if _is_surely_modest(body):
        return
    depth = values = 0
    for found in _TOKENS.finditer(body):
        match body[found.start()]:
            case 0x5B | 0x7B:  # [ {
                depth += 1
                values += 1
            case 0x5D | 0x7D:  # ] }
                depth -= 1
            case 0x2C:  # ,
                values += 1
        if depth > MAX_DEPTH or values > MAX_VALUES:
            raise NotUnderstood(
                f"{sender} posted JSON nested deeper than {MAX_DEPTH} levels or with more than {MAX_VALUES} values."
            )


def _is_surely_modest(body: bytes) -> bool:
    """Whether a quick look is enough: marks are counted, those in texts too, and pairs of brackets go, level by level."""
    if body.count(b'"') > 4 * MAX_VALUES or sum(body.count(mark) for mark in (b"[", b"{", b",")) > MAX_VALUES:
        return False
    left = _STRINGS.sub(b"", body).translate(_ALIKE, _NO_BRACKETS)
    for _ in range(MAX_DEPTH):
        left = left.replace(b"[]", b"")
    return not left


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def text_in(value: Mapping[str, object], *names: str, at_most: int = 10_000) -> str | None:
    """The first of `names` that holds a text (or a whole number) worth something, capped; else None."""
    for name in names:
        found = value.get(name)
        if isinstance(found, int) and not isinstance(found, bool) and abs(found) < 1 << 64:
            return str(found)
        if isinstance(found, str) and found.strip():
            return storable(found.strip()[:at_most])
    return None


def object_in(value: Mapping[str, object], name: str) -> Mapping[str, object]:
    """The object under `name`; an empty one when there is none."""
    found = value.get(name)
    return found if isinstance(found, dict) else {}


def objects_in(value: Mapping[str, object], name: str, *, at_most: int) -> list[Mapping[str, object]]:
    """The objects in the list under `name`, at most so many, others left out."""
    found = value.get(name)
    return [item for item in found[:at_most] if isinstance(item, dict)] if isinstance(found, list) else []


def instant_in(value: Mapping[str, object], *names: str) -> datetime | None:
    """The first of `names` that holds an ISO 8601 instant, in UTC; one without a zone is taken as UTC."""
    for name in names:
        said = text_in(value, name, at_most=40)
        if said is not None and (instant := _instant(said)) is not None:
            return instant
    return None


def _instant(said: str) -> datetime | None:
    try:
        read = datetime.fromisoformat(said)
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def key_of(body: bytes) -> str:
    """A key for a post that has no id of its own: the same bytes are the same fact."""
    return "sha256:" + hashlib.sha256(body).hexdigest()
