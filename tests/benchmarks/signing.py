"""The same mail signed by nurture and by dkimpy, in turns; and keys for workers that sign."""

import base64
import os
import tempfile
import time
from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import dkim
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from nurture.content.dkim import SIGNED, Signer
from nurture.content.dkim_keys import Algorithm, DkimKey
from nurture.content.key_store import write_keys
from nurture.content.render import render
from nurture.content.skeleton import Skeleton
from tests.benchmarks.comparing import Line, say
from tests.content.builders import a_heading, compiled
from tests.signing import DOMAIN, a_key, holds

VALUES = {"first_name": "Zoé"}
KINDS: Mapping[str, tuple[Algorithm, ...]] = {
    "rsa": (Algorithm.RSA,),
    "ed25519": (Algorithm.ED25519,),
    "both": tuple(Algorithm),
}


def measure(options: Namespace) -> list[Line]:
    """Print a line for each kind of key."""
    skeleton = compiled()
    return [_line(skeleton, kind, [a_key(one) for one in KINDS[kind]], options) for kind in KINDS]


def _line(skeleton: Skeleton, kind: str, keys: Sequence[DkimKey], options: Namespace) -> Line:
    signer, heading = Signer(DOMAIN, keys), a_heading()
    plain = render(skeleton, VALUES, heading).data
    sides: Mapping[str, tuple[Callable[[], bytes], int]] = {
        "unsigned": (lambda: render(skeleton, VALUES, heading).data, options.mails),
        "ours": (lambda: render(skeleton, VALUES, heading, signer).data, options.mails),
        "dkimpy": (_theirs(plain, keys), max(options.mails // 10, 1)),
    }
    for make in (sides["ours"][0], sides["dkimpy"][0]):
        assert all(holds(make())), "a signature that nobody believes costs nothing"
    rounds: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(options.rounds):
        for name, (make, mails) in sides.items():
            rounds[name].append(_seconds(make, mails))
    unsigned, ours, theirs = (median(rounds[name]) * 1e6 for name in ("unsigned", "ours", "dkimpy"))
    return say(
        {
            "benchmark": "dkim",
            "keys": kind,
            "octets": len(plain),
            "render_us": round(unsigned, 1),
            "signing_us": round(ours - unsigned, 1),
            "dkimpy_us": round(theirs, 1),
            "ratio_dkimpy": round(theirs / (ours - unsigned), 1),
        }
    )


def _seconds(make: Callable[[], bytes], mails: int) -> float:
    """Of processor time, a mail."""
    began = time.process_time()
    for _ in range(mails):
        make()
    return (time.process_time() - began) / mails


def _theirs(plain: bytes, keys: Sequence[DkimKey]) -> Callable[[], bytes]:
    """The same fields, the same forms; a signature a key."""
    secrets = [(key, _secret(key)) for key in keys]

    def signed() -> bytes:
        message = plain
        for key, secret in secrets:
            line = dkim.sign(
                plain,
                key.selector.encode(),
                DOMAIN.encode(),
                secret,
                canonicalize=(b"relaxed", b"relaxed"),
                signature_algorithm=key.algorithm.encode(),
                include_headers=list(SIGNED),
            )
            message = line + message
        return message

    return signed


def _secret(key: DkimKey) -> bytes:
    """As dkimpy wants it."""
    raw = serialization.Encoding.Raw, serialization.PrivateFormat.Raw
    old = serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL
    form = old if isinstance(key.private, rsa.RSAPrivateKey) else raw
    secret = key.private.private_bytes(*form, serialization.NoEncryption())
    return secret if form is old else base64.b64encode(secret)


@contextmanager
def signing(kind: str) -> Iterator[None]:
    """Within the block, this process and its children are set to sign with keys of this kind; "none" changes nothing."""
    if kind == "none":
        yield
        return
    keys = [a_key(one) for one in KINDS[kind]]
    with tempfile.TemporaryDirectory(prefix="nurture-dkim-") as folder:
        paths = write_keys(Path(folder), keys)
        files = ",".join(f"{key.selector}={path}" for key, path in zip(keys, paths, strict=True))
        os.environ |= {"NURTURE_DKIM_DOMAIN": DOMAIN, "NURTURE_DKIM_KEYS": files}
        try:
            yield
        finally:
            del os.environ["NURTURE_DKIM_DOMAIN"], os.environ["NURTURE_DKIM_KEYS"]
