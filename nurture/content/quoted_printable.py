"""Quoted-printable (RFC 2045 §6.7), piece by piece.

A mail is encoded in pieces that are joined later, so every piece begins at the start of a line:
one that ends within a line closes it with a soft break, which readers take out again. A full stop
or "From " that begins a line is escaped too. Transports still double leading full stops (RFC 5321
§4.5.2); here none is left to double in a body, but headers and that rule are the transport's.
"""

import re

LONGEST_LINE = 76

_PLAIN = re.compile(r"[!-<>-~](?:[ -<>-~]{0,60}[!-<>-~])?")
_ESCAPED = re.compile(rb"[^!-<>-~ ]| (?=\n|\Z)")
_SOFT_BREAK = b"=\r\n"


def encode(text: str) -> bytes:
    """UTF-8, quoted-printable, CRLF at hard line breaks; lines of 76 octets at most."""
    if _PLAIN.fullmatch(text) and not text.startswith((".", "From ")):
        return text.encode("ascii") + _SOFT_BREAK
    lines = text.replace("\r\n", "\n").split("\n")
    encoded = [_hard_line(line) for line in lines[:-1]]
    if lines[-1]:
        encoded.append(_wrapped(_escaped(lines[-1])) + _SOFT_BREAK)
    return b"".join(encoded)


def _hard_line(line: str) -> bytes:
    return _wrapped(_escaped(line)) + b"\r\n"


def _escaped(line: str) -> bytes:
    return _ESCAPED.sub(lambda octet: b"=%02X" % octet[0][0], line.encode("utf-8", "replace"))


def _wrapped(line: bytes) -> bytes:
    """Soft breaks where a line would grow too long, never within an escape."""
    pieces: list[bytes] = []
    at = 0
    while at < len(line) or not pieces:
        lead = b""
        if line.startswith((b".", b"From "), at):
            lead, at = b"=%02X" % line[at], at + 1
        end = min(at + LONGEST_LINE - 1 - len(lead), len(line))
        if end < len(line):
            cut = line.rfind(b"=", max(end - 2, at), end)
            end = cut if cut > at else end
        pieces.append(lead + line[at:end])
        at = end
    return _SOFT_BREAK.join(pieces)
