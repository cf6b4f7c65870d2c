"""The doctor's look at who signs the mail: the keys, whether they are kept well, and whether the signature counts."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from nurture.cli.findings import Finding, fail, ok, warn

if TYPE_CHECKING:
    from nurture.config import Settings
    from nurture.content.dkim import Signer


def examine(settings: "Settings", senders: Sequence[str]) -> Iterator[Finding]:
    """The keys, their files, and the domains that campaigns write from."""
    from nurture.content.dkim_keys import DkimProblem
    from nurture.wiring import make_signer

    if settings.dkim_domain is None:
        yield ok("dkim", "left to the mail server" if settings.provider == "smtp" else "left to the provider")
        return
    try:
        signer = make_signer(settings)
    except DkimProblem as problem:
        said, _, remedy = str(problem).rpartition(": ")
        yield fail("dkim", said, remedy)
        return
    assert signer is not None
    yield ok(
        "dkim", f"signs for {settings.dkim_domain} with {_keys(signer)}; `nurture dkim check` asks the DNS for the keys"
    )
    yield from _weak(signer)
    yield from _open(settings)
    yield from _strangers(settings.dkim_domain, senders)


def aligned(one: str, other: str) -> bool:
    """Whether one domain is the other, or lies in it."""
    return one == other or one.endswith(f".{other}") or other.endswith(f".{one}")


def _keys(signer: "Signer") -> str:
    from nurture.content.dkim_keys import Algorithm

    return " and ".join(
        f"RSA {key.bits} ({key.selector})" if key.algorithm is Algorithm.RSA else f"ed25519 ({key.selector})"
        for key in signer.keys
    )


def _weak(signer: "Signer") -> Iterator[Finding]:
    from nurture.content.dkim_keys import USUAL, Algorithm

    for key in signer.keys:
        if key.algorithm is Algorithm.RSA and key.bits < USUAL:
            yield warn(
                "dkim",
                f"the RSA key of {key.selector} has {key.bits} bits, which can be broken",
                "make another with `nurture dkim new`, and take the old one out of the DNS when it signs no more",
            )
    if all(key.algorithm is not Algorithm.RSA for key in signer.keys):
        yield warn("dkim", "many receivers do not know ed25519 yet", "sign with an RSA key as well")


def _open(settings: "Settings") -> Iterator[Finding]:
    from nurture.content.key_store import is_open_to_others

    for file in settings.key_files:
        if is_open_to_others(file.path):
            yield warn(
                "dkim",
                f"{file.path} can be read by other users of this machine, who could write in your name",
                f"chmod 600 {file.path}",
            )


def _strangers(domain: str, senders: Sequence[str]) -> Iterator[Finding]:
    strangers = [name for name in senders if not aligned(name, domain)]
    if strangers:
        yield warn(
            "dkim",
            f"campaigns write from {', '.join(strangers)}, for whom a signature of {domain} does not count (DMARC)",
            "sign with the senders' domain, or write from it",
        )
