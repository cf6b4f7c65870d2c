"""Migrations go up, down and up again, and end where the models are."""

from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, inspect, select, text

from nurture.core.effects import SendNotice
from nurture.storage import migrate
from nurture.storage.applications import history
from nurture.storage.database import Database, DatabaseProblem
from nurture.storage.schema import HEAD
from nurture.storage.tables import active_world, bundles, contacts, metadata, outbox
from tests.builders import SALT
from tests.storage.scenes import DAY, NOW, decide, people, queue


def test_up_down_and_up_again(database_url: str) -> None:
    migrate.upgrade(database_url)
    assert (migrate.current(database_url), migrate.pending(database_url)) == (HEAD, [])
    migrate.downgrade(database_url, "base")
    assert migrate.current(database_url) is None
    assert migrate.pending(database_url)[-1] == HEAD
    migrate.upgrade(database_url)
    assert migrate.current(database_url) == HEAD


def test_the_program_knows_the_newest_revision() -> None:
    assert migrate.head() == HEAD


def test_a_downgrade_leaves_no_table_behind(database_url: str) -> None:
    migrate.upgrade(database_url)
    migrate.downgrade(database_url, "base")
    engine = create_engine(database_url)
    assert set(inspect(engine).get_table_names()) <= {"alembic_version"}
    engine.dispose()


def test_models_and_migrations_agree(database_url: str) -> None:
    migrate.upgrade(database_url)
    assert migrate.differences(database_url) == []


def test_models_and_migrations_agree_on_what_alembic_does_not_compare(database_url: str) -> None:
    """CHECK constraints and the conditions of partial indexes."""
    migrate.upgrade(database_url)
    engine = create_engine(database_url)
    with engine.begin() as c:
        migrated = _rules(c)
        metadata.drop_all(c)
        metadata.create_all(c)
        assert _rules(c) == migrated
    engine.dispose()


def test_what_waits_to_be_sent_survives_a_change_of_the_outboxs_rules(database_url: str) -> None:
    """SQLite copies the table for it: rows, indexes and what hangs on the contact must come along."""
    migrate.upgrade(database_url, salt=SALT)
    db = Database.open(database_url)
    first, second = people(db, 2)
    touch = queue(db, first)
    decide(db, second, SendNotice("n" * 32, "notify", "tofu", "fr", "anne@exemple.example", "c", "v1", "tofu/notify"))
    before = _messages(db)
    db.close()
    migrate.downgrade(database_url, "0005")
    migrate.upgrade(database_url)
    db = Database.open(database_url)
    assert _messages(db) == [row for row in before if row[0] == touch.key]
    with db.begin() as c:
        c.execute(contacts.delete().where(contacts.c.id == first))
    assert _messages(db) == []
    db.close()


@pytest.mark.parametrize("sign", [{"clock_jumped": True}, {"parcel": "20270301T080000.000000-0-1", "place": 0}])
@pytest.mark.parametrize("gate", [None, "brake"])
def test_an_older_program_sends_nothing_again_of_which_it_cannot_tell(
    database_url: str, sign: dict[str, Any], gate: str | None
) -> None:
    """Also what waits behind a brake, which gives it back when it is released."""
    migrate.upgrade(database_url, salt=SALT)
    db = Database.open(database_url)
    queue(db, *people(db, 1))
    with db.begin() as c:
        due_at = NOW if gate is None else None
        c.execute(outbox.update().values(state="unknown", doubts=1, gate=gate, due_at=due_at, settled_at=NOW, **sign))
    db.close()
    migrate.downgrade(database_url, "0009")
    engine = create_engine(database_url)
    with engine.begin() as c:
        assert c.execute(text("SELECT state, due_at, gate, doubts FROM outbox")).all() == [("unknown", None, None, 1)]
    engine.dispose()


def test_what_was_applied_before_there_was_a_history_is_in_it(database_url: str) -> None:
    """Files a, b, and a again, which run."""
    migrate.upgrade(database_url, salt=SALT)
    migrate.downgrade(database_url, "0006")
    engine = create_engine(database_url)
    with engine.begin() as c:
        for name, at in (("a", NOW), ("b", NOW + DAY)):
            c.execute(bundles.insert().values(hash=name, files={}, applied_at=at))
        c.execute(active_world.insert().values(id=1, bundle="a", activated_at=NOW + 2 * DAY))
    migrate.upgrade(database_url)
    with engine.begin() as c:
        found = [(one.bundle, one.before, one.applied_at, one.finished_at is not None) for one in history(c)]
    engine.dispose()
    assert found == [("a", "b", NOW + 2 * DAY, True), ("b", "a", NOW + DAY, True), ("a", None, NOW, True)]


def _messages(db: Database) -> list[Any]:
    with db.read() as c:
        return [tuple(row) for row in c.execute(select(outbox).order_by(outbox.c.key))]


def test_upgrading_twice_keeps_the_instance(database_url: str) -> None:
    first = migrate.upgrade(database_url)
    assert migrate.upgrade(database_url) == first


def test_the_salt_of_a_new_instance_can_be_given(database_url: str) -> None:
    assert migrate.upgrade(database_url, salt=b"s" * 32).salt == b"s" * 32


def test_a_database_without_tables_is_told_so(database_url: str) -> None:
    migrate.upgrade(database_url)
    migrate.downgrade(database_url, "base")
    with pytest.raises(DatabaseProblem, match="run `nurture db upgrade`"):
        Database.open(database_url)


def _rules(c: Connection) -> dict[str, Any]:
    found = inspect(c)
    return {
        name: (
            sorted((check["name"], check["sqltext"]) for check in found.get_check_constraints(name)),
            sorted(
                (str(i["name"]), [str(rule) for rule in i["dialect_options"].values()]) for i in found.get_indexes(name)
            ),
        )
        for name in sorted(metadata.tables)
    }
