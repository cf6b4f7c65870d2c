"""What most commands begin with: the settings, the database, the contact or campaign that was named."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nurture.cli.errors import CommandProblem
from nurture.cli.terminal import Terminal

if TYPE_CHECKING:
    from datetime import datetime

    import typer
    from sqlalchemy import Connection

    from nurture.config import Settings
    from nurture.storage.contacts import FoundContact
    from nurture.storage.database import Database


@dataclass(frozen=True, slots=True)
class Session:
    """A command at work on a database."""

    terminal: Terminal
    settings: "Settings"
    db: "Database"

    def now(self) -> "datetime":
        """Business time: the database's, as the workers read it, unless the terminal was given a clock."""
        from nurture.storage.database import real_now

        if self.terminal.given_clock is not None:
            return self.terminal.given_clock.now()
        with self.db.read() as c:
            return real_now(c)


def terminal_of(ctx: "typer.Context") -> Terminal:
    """The terminal that the command was called from."""
    found = ctx.find_object(Terminal)
    return found if found is not None else Terminal()


def read_settings(terminal: Terminal) -> "Settings":
    """The settings (SettingsProblem: every mistake in them)."""
    from nurture.config import load_settings

    settings = load_settings()
    terminal.debug = terminal.debug or settings.debug
    return settings


@contextmanager
def opened(ctx: "typer.Context") -> Iterator[Session]:
    """The database of the settings (DatabaseProblem: not there, not reached, not upgraded), closed at the end."""
    from nurture.storage.database import Database

    terminal = terminal_of(ctx)
    settings = read_settings(terminal)
    db = Database.open(settings.database_url)
    try:
        yield Session(terminal, settings, db)
    finally:
        db.close()


def the_contact(c: "Connection", wanted: str) -> "FoundContact":
    """The contact of that address or key."""
    from nurture.storage.contacts import find_contact

    found = find_contact(c, wanted)
    if found is None:
        raise CommandProblem(
            f"There is no contact {wanted!r}: write its whole address or its key; "
            "`nurture contacts import` takes people in."
        )
    return found


def known_campaign(name: str, known: Iterable[str]) -> None:
    """See that a campaign was named rightly (CommandProblem: which was meant, or which there are)."""
    from difflib import get_close_matches

    names = list(dict.fromkeys(known))
    if name in names:
        return
    near = get_close_matches(name, names, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(names)}."
    raise CommandProblem(f"There is no campaign {name!r}; {hint}")
