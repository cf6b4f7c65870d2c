"""`python -m tests.storage.conditions --examples N`: more crowds than a normal run draws, on each database."""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nurture.bootstrap import enter

if __name__ == "__main__":
    enter("tests.storage.conditions")

from hypothesis import HealthCheck, given, settings

from nurture.storage.database import Database
from tests.postgres import running_server
from tests.storage.conditions.proof import disagreements
from tests.storage.conditions.strategies import Crowd, crowds
from tests.storage.conftest import prepare


def main(arguments: list[str]) -> int:
    """Fails with the least crowd on which SQL and the core disagree."""
    parser = argparse.ArgumentParser(prog="python -m tests.storage.conditions", description=__doc__)
    parser.add_argument("--examples", type=int, default=2_000, help="crowds of each sort (2000)")
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    asked = parser.parse_args(arguments)
    for kind in ("sqlite", "postgresql") if asked.database == "both" else (asked.database,):
        with _database(kind) as db:
            for awkward in (False, True):
                _prove(db, asked.examples, awkward=awkward)
                sort = "with what SQL cannot say" if awkward else "all of it in SQL"
                print(f"{kind}: {asked.examples} crowds, {sort}: the same as the core", flush=True)
    return 0


def _prove(db: Database, examples: int, *, awkward: bool) -> None:
    @settings(max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(crowd=crowds(awkward=awkward))
    def prove(crowd: Crowd) -> None:
        assert disagreements(db, crowd, exact=not awkward) == []

    prove()


@contextmanager
def _database(kind: str) -> Iterator[Database]:
    if kind == "sqlite":
        with tempfile.TemporaryDirectory(prefix="nurture-conditions-") as folder:
            yield from _prepared(f"sqlite:///{Path(folder) / 'nurture.db'}")
        return
    with running_server() as server:
        yield from _prepared(server.create_database())


def _prepared(url: str) -> Iterator[Database]:
    prepare(url)
    db = Database.open(url)
    yield db
    db.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
