"""`nurture dkim`: keys that sign mail, and the records of the DNS that receivers check it by."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nurture.cli.errors import CommandProblem
from nurture.cli.opening import read_settings, terminal_of
from nurture.cli.options import AsJson

if TYPE_CHECKING:
    from nurture.cli.terminal import Terminal
    from nurture.content.dkim_keys import DkimKey


class Kind(StrEnum):
    """A kind of key, as people call it."""

    RSA = "rsa"
    ED25519 = "ed25519"


def new(
    ctx: typer.Context,
    domain: Annotated[str, typer.Argument(help="The domain that signs, such as exemple.example.")],
    name: Annotated[
        str, typer.Option(help="What the selectors begin with; take another for each new pair.")
    ] = "nurture",
    folder: Annotated[Path, typer.Option(metavar="DIR", help="Where the private keys go.")] = Path("dkim"),
    only: Annotated[Kind | None, typer.Option(help="One key instead of two.")] = None,
    bits: Annotated[int, typer.Option(min=2048, max=4096, help="Of the RSA key.")] = 2048,
    as_json: AsJson = False,
) -> None:
    """Make keys for signing mail, an RSA and an ed25519 one, and tell what to publish and what to set."""
    from nurture.config import checked_domain
    from nurture.content.dkim_keys import Algorithm, new_key
    from nurture.content.key_store import write_keys
    from nurture.key_files import checked_selector

    kinds = [only] if only is not None else list(Kind)
    try:
        domain = checked_domain(domain)
        selectors = [checked_selector(f"{name}-{kind}") for kind in kinds]
    except ValueError as problem:
        raise CommandProblem(f"{problem}.", code=2) from None
    keys = [new_key(s, Algorithm[kind.name], bits) for s, kind in zip(selectors, kinds, strict=True)]
    try:
        paths = write_keys(folder, keys)
    except FileExistsError as there:
        raise CommandProblem(
            f"{there} is there already, and no key is written over: choose other selectors with --name, such as "
            f"--name {name}-2, publish them beside the old ones, and change NURTURE_DKIM_KEYS then."
        ) from None
    settings = {
        "NURTURE_DKIM_DOMAIN": domain,
        "NURTURE_DKIM_KEYS": ",".join(f"{key.selector}={path}" for key, path in zip(keys, paths, strict=True)),
    }
    if as_json:
        terminal_of(ctx).data({"records": _records(domain, keys), "settings": settings})
    else:
        _tell(terminal_of(ctx), domain, keys, paths, settings)


def show(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Show the records of the keys that sign now, as they must be in the DNS."""
    terminal = terminal_of(ctx)
    domain, keys = signing_keys(terminal)
    if as_json:
        terminal.data({"records": _records(domain, keys)})
    else:
        _say_records(terminal, domain, keys)


def signing_keys(terminal: "Terminal") -> "tuple[str, Sequence[DkimKey]]":
    """The domain and the keys of the settings, in the order of the signatures."""
    from nurture.wiring import make_signer

    settings = read_settings(terminal)
    signer = make_signer(settings)
    if settings.dkim_domain is None or signer is None:
        raise CommandProblem("nurture signs no mail: NURTURE_DKIM_DOMAIN is not set; `nurture dkim new` makes keys.")
    return settings.dkim_domain, signer.keys


def _records(domain: str, keys: "Sequence[DkimKey]") -> list[dict[str, Any]]:
    from nurture.content.dkim_keys import record_name, record_strings

    return [
        {
            "name": record_name(key.selector, domain),
            "type": "TXT",
            "value": key.record(),
            "strings": record_strings(key.record()),
            "algorithm": key.algorithm,
        }
        for key in keys
    ]


def _tell(
    terminal: "Terminal", domain: str, keys: "Sequence[DkimKey]", paths: Sequence[Path], settings: dict[str, str]
) -> None:
    terminal.note(
        f"Written, for you alone to read: {', '.join(map(str, paths))}. Keep them secret, and a copy of them."
    )
    terminal.note("\nPublish in the DNS (where a form asks for the value, it is what the quotes hold, joined):\n")
    _say_records(terminal, domain, keys)
    terminal.note("\nOnce everybody can look that up, in an hour or a day, set on every machine that sends:\n")
    for name, value in settings.items():
        terminal.say(f"{name}={value}")
    terminal.note(
        "\n`nurture dkim check` asks the DNS, `nurture doctor` looks at the keys, `nurture send-test` sends a signed mail."
    )


def _say_records(terminal: "Terminal", domain: str, keys: "Sequence[DkimKey]") -> None:
    """As lines of a zone file."""
    for record in _records(domain, keys):
        quoted = [f'"{string}"' for string in record["strings"]]
        value = quoted[0] if len(quoted) == 1 else "\n  ".join(["(", *quoted, ")"])
        terminal.say(f"{record['name']}. IN TXT {value}")
