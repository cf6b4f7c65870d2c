"""Keys for the tests, and an opponent that checks signatures: dkimpy, which looks records up in a DNS of our own."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache

import dkim

from nurture.content.dkim import Signer
from nurture.content.dkim_keys import Algorithm, DkimKey, new_key, record_name

DOMAIN = "exemple.example"
SELECTORS = {Algorithm.RSA: "nurture-rsa", Algorithm.ED25519: "nurture-ed25519"}


def a_key(algorithm: Algorithm = Algorithm.RSA, which: int = 0) -> DkimKey:
    """A key; another for each `which`."""
    return _made(algorithm, which)


@cache
def _made(algorithm: Algorithm, which: int) -> DkimKey:
    return new_key(SELECTORS[algorithm], algorithm)


def a_signer(*algorithms: Algorithm, which: int = 0) -> Signer:
    """Signs with a key of each algorithm; of both where none is named."""
    return Signer(DOMAIN, [a_key(algorithm, which) for algorithm in algorithms or Algorithm])


def dns(keys: Sequence[DkimKey]) -> Callable[..., bytes | None]:
    """What a name server would answer with, once the records of these keys are published."""
    records: Mapping[str, str] = {record_name(key.selector, DOMAIN) + ".": key.record() for key in keys}

    def answer(name: bytes, timeout: float = 5) -> bytes | None:
        found = records.get(name.decode())
        return found.encode() if found is not None else None

    return answer


def holds(message: bytes, keys: Sequence[DkimKey] | None = None) -> list[bool]:
    """For each signature of the message, the topmost first, whether dkimpy believes it."""
    published = dns(keys if keys is not None else [a_key(algorithm) for algorithm in Algorithm])
    return [_holds(message, at, published) for at in range(message.count(b"DKIM-Signature:"))]


def _holds(message: bytes, at: int, published: Callable[..., bytes | None]) -> bool:
    try:
        return bool(dkim.DKIM(message).verify(at, dnsfunc=published))
    except dkim.ValidationError:
        return False


def a_weak_key() -> DkimKey:
    """As short as receivers just put up with."""
    return new_key("old", Algorithm.RSA, bits=1024)
