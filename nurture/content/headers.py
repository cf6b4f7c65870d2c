"""Header lines by RFC 5322, with RFC 2047 words for what is not ASCII.

Written here rather than with the `email` package for two reasons: that package costs milliseconds
a message, and it has let line breaks through more than once (CVE-2024-6923, CVE-2026-1299). Every
value is refused when it holds a control character, also one hidden in an encoded word.
"""

import re
from base64 import b64encode
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import accumulate

from nurture.content.encoded_words import Unreadable, hides_control
from nurture.content.problems import HeaderRefused
from nurture.domains import ascii_domain

SOFT_LIMIT = 76
LONGEST_LINE = 998
LONGEST_ADDRESS = 254
LONGEST_VALUE = 16_384

_PLAIN = re.compile(r"[ -~]*")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*")
_MESSAGE_ID = re.compile(r"<[!-;=?-~]+@[!-;=?-~]+>")
_NAME = re.compile(r"[!-9;-~]{1,60}")

# What may stand as itself in an encoded word within a phrase (RFC 2047 §5.3), and be nothing else.
_Q_SAFE = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")
_Q = [chr(octet) if octet in _Q_SAFE else "_" if octet == 0x20 else f"={octet:02X}" for octet in range(256)]
_WORD_FRAME = len("=?utf-8?q??=")


def refuse_controls(header: str, value: str) -> None:
    """Raise HeaderRefused where a value could begin a line of its own, encoded or not."""
    if len(value) > LONGEST_VALUE:
        raise HeaderRefused(header, f"its value has {len(value)} characters, and {LONGEST_VALUE} are the most")
    try:
        hides = hides_control(value)
    except Unreadable:
        raise HeaderRefused(header, "its value holds an encoded word that cannot be read") from None
    if hides:
        raise HeaderRefused(header, "its value holds a line break or another control character")


def unstructured(header: str, value: str) -> str:
    """A whole header line for free text, folded, ending in CRLF."""
    refuse_controls(header, value)
    if not _NAME.fullmatch(header):
        raise HeaderRefused(header, "a header's name is made of printable ASCII letters without spaces or colons")
    if _stands_as_is(value):
        return f"{_folded(header + ': ' + value)}\r\n"
    return f"{header}: {_words(value, len(header) + 2)}\r\n"


def _stands_as_is(value: str) -> bool:
    return (
        _PLAIN.fullmatch(value) is not None
        and "=?" not in value
        and "  " not in value
        and value == value.strip()
        and (len(value) < SOFT_LIMIT - 16 or all(len(word) < SOFT_LIMIT - 16 for word in value.split(" ")))
    )


def _folded(line: str) -> str:
    """Breaks a long line before spaces; the space stays, so unfolding gives the same value."""
    lines: list[str] = []
    while len(line) > SOFT_LIMIT:
        cut = line.rfind(" ", line.find(": ") + 2 if not lines else 1, SOFT_LIMIT + 1)
        if cut <= 0:
            break
        lines.append(line[:cut])
        line = line[cut:]
    return "\r\n".join([*lines, line])


def _words(value: str, column: int) -> str:
    """Encoded words of at most 75 characters, one a line, never splitting a character."""
    room = SOFT_LIMIT - _WORD_FRAME - column
    spelt = list(map(_q, value))
    ends = [0, *accumulate(map(len, spelt))]
    if ends[-1] <= room:
        return f"=?utf-8?q?{''.join(spelt)}?="
    mostly_ascii = len(value.encode("utf-8", "replace")) < 1.5 * len(value)
    return "\r\n ".join(_words_q(spelt, ends, room) if mostly_ascii else _words_b(value, room))


def _words_q(spelt: Sequence[str], ends: Sequence[int], room: int) -> Iterable[str]:
    """`ends[n]` is how long the first n characters are together, spelt: each word takes as many as it has room for."""
    first = 0
    while first < len(spelt):
        last = bisect_right(ends, ends[first] + room) - 1
        yield f"=?utf-8?q?{''.join(spelt[first:last])}?="
        first, room = last, SOFT_LIMIT - 1 - _WORD_FRAME


def _words_b(value: str, room: int) -> Iterable[str]:
    word, left = b"", room // 4 * 3
    for character in value:
        octets = character.encode("utf-8", "replace")
        if len(octets) > left:
            yield f"=?utf-8?b?{b64encode(word).decode('ascii')}?="
            word, left = b"", (SOFT_LIMIT - 1 - _WORD_FRAME) // 4 * 3
        word += octets
        left -= len(octets)
    yield f"=?utf-8?b?{b64encode(word).decode('ascii')}?="


@lru_cache(maxsize=4096)
def _q(character: str) -> str:
    return "".join(_Q[octet] for octet in character.encode("utf-8", "replace"))


def mailbox(header: str, name: str, address: str) -> str:
    """A whole header line for one person: a display name, if any, and an address."""
    refuse_controls(header, name)
    spec = addr_spec(header, address)
    phrase = _phrase(name.strip(), len(header) + 2)
    if not phrase:
        return f"{header}: {spec}\r\n"
    last = phrase.rpartition("\n")[2]
    column = len(last) + (0 if last is not phrase else len(header) + 2)
    joint = " " if column + len(spec) + 3 <= SOFT_LIMIT else "\r\n "
    return f"{header}: {phrase}{joint}<{spec}>\r\n"


def _phrase(name: str, column: int) -> str:
    if not _PLAIN.fullmatch(name) or "=?" in name or "  " in name or len(name) > SOFT_LIMIT - 2 - column:
        return _words(name, column)
    if not name or _ATOMS.fullmatch(name):
        return name
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}"' if len(quoted) <= SOFT_LIMIT - 2 - column else _words(name, column)


def addr_spec(header: str, address: str) -> str:
    """The address as SMTP takes it: ASCII, the domain in its IDNA form."""
    refuse_controls(header, address)
    local, _, domain = address.rpartition("@")
    spec = f"{local}@{_ascii_domain(header, domain)}"
    # RFC 2047 §5: no encoded word stands in an address; half of one could find its other half in the name before it.
    if not _LOCAL.fullmatch(local) or "=?" in local or "?=" in local or len(local) > 64 or len(spec) > LONGEST_ADDRESS:
        raise HeaderRefused(header, f'"{address[:80]}" is not an address that plain SMTP can carry')
    return spec


@lru_cache(maxsize=4096)
def _ascii_domain(header: str, domain: str) -> str:
    try:
        plain = ascii_domain(domain)
    except ValueError:
        plain = ""
    if not _DOMAIN.fullmatch(plain):
        raise HeaderRefused(header, f'"{domain[:80]}" is not a mail domain')
    return plain


def message_ids(header: str, ids: Iterable[str]) -> str:
    """A header line of message ids, one a line so that a long thread stays readable."""
    checked = [_message_id(header, one) for one in ids]
    refuse_controls(header, " ".join(checked))  # a word may begin in one id and end in another
    return f"{header}: " + "\r\n ".join(checked) + "\r\n"


def _message_id(header: str, one: str) -> str:
    refuse_controls(header, one)
    if not _MESSAGE_ID.fullmatch(one) or len(one) > LONGEST_LINE - 20:
        raise HeaderRefused(header, f'"{one[:80]}" is not a message id like <key@domain>')
    return one
