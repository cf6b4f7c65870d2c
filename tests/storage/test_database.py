"""A database that cannot be used is told in a sentence; one that can keeps time and takes turns."""

import threading
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from nurture.storage.database import NOTICES_SILENCE, Database, DatabaseProblem, real_now
from nurture.storage.keys import create_key, list_keys
from tests.storage.scenes import NOW


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("mysql://here/nurture", "'mysql' databases are not supported"),
        ("nonsense", "this is no database URL"),
        ("sqlite:///{folder}/absent.db", "There is no database .*absent.db yet: run `nurture db upgrade`"),
        ("postgresql://nobody@127.0.0.1:1/none", "cannot be used .*check that it runs"),
        ("postgresql://u:secret@127.0.0.1:99999/none", "database"),
    ],
)
def test_a_wrong_url_is_told_in_a_sentence(url: str, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(DatabaseProblem, match=sentence) as told:
        Database.open(url.format(folder=tmp_path))
    assert "secret" not in str(told.value)
    assert "\n" not in str(told.value)


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(DatabaseProblem, match="The folder of the database"):
        Database.open(f"sqlite:///{tmp_path}/absent/nurture.db", check=False)


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "letter.db").write_text("Dear all, this is no database. " * 50)
    with pytest.raises(DatabaseProblem, match="file is not a database"):
        Database.open(f"sqlite:///{tmp_path}/letter.db")


def test_opening_makes_no_file(tmp_path: Path) -> None:
    with pytest.raises(DatabaseProblem):
        Database.open(f"sqlite:///{tmp_path}/absent.db")
    assert list(tmp_path.iterdir()) == []


def test_the_database_has_a_clock_of_its_own(db: Database) -> None:
    with db.begin() as c:
        first = real_now(c)
        second = real_now(c)
    assert first.utcoffset() == timedelta(0)
    assert timedelta(0) <= second - first < timedelta(minutes=1)


def test_what_fails_leaves_nothing(db: Database) -> None:
    with pytest.raises(ZeroDivisionError), db.begin() as c:
        assert 1 / len(create_key(c, "site", NOW) or "") == 0 / 0
    with db.read() as c:
        assert list_keys(c) == []


def test_writers_take_turns_and_lose_nothing(db: Database) -> None:
    def write(n: int) -> None:
        for k in range(5):
            with db.begin() as c:
                create_key(c, f"{n}:{k}", NOW)

    threads = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with db.read() as c:
        assert len(list_keys(c)) == 20


def test_a_reader_does_not_wait_for_a_writer(db: Database) -> None:
    with db.begin() as writer:
        create_key(writer, "site", NOW)
        with db.read() as c:
            assert list_keys(c) == []


def test_sqlite_is_durable_and_holds_foreign_keys(sqlite_db: Database) -> None:
    with sqlite_db.read() as c:
        found = {
            name: c.execute(text(f"PRAGMA {name}")).scalar() for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_a_file_removed_while_it_is_open_is_noticed(sqlite_db: Database) -> None:
    sqlite_db.check()
    Path(str(sqlite_db.engine.url.database)).unlink()
    with pytest.raises(DatabaseProblem, match="was removed or moved"):
        sqlite_db.check()


def test_a_database_that_keeps_everybody_waiting_is_told_as_one_that_is_away(db: Database) -> None:
    engine = create_engine(db.engine.url, pool_size=1, max_overflow=0, pool_timeout=0.05)
    slow = Database(engine, db.url)
    with slow.read(), pytest.raises(DatabaseProblem, match="keeps all connections waiting"), slow.begin():
        pass
    slow.close()


def test_a_server_that_vanished_without_a_word_is_given_up_within_half_a_minute() -> None:
    silent = (
        NOTICES_SILENCE["keepalives_idle"]
        + NOTICES_SILENCE["keepalives_interval"] * NOTICES_SILENCE["keepalives_count"]
    )
    assert max(silent, NOTICES_SILENCE["connect_timeout"], NOTICES_SILENCE["tcp_user_timeout"] / 1000) <= 30
