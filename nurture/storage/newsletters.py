"""How far each newsletter has come: begun once, continued by whoever finds it, and never done twice."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from nurture.storage.bulk import insert_rows
from nurture.storage.tables import newsletters

_N = newsletters.c
_ALL = (_N.name, _N.begun_at, _N.looked_to, _N.told, _N.done_at)


@dataclass(frozen=True, slots=True)
class Progress:
    """Contacts up to the number `looked_to` were asked; `told` of them were in the segment, and heard of it."""

    name: str
    begun_at: datetime
    looked_to: int = 0
    told: int = 0
    done_at: datetime | None = None


def progress_of(c: Connection) -> dict[str, Progress]:
    """Of every newsletter that was begun."""
    return {row.name: Progress(*row) for row in c.execute(select(*_ALL).order_by(_N.name))}


def begin(c: Connection, name: str, now: datetime) -> bool:
    """Say that its instant has come; False where that was said before."""
    names = ("name", "begun_at", "looked_to", "told", "done_at")
    return bool(insert_rows(c, newsletters, names, [(name, now, 0, 0, None)], unless=["name"], returning=["name"]))


def take(c: Connection, name: str) -> Progress | None:
    """Where it stands, for nobody else to go on until the transaction ends; None when it is done."""
    row = c.execute(select(*_ALL).where(_N.name == name, _N.done_at.is_(None)).with_for_update()).first()
    return None if row is None else Progress(*row)


def advance(c: Connection, name: str, looked_to: int, told: int) -> None:
    """So far it has come, `told` more have heard."""
    c.execute(update(newsletters).where(_N.name == name).values(looked_to=looked_to, told=_N.told + told))


def finish(c: Connection, name: str, now: datetime) -> None:
    """Nobody is left to ask, or it is too late to."""
    c.execute(update(newsletters).where(_N.name == name).values(done_at=now))
