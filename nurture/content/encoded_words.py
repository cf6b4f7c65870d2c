"""What any mail program could read into a header value: RFC 2047's encoded words, decoded as leniently as anybody does.

Not for showing a value to anybody, but for refusing it. So nothing is left to the `email` package, which decodes
differently from one Python to the next; words are found where the grammar has none, their bytes are looked at as they are
and in the charset they claim, and neighbours are joined before decoding as well as after.
"""

import codecs
import re
from base64 import b64decode
from binascii import a2b_qp
from collections.abc import Iterator
from dataclasses import dataclass

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""What begins a line, ends a text, or is no character, for one program or another."""

_OCTETS = re.compile(rb"[\x00-\x1f\x7f]")
_NO_BASE64 = re.compile(r"[^A-Za-z0-9+/]")
_PYTHONS_OWN = frozenset(
    {"unicode-escape", "raw-unicode-escape", "unicode_escape", "raw_unicode_escape", "punycode", "idna", "undefined"}
)
"""Codecs that are no charset of a mail, and that warn or crawl on the wrong octets."""

ROUNDS = 4
"""Some programs decode what they have decoded. What is still encoded after so many rounds is meant for no person."""


class Unreadable(ValueError):
    """An encoded word in a charset that nobody knows, or words within words within words."""


@dataclass(frozen=True, slots=True)
class _Word:
    begin: int
    end: int
    charset: str
    encoding: str
    text: str


def hides_control(value: str) -> bool:
    """Whether the value holds a control character, in plain sight or encoded. Raises Unreadable."""
    for _ in range(ROUNDS):
        if CONTROL.search(value):
            return True
        if "=?" not in value:
            return False
        words = list(_words(value))
        if not words:
            return False
        if any(_hides(run) for run in _runs(value, words)):
            return True
        value = _decoded(value, words)
    raise Unreadable


def _words(value: str) -> Iterator[_Word]:
    """By plain search, so that the work grows with the value and no faster."""
    begin = value.find("=?")
    while begin >= 0:
        charset, encoding, text = _fields(value, begin)
        end = value.find("?=", text)
        if text < 0 or end < 0:
            return
        kind = value[encoding : text - 1].lower()
        if kind in ("q", "b"):
            name = value[begin + 2 : charset].partition("*")[0].strip().lower()
            yield _Word(begin, end + 2, name, kind, value[text:end])
            begin = value.find("=?", end + 2)
        else:
            begin = value.find("=?", begin + 2)


def _fields(value: str, begin: int) -> tuple[int, int, int]:
    """Where the charset ends, the encoding begins, and the text begins; the last is -1 where there is no such word."""
    charset = value.find("?", begin + 2)
    encoding = value.find("?", charset + 1) if charset >= 0 else -1
    return charset, charset + 1, encoding + 1 if encoding >= 0 else -1


def _runs(value: str, words: list[_Word]) -> Iterator[list[_Word]]:
    """Words of one charset with nothing but spaces between them, which many read as one."""
    run: list[_Word] = []
    for word in words:
        if run and not (_joins(value, run[-1], word) and run[-1].charset == word.charset):
            yield run
            run = []
        run.append(word)
    yield run


def _hides(run: list[_Word]) -> bool:
    apart = [_octets(word.encoding, word.text) for word in run]
    together = [_octets(kind, "".join(word.text for word in run if word.encoding == kind)) for kind in ("q", "b")]
    return any(
        _OCTETS.search(octets) or any(CONTROL.search(_characters(octets, name)) for name in (run[0].charset, "utf-8"))
        for octets in (*apart, b"".join(apart), *together)
    )


def _octets(kind: str, text: str) -> bytes:
    if kind == "q":
        # Not with header=True: an underscore may stand for a space, and neither is a control character.
        return a2b_qp(text.encode("utf-8", "replace"))
    plain = _NO_BASE64.sub("", text)
    return b64decode(plain[: len(plain) - (len(plain) % 4 == 1)] + "==")


def _characters(octets: bytes, charset: str) -> str:
    try:
        if codecs.lookup(charset or "ascii").name in _PYTHONS_OWN:
            raise Unreadable
        return octets.decode(charset or "ascii", "replace")
    except (LookupError, ValueError):
        raise Unreadable from None


def _decoded(value: str, words: list[_Word]) -> str:
    parts, at = [], 0
    for before, word in zip([None, *words], words, strict=False):
        between = value[at : word.begin]
        parts.append("" if before is not None and _joins(value, before, word) else between)
        parts.append(_characters(_octets(word.encoding, word.text), word.charset))
        at = word.end
    return "".join([*parts, value[at:]])


def _joins(value: str, before: _Word, word: _Word) -> bool:
    return not value[before.end : word.begin].strip()
