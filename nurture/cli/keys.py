"""`nurture keys`: the API keys with which programs post events."""

from typing import Annotated

import typer

from nurture.cli.errors import CommandProblem
from nurture.cli.opening import opened
from nurture.cli.options import AsJson

Name = Annotated[str, typer.Argument(help="Whose key it is, such as website.")]


def create(ctx: typer.Context, name: Name, as_json: AsJson = False) -> None:
    """Make a key and show it: only now, since only its hash is kept."""
    from nurture.storage.keys import create_key

    if not name.strip():
        raise CommandProblem("A key needs a name: write whose it is, such as `nurture keys create website`.")
    with opened(ctx) as session, session.db.begin() as c:
        key = create_key(c, name.strip(), session.now())
    if key is None:
        raise CommandProblem(f"There is a key named {name!r} already: choose another name; a name is never used twice.")
    if as_json:
        session.terminal.data({"name": name.strip(), "key": key})
    else:
        session.terminal.say(key)
        session.terminal.note("Keep it now: it is not shown again. Programs send it as `Authorization: Bearer …`.")


def list_(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List all keys by name, revoked ones too."""
    from nurture.storage.keys import list_keys

    with opened(ctx) as session, session.db.read() as c:
        keys = list_keys(c)
    if as_json:
        session.terminal.data(keys)
    elif not keys:
        session.terminal.say("There are no keys: `nurture keys create NAME` makes one.")
    else:
        rows = [(key.name, _day(key.created_at), _day(key.revoked_at) or "in use") for key in keys]
        session.terminal.table(["Name", "Made", "Revoked"], rows)


def revoke(ctx: typer.Context, name: Name) -> None:
    """Never accept the key of that name again."""
    from nurture.storage.keys import list_keys, revoke_key

    with opened(ctx) as session, session.db.begin() as c:
        done = revoke_key(c, name, session.now())
        known = [key.name for key in list_keys(c)]
    if not done:
        raise CommandProblem(
            f"The key {name!r} is revoked already."
            if name in known
            else f"There is no key named {name!r}: `nurture keys list` shows them."
        )
    session.terminal.say(f"The key {name} is not accepted any more.")


def _day(instant: object) -> str:
    return f"{instant:%Y-%m-%d %H:%M} UTC" if instant is not None else ""
