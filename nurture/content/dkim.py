"""Signing finished messages with DKIM (RFC 6376): a line or two on top, by which receivers know who answers for the mail.

A signature covers the whole body and the head fields below. Each of them is named once more than it occurs, so that a
second one, or one that a mail lacks, cannot be slipped in (§8.15). Fields and body are compared `relaxed`: servers on the
way may fold lines and squeeze spaces. The same message and keys always give the same bytes: there is no time in a signature
(`t=` and `x=`; receivers need neither), and no length of the body (`l=`), behind which anything could be added.

With two keys there are two signatures, neither of which covers the other. RSA stands on top: a receiver that reads the first
one only, or does not know ed25519 (RFC 8463) and calls its signature an error, has met the one that everybody knows.
"""

import hashlib
from base64 import b64encode
from collections.abc import Iterable, Sequence
from functools import lru_cache

from nurture.content.dkim_keys import Algorithm, DkimKey, DkimProblem
from nurture.content.relaxed import relaxed_body, relaxed_fields

SIGNED = (
    b"from", b"to", b"cc", b"subject", b"date", b"message-id", b"reply-to", b"in-reply-to", b"references", b"sender",
    b"mime-version", b"content-type", b"content-transfer-encoding", b"content-language", b"auto-submitted",
    b"list-unsubscribe", b"list-unsubscribe-post",
)  # fmt: skip
"""What a person reads, what a program acts upon, and what would change how the body is read (RFC 8058 §4 asks for the last
two). Fields for a server on the way, which takes them out, are not among them."""

LINE = 72


class Signer:
    """Signs messages for one domain. May be used by several threads at once."""

    def __init__(self, domain: str, keys: Iterable[DkimKey]) -> None:
        """Raises DkimProblem for two keys of a kind: a second signature of the same kind tells a receiver nothing."""
        self._domain = domain
        self._keys = sorted(keys, key=lambda key: key.algorithm is not Algorithm.RSA)
        kinds = [key.algorithm for key in self._keys]
        if len(set(kinds)) < len(kinds):
            raise DkimProblem(
                f"There are two keys for {kinds[0]}: name the one that signs, and one of each kind at most."
            )

    @property
    def keys(self) -> Sequence[DkimKey]:
        """In the order of the signatures."""
        return self._keys

    def __call__(self, message: bytes) -> bytes:
        """The message with its signatures on top. It has CRLF line ends only, and must not be changed any more."""
        head, _, body = message.partition(b"\r\n\r\n")
        return self.signatures(head, relaxed_body(body)) + message

    def signatures(self, head: bytes, relaxed: bytes) -> bytes:
        """The lines to put on top of a message with this head, whose body is known as `relaxed_body` makes it."""
        names, covered = _covered(relaxed_fields(head))
        body_hash = b64encode(hashlib.sha256(relaxed).digest())
        return b"".join([self._signature(key, names, covered, body_hash) for key in self._keys])

    def _signature(self, key: DkimKey, names: tuple[bytes, ...], covered: bytes, body_hash: bytes) -> bytes:
        """One field. What is signed ends with the field itself, its `b=` empty and its end left away (§3.7)."""
        written, relaxed = _frame(key.algorithm, self._domain, key.selector, names)
        signature = b64encode(key.sign(b"".join((covered, relaxed, body_hash, b"; b="))))
        lines = b"\r\n ".join(signature[at : at + LINE] for at in range(0, len(signature), LINE))
        return b"".join((written, body_hash, b";\r\n b=", lines, b"\r\n"))


def _covered(fields: Sequence[tuple[bytes, bytes]]) -> tuple[tuple[bytes, ...], bytes]:
    """The names of what is signed, and the fields themselves; of several of a name the last comes first (§5.4.2)."""
    found: dict[bytes, list[bytes]] = {}
    for name, value in reversed(fields):
        found.setdefault(name, []).append(value)
    names: list[bytes] = []
    lines: list[bytes] = []
    for name in SIGNED:
        values = found.get(name, ())
        names += [name] * (len(values) + 1)
        lines += [b"%b:%b\r\n" % (name, value) for value in values]
    return tuple(names), b"".join(lines)


@lru_cache(maxsize=256)
def _frame(algorithm: Algorithm, domain: str, selector: str, names: tuple[bytes, ...]) -> tuple[bytes, bytes]:
    """A signature up to the hash of the body: as it is written, and relaxed. Mails of one kind share it."""
    fixed = f"DKIM-Signature: v=1; a={algorithm}; c=relaxed/relaxed;\r\n d={domain}; s={selector};\r\n h="
    written = fixed.encode("ascii") + _folded(names) + b";\r\n bh="
    ((name, value),) = relaxed_fields(written)
    return written, b"%b:%b" % (name, value)


def _folded(names: Iterable[bytes]) -> bytes:
    """Names between colons, on lines of moderate length."""
    lines = [b""]
    for name in names:
        if len(lines[-1]) + len(name) > LINE:
            lines.append(b"")
        lines[-1] += name + b":"
    return b"\r\n ".join(lines)[:-1]
