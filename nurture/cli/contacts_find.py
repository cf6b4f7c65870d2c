"""`nurture contacts find`: whom a condition means, now."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from itertools import islice
from typing import TYPE_CHECKING, Annotated

import typer

from nurture.cli.opening import Session, known_campaign, opened
from nurture.cli.rejected import harmless
from nurture.cli.terminal import Terminal
from nurture.texts.counting import counted

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from nurture.core.conditions import Condition
    from nurture.core.program import Program
    from nurture.core.world import World
    from nurture.storage.listed import Listed

SHOWN = 20
"""Contacts named on the screen."""

AT_ONCE = 500
"""Contacts looked up in one statement."""


class Form(StrEnum):
    """How contacts are written."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"


def find(
    ctx: typer.Context,
    condition: Annotated[
        str, typer.Argument(help="As campaigns have it, such as 'engagement >= 20 and tagged(\"x\")'.")
    ],
    campaign: Annotated[
        str, typer.Option(help="Whose stages may be asked for; signals count since the passage through it began.")
    ] = "",
    count: Annotated[bool, typer.Option("--count", help="Only tell how many.")] = False,
    form: Annotated[
        Form, typer.Option("--format", help="How contacts are written; text shows the first 20.")
    ] = Form.TEXT,
) -> None:
    """Find the contacts who meet a condition now."""
    with opened(ctx) as session:
        question = _question(session, condition, campaign)
        with session.db.read() as c:
            if count:
                _tell_number(session.terminal, question.count(c), form)
            else:
                _tell(session.terminal, question, c, form)


@dataclass(frozen=True, slots=True)
class _Question:
    """A condition, and what it is read against."""

    condition: "Condition"
    world: "World"
    now: "datetime"
    campaign: str | None
    fields: Sequence[str]

    def count(self, c: "Connection") -> int:
        """How many meet it."""
        from nurture.storage.conditions import count_contacts

        return count_contacts(c, self.condition, self.world, self.now, self.campaign)

    def contacts(self, c: "Connection") -> "Iterator[Listed]":
        """Those who meet it; never more than some hundreds are held."""
        from nurture.storage.conditions import select_contacts
        from nurture.storage.listed import listed

        found = select_contacts(c, self.condition, self.world, self.now, self.campaign)
        while ids := list(islice(found, AT_ONCE)):
            yield from listed(c, ids)


def _question(session: Session, condition: str, campaign: str) -> _Question:
    """Before anything is applied, profiles and signals can be asked for, and nothing is worth any points."""
    from nurture.authoring.asking import read_condition, vocabulary_of
    from nurture.core.world import World
    from nurture.engine.worlds import NothingApplied, Worlds

    try:
        compiled = Worlds(session.db).current().compiled
    except NothingApplied:
        compiled = None
    world = compiled.world if compiled is not None and compiled.world is not None else World(hash="", salt=b"")
    known = vocabulary_of(compiled, _program(world, campaign))
    return _Question(read_condition(condition, known), world, session.now(), campaign or None, tuple(known.fields))


def _program(world: "World", campaign: str) -> "Program | None":
    if not campaign:
        return None
    known_campaign(campaign, world.current)
    return world.program(campaign, world.current[campaign])


def _tell_number(terminal: Terminal, number: int, form: Form) -> None:
    if form is Form.JSON:
        terminal.data({"contacts": number})
    else:
        terminal.say(str(number))


def _tell(terminal: Terminal, question: _Question, c: "Connection", form: Form) -> None:
    match form:
        case Form.TEXT:
            _tell_first(terminal, question, c)
        case Form.JSON:
            terminal.data([asdict(one) for one in question.contacts(c)])
        case Form.CSV:
            _write(terminal, question.fields, question.contacts(c))


def _tell_first(terminal: Terminal, question: _Question, c: "Connection") -> None:
    number = question.count(c)
    rows = [
        (_name(one), one.address, one.company, one.country, one.status) for one in islice(question.contacts(c), SHOWN)
    ]
    if rows:
        terminal.table(["Name", "Address", "Company", "Country", "Status"], rows)
    terminal.say(f"{counted(number, 'contact')}." if number else "Nobody.")
    if number > SHOWN:
        terminal.note(f"These are the first {SHOWN}: --format csv or json writes them all.")


def _name(one: "Listed") -> str:
    return " ".join(str(one.fields[part]) for part in ("first_name", "last_name") if one.fields.get(part))


def _write(terminal: Terminal, fields: Sequence[str], found: "Iterable[Listed]") -> None:
    """What a spreadsheet opens without calculating anything."""
    own = ("country", "language")
    names = [name for name in fields if name not in own]
    out = csv.writer(terminal.out.file, lineterminator="\n")
    out.writerow(["email", "key", "status", *own, "tags", *names])
    for one in found:
        told = [one.address, one.key, one.status, one.country, one.language, " ".join(sorted(one.tags))]
        out.writerow([harmless(str(cell)) for cell in (*told, *(one.fields.get(name, "") for name in names))])
