"""What a tick costs follows what is due: shown by the databases' own plans, not by a stopwatch."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Connection, event, select, text

from nurture.core.effects import SendTouch
from nurture.core.state import Ended, Exhausted
from nurture.core.words import End
from nurture.storage.claims import claim_contacts, next_due
from nurture.storage.database import Database
from nurture.storage.load import load_contacts
from nurture.storage.outbox import claim_outbox
from nurture.storage.receipts import Receipt, claim_receipts, receive
from nurture.storage.save import commit_decisions
from nurture.storage.tables import enrolments
from nurture.storage.worlds import pinned
from tests.storage.scenes import (
    DAY,
    LEASE,
    NOW,
    WORLD,
    a_touch,
    claim,
    commit,
    decide,
    outcome,
    people,
    post,
    waiting,
)

MANY = 4000
FEW = 40

CLAIMS: dict[str, Callable[[Connection], Any]] = {
    "agenda": lambda c: claim_contacts(c, NOW, FEW, LEASE),
    "outbox": lambda c: claim_outbox(c, NOW, FEW, LEASE),
    "receipts": lambda c: claim_receipts(c, NOW, FEW, LEASE),
}


@pytest.mark.parametrize("table", CLAIMS)
def test_a_claim_reads_only_what_is_due(db: Database, table: str) -> None:
    fill(db, table)
    with db.begin() as c:
        plan = plans(c, CLAIMS[table], f"UPDATE {table}")[0]
    assert f"ix_{table}_due" in plan
    assert not scans(plan, table)
    bounded = f"ix_{table}_due (due_at<?)" if db.engine.dialect.name == "sqlite" else "Index Cond: (due_at <="
    assert bounded in plan


def test_looking_for_the_next_due_date_reads_its_index(db: Database) -> None:
    fill(db, "agenda")
    with db.read() as c:
        plan = plans(c, next_due, "SELECT agenda")[0]
    assert "ix_agenda_due" in plan
    assert not scans(plan, "agenda")


def test_loading_a_few_reads_no_table_through(db: Database) -> None:
    ids = people(db, MANY)
    post(db, ids)
    analyse(db)
    with db.read() as c:
        found = plans(c, lambda c: load_contacts(c, ids[:FEW], NOW), "SELECT")
    assert len(found) == 8
    assert not any(scans(plan, table) for plan in found for table in ("contacts", "events"))


def test_who_is_in_a_campaign_is_found_without_those_who_have_been(db: Database) -> None:
    ids = people(db, MANY)
    post(db, ids)
    with db.read() as c:
        found = load_contacts(c, ids, NOW)
    once = {"c": replace(waiting(NOW)["c"], position=Ended(End.COMPLETED, NOW))}
    done = [outcome(w, found[w].state, enrolments=once if n >= FEW else waiting(NOW)) for n, w in enumerate(ids)]
    commit(db, claim(db, limit=MANY), done)
    analyse(db)
    with db.read() as c:
        plan = plans(c, pinned, "SELECT enrolments")[0]
        assert len(c.execute(select(enrolments.c.contact_id).where(~enrolments.c.ended)).all()) == FEW
    assert "ix_enrolments_live" in plan
    assert not scans(plan, "enrolments")


@pytest.mark.postgres
def test_a_step_leaves_the_indexes_of_its_enrolment_alone(postgres_db: Database) -> None:
    ids = people(postgres_db, 4)
    for who in ids:
        decide(postgres_db, who, enrolments=waiting(NOW + DAY))
    waits_no_more = replace(waiting(NOW)["c"], position=Exhausted())
    post(postgres_db, ids)
    with postgres_db.read() as c:
        found = load_contacts(c, ids, NOW)
    held = claim(postgres_db)
    with postgres_db.begin() as c:
        done = [outcome(who, found[who].state, enrolments={"c": waits_no_more}) for who in ids]
        commit_decisions(c, held, done, WORLD, NOW)
        asked = text("SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_xact_user_tables WHERE relname = 'enrolments'")
        assert tuple(c.execute(asked).one()) == (4, 4)


def fill(db: Database, table: str) -> None:
    """Many rows due tomorrow, a few now."""
    match table:
        case "agenda":
            ids = people(db, MANY)
            post(db, ids[FEW:], received_at=NOW + DAY)
            post(db, ids[:FEW])
        case "outbox":
            ids = people(db, MANY // 4)
            post(db, ids)
            held = claim(db, limit=MANY)
            touches = [a_touch(f"{who:032x}", at=NOW + DAY * (n >= FEW)) for n, who in enumerate(ids)]
            with db.read() as c:
                found = load_contacts(c, ids, NOW)
            done = [outcome(w, found[w].state, SendTouch(t, "v1")) for w, t in zip(ids, touches, strict=True)]
            commit(db, held, done)
        case _:
            with db.begin() as c:
                receive(c, [Receipt("s", f"late{n}", b"") for n in range(MANY)], NOW + DAY)
                receive(c, [Receipt("s", f"now{n}", b"") for n in range(FEW)], NOW)
    analyse(db)


def analyse(db: Database) -> None:
    """Take statistics, as autovacuum would have done."""
    with db.begin() as c:
        c.execute(text("ANALYZE"))


def plans(c: Connection, run: Callable[[Connection], Any], start: str) -> list[str]:
    """The plans of the very statements that `run` executes and that begin so."""
    seen: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        if statement.startswith(start):
            seen.append((statement, parameters))

    event.listen(c, "before_cursor_execute", note)
    run(c)
    event.remove(c, "before_cursor_execute", note)
    return [explain(c, statement, parameters) for statement, parameters in seen]


def explain(c: Connection, statement: str, parameters: Any) -> str:
    """What the database means to do."""
    how = "EXPLAIN QUERY PLAN " if c.dialect.name == "sqlite" else "EXPLAIN "
    return "\n".join(str(row[-1]) for row in c.exec_driver_sql(how + statement, parameters))


def scans(plan: str, table: str) -> bool:
    """Whether the table is read through, row by row."""
    lines = plan.splitlines()
    return any(
        f"Seq Scan on {table}" in line or (line.strip().startswith(f"SCAN {table}") and "INDEX" not in line)
        for line in lines
    )
