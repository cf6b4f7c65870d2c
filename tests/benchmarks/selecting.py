"""Both ways of finding whom a condition means, on a crowd of contacts that differ."""

import time
from argparse import Namespace
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from statistics import median

from sqlalchemy import Connection, text

from nurture.authoring.asking import read_condition, vocabulary_of
from nurture.core.conditions import Condition
from nurture.core.state import ContactState, Day
from nurture.core.words import SignalKind
from nurture.core.world import World
from nurture.engine.worlds import Worlds
from nurture.storage.bulk import is_sqlite
from nurture.storage.conditions import Asked, holds_now, select_contacts
from nurture.storage.contacts import NewContact, every_contact_id, upsert_contacts
from nurture.storage.database import Database
from nurture.storage.load import load_contacts
from nurture.storage.states import save_states
from tests.benchmarks.campaign import apply_campaigns
from tests.benchmarks.comparing import Line, say
from tests.benchmarks.places import fresh_databases
from tests.benchmarks.settings import MONDAY, SUNDAY

CONDITIONS = (
    'country in ["FR", "BE"] and employees >= 500',
    'city = "besançon"',
    'tagged("salon-7")',
    'visited("/tarifs") >= 3 within 14 days',
    "clicked() within 7 days",
    "engagement >= 20",
    'fit >= "B"',
    'engagement >= 20 and fit >= "B" and not status = "customer"',
)
CITIES = ("Lyon", "Besançon", "Lille", "Nantes", "Orléans", "Bruxelles", "Genève", "Toulouse", "Brest", "Metz")
COUNTRIES = ("FR", "BE", "CH", "DE")
GIVEN = (
    (SignalKind.OPENED, "livre-blanc-cloud"),
    (SignalKind.CLICKED, "livre-blanc-cloud"),
    (SignalKind.VISITED, "/tarifs"),
)
AT_ONCE = 5_000
CHUNK = 1_000


def compare(kind: str, options: Namespace) -> list[Line]:
    """A line for each condition."""
    with fresh_databases(kind) as make, closing(Database.open(make())) as db:
        apply_campaigns(db)
        applied = Worlds(db).current()
        known = vocabulary_of(applied.compiled)
        conditions = {written: read_condition(written, known) for written in CONDITIONS}
        _fill(db, applied.world, options.contacts)
        loading, evaluated = _evaluated(db, applied.world, conditions)
        return [
            _line(kind, db, applied.world, written, condition, loading, evaluated[written], options)
            for written, condition in conditions.items()
        ]


def _line(
    kind: str,
    db: Database,
    world: World,
    written: str,
    condition: Condition,
    loading: float,
    evaluated: tuple[float, list[int]],
    options: Namespace,
) -> Line:
    turns = [_asked(db, world, condition) for _ in range(options.rounds)]
    seconds, (own, meant) = median(took for took, _ in turns), evaluated
    assert all(found == meant for _, found in turns), f"SQL and the core do not mean the same by {written}"
    return say(
        {
            "benchmark": "select",
            "database": kind,
            "condition": written,
            "contacts": options.contacts,
            "found": len(meant),
            "sql_s": round(seconds, 3),
            "python_s": round(loading + own, 3),
            "ratio": round((loading + own) / seconds, 1),
        }
    )


def _asked(db: Database, world: World, condition: Condition) -> tuple[float, list[int]]:
    started = time.perf_counter()
    with db.read() as c:
        found = list(select_contacts(c, condition, world, MONDAY))
    return time.perf_counter() - started, found


def _evaluated(
    db: Database, world: World, conditions: Mapping[str, Condition]
) -> tuple[float, dict[str, tuple[float, list[int]]]]:
    """The seconds of loading everybody, and of each condition, with whom it means."""
    loading, took, meant = 0.0, defaultdict[str, float](float), defaultdict[str, list[int]](list)
    with db.read() as c:
        asked = Asked.of(c, world, MONDAY)
        started = time.perf_counter()
        for ids in _chunks(c):
            states = {who: each.state for who, each in sorted(load_contacts(c, ids, MONDAY).items())}
            loading += time.perf_counter() - started
            for written, condition in conditions.items():
                started = time.perf_counter()
                meant[written] += [who for who, state in states.items() if holds_now(condition, state, asked)]
                took[written] += time.perf_counter() - started
            started = time.perf_counter()
    return loading, {written: (took[written], meant[written]) for written in conditions}


def _chunks(c: Connection) -> Iterator[list[int]]:
    after = 0
    while ids := every_contact_id(c, after, CHUNK):
        yield ids
        after = ids[-1]


def _fill(db: Database, world: World, count: int) -> None:
    for start in range(0, count, AT_ONCE):
        numbers = range(start, min(start + AT_ONCE, count))
        with db.begin() as c:
            ids = [one.id for one in upsert_contacts(c, [_contact(n) for n in numbers], SUNDAY)]
            empty = load_contacts(c, ids, SUNDAY)
            changes = [
                (who, empty[who].state, _lived(n, empty[who].state)) for n, who in zip(numbers, ids, strict=True)
            ]
            save_states(c, changes, world.scoring, SUNDAY)
    with db.begin() as c:  # as autovacuum does, a minute later
        if not is_sqlite(c):
            c.execute(text("ANALYZE"))


def _contact(n: int) -> NewContact:
    fields = {
        "first_name": f"Claire-{n}",
        "company": f"Entreprise {n % 997}",
        "city": CITIES[n % len(CITIES)],
        "employees": n * 7 % 1000,
        "job_title": "Directrice informatique" if n % 3 else "Assistant",
        "industry": "Mécanique" if n % 5 else "banque",
    }
    return NewContact(
        f"claire.{n}@exemple.example",
        fields,
        frozenset({f"salon-{n % 50}", "2027"}),
        "fr",
        COUNTRIES[n % len(COUNTRIES)],
    )


def _lived(n: int, state: ContactState) -> ContactState:
    """A fifth of the contacts never did anything; the others did something of each on some days of the last months."""
    signals = {key: _days(n, number) for number, key in enumerate(GIVEN)} if n % 5 else {}
    return replace(state, signals=signals)


def _days(n: int, salt: int) -> dict[int, Day]:
    ago = sorted({(n * (salt + 3) + each * 17) % 120 for each in range(1 + n % 4)})
    days = [SUNDAY - timedelta(days=each) for each in ago]
    return {day.toordinal(): Day(1 + n % 3, day, day) for day in days}
