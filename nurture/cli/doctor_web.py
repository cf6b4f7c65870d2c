"""The doctor's look at the authors' files and at the web: what people would be shown, and whether they can reach it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from nurture.cli.findings import Finding, fail, ok, warn

if TYPE_CHECKING:
    from nurture.config import Settings

LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


def examine(settings: "Settings") -> Iterator[Finding]:
    """The files, the address that links begin with, what signs them, and the port."""
    yield _files(settings)
    yield _base_url(settings.base_url)
    if settings.secret is None and not is_local(settings.base_url):
        yield warn(
            "secret",
            "links are signed with a secret kept in the database: whoever reads it can forge them",
            "set NURTURE_SECRET to 32 random characters or more, the same on every machine",
        )
    else:
        yield ok("secret", "set" if settings.secret else "kept in the database, enough for one machine")
    yield _port(settings)


def _files(settings: "Settings") -> Finding:
    from nurture.cli.check import checked_files, summary
    from nurture.cli.errors import CommandProblem

    try:
        checked = checked_files(settings)
    except CommandProblem as problem:
        said, _, remedy = str(problem).partition(": ")
        return fail("files", said, remedy)
    if checked.errors:
        return fail("files", summary(checked), "run `nurture check` and mend them")
    return warn("files", summary(checked), "run `nurture check`") if checked.problems else ok("files", summary(checked))


def is_local(url: str) -> bool:
    """Whether only this machine can follow the address."""
    return (urlsplit(url).hostname or "") in LOCAL


def _base_url(url: str) -> Finding:
    if is_local(url):
        return warn(
            "base url",
            f"{url}: links in mails work on this machine only",
            "set NURTURE_BASE_URL to the public https address before writing to anybody",
        )
    if not url.startswith("https://"):
        return fail("base url", f"{url} is not encrypted, and links carry tokens", "serve it over https")
    return ok("base url", url)


def _port(settings: "Settings") -> Finding:
    from nurture.web.serving import PortTaken, listen

    try:
        listen(settings.host, settings.port).close()
    except PortTaken as problem:
        said, _, remedy = str(problem).partition(": ")
        return warn("port", said, f"fine when that is nurture itself; else {remedy}")
    return ok("port", f"{settings.port} of {settings.host} is free")
