"""A database that was cloned or put back boots held: what it calls unsent may have been sent.

Three signs. It lies elsewhere than where it was last sent from (a dump loaded into another database or cluster; a SQLite file
that was copied). The count in it is lower than the one this machine's state folder remembers: an older state was put back. Business
time is over an hour before what the database saw last. A machine with an empty state folder has no memory and so no
objection, and a new container is not held for it.

What cannot be seen: an older state of a cluster put back as a whole, where no machine that sent since keeps its state
folder; a copy of the whole machine, folder included. A SQLite file that was rewritten (VACUUM INTO, moved to another
disk) looks like a copy: `nurture resume` says that it is not one.
"""

import logging
from datetime import datetime
from functools import cache
from pathlib import Path

from sqlalchemy import Connection

from nurture.storage.brakes import EVERYTHING, JUMP, Brake, put_on
from nurture.storage.database import Database
from nurture.storage.instance import instance
from nurture.storage.watch import known, place_of, write_mark
from nurture.storage.words import BrakeKind

log = logging.getLogger(__name__)


def watch_database(db: Database, folder: Path, now: datetime) -> list[Brake]:
    """Look for the signs, put on what they ask for, and write down the next count here and there.

    The folder is read before the database and written after the commit: it never knows more than a database that is well.
    """
    with db.read() as c:
        file = folder / f"{instance(c).fingerprint()}.mark"
    remembered = _remembered(file)
    with db.begin() as c:
        signs = [brake for brake in _signs(c, remembered, now) if put_on(c, brake)]
        mark = write_mark(c, now)
    for brake in signs:
        log.error("%s Nothing is sent until a person has looked and runs `nurture resume`.", brake.why)
    _remember(file, mark)
    return signs


def _signs(c: Connection, remembered: int, now: datetime) -> list[Brake]:
    last = known(c)
    if last is None:
        return []
    found: list[Brake] = []
    place = place_of(c)
    if place != last.place:
        why = f"This database is a copy: it was last sent from at {last.place}, and lies at {place}."
        found.append(Brake(EVERYTHING, BrakeKind.RESTORED, now, "nurture", why))
    elif last.mark < remembered:
        why = f"This database was put back to an earlier state: that of {last.at:%Y-%m-%d %H:%M} UTC."
        found.append(Brake(EVERYTHING, BrakeKind.RESTORED, now, "nurture", why))
    if now < last.at - JUMP:
        why = f"The database's clock says {now:%Y-%m-%d %H:%M} UTC, and it was {last.at:%Y-%m-%d %H:%M} UTC already."
        found.append(Brake(EVERYTHING, BrakeKind.CLOCK, now, "nurture", why))
    return found


def _remembered(file: Path) -> int:
    try:
        return int(file.read_text("ascii"))
    except (OSError, ValueError):
        return 0


def _remember(file: Path, mark: int) -> None:
    """A folder that cannot be written to costs this sign, and stops nothing."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        new = file.with_suffix(".new")
        new.write_text(str(mark), "ascii")
        new.replace(file)
    except OSError as error:
        _say_once(file, str(error))


@cache
def _say_once(file: Path, reason: str) -> None:
    log.warning("%s cannot be written (%s): an older database put back will not be noticed here.", file, reason)
