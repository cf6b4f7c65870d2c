"""What was known a while ago lets nothing go: a process that was suspended must look again before it sends."""

import pytest

from nurture.delivery.brakes import read_brakes
from nurture.delivery.last_look import LastLook
from nurture.providers.transport import Outgoing
from nurture.storage.database import Database
from tests.storage.conftest import db, postgres_db, postgres_tables, sqlite_db, sqlite_template

__all__ = ["db", "postgres_db", "postgres_tables", "sqlite_db", "sqlite_template"]

MESSAGE = Outgoing("0f" * 16, "bonjour@exemple.example", "camille@contact.example", b"", deadline=300.0)


@pytest.mark.anyio
async def test_a_look_older_than_a_second_lets_nothing_go_until_it_is_taken_again(db: Database) -> None:
    second = 0.0
    look = LastLook(db, {MESSAGE.key: ""}, read_brakes, 0.0, lambda: second)
    second = 0.9
    assert look.may_go(MESSAGE)
    second = 120.0
    assert not look.may_go(MESSAGE)
    await look.again()
    assert look.may_go(MESSAGE)
