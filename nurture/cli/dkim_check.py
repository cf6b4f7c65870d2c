"""`nurture dkim check`: whether the DNS answers with the records of the keys that sign, as receivers will ask it."""

from typing import TYPE_CHECKING, Annotated

import typer

from nurture.cli.dkim import signing_keys
from nurture.cli.errors import CommandProblem
from nurture.cli.opening import terminal_of

if TYPE_CHECKING:
    from dns.resolver import Resolver

    from nurture.content.dkim_keys import DkimKey

SECONDS = 5.0
PORT = 53


def check(
    ctx: typer.Context,
    server: Annotated[
        str, typer.Option(metavar="IP[:PORT]", help="Ask this name server, such as your domain's own, past all caches.")
    ] = "",
) -> None:
    """Ask the DNS for the records of the keys that sign now. Exit code 1 when receivers would not believe a signature."""
    from nurture.content.dkim_keys import record_name

    terminal = terminal_of(ctx)
    domain, keys = signing_keys(terminal)
    resolver = _resolver(server)
    is_wrong = False
    for key in keys:
        name = record_name(key.selector, domain)
        wrong = _what_is_wrong(resolver, name, key)
        is_wrong = is_wrong or bool(wrong)
        terminal.say(
            f"{'fail' if wrong else 'ok':<5} {name}  {wrong or 'is published'}", style="red" if wrong else "green"
        )
    if is_wrong:
        terminal.note("`nurture dkim show` tells what is to be published. Caches may hold an older answer for a day.")
        raise typer.Exit(1)


def _resolver(server: str) -> "Resolver":
    from dns.exception import DNSException
    from dns.resolver import Resolver

    host, _, port = server.partition(":") if server.count(":") < 2 else (server, "", "")
    try:
        resolver = Resolver(configure=not server)
        if server:
            resolver.nameservers = [host]
            resolver.port = int(port or PORT)
    except (ValueError, DNSException) as problem:
        raise CommandProblem(
            f"No name server can be asked ({problem}): name one with --server, as in --server 192.0.2.1."
        ) from None
    resolver.lifetime = SECONDS
    return resolver


def _what_is_wrong(resolver: "Resolver", name: str, key: "DkimKey") -> str:
    """In a sentence; empty when receivers find the key."""
    from dns.exception import DNSException
    from dns.resolver import NXDOMAIN, NoAnswer

    try:
        found = [b"".join(record.strings).decode("ascii", "replace") for record in resolver.resolve(name, "TXT")]
    except (NXDOMAIN, NoAnswer):
        return "is not published: nobody can check the signature"
    except DNSException as problem:
        return f"cannot be looked up ({type(problem).__name__}): ask again later, or another server with --server"
    if len(found) > 1:
        return f"is published {len(found)} times: receivers may take either; leave one"
    return (
        ""
        if key.is_published_as(found[0])
        else "is published with another key: receivers take the signature for forged"
    )
