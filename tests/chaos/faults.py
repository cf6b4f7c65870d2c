"""What goes wrong, and when: one integer decides it all.

A worker's life passes *points*: each transaction's begin, each statement, the instants before and after each COMMIT, each
step of a hand-over. At any of them it may be killed. Then nothing of that life writes any more: a killed process runs no
`finally`, so every later point of the same life refuses, and what was not committed is rolled back.
"""

import random
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine, event

from nurture.storage.database import Database, DatabaseProblem

OWNER = "chaos_life"


class Killed(BaseException):
    """The process is gone: no handler of an Exception hears of it."""


@dataclass(frozen=True, slots=True)
class Rates:
    """How often something happens, as a share of the points, hand-overs or steps of time.

    A `jump` of the clock is one of less than an hour, a `leap` one of more.
    """

    kill: float = 0.0
    pause: float = 0.0
    lost_database: float = 0.0
    lost_answer: float = 0.0
    later: float = 0.0
    refused: float = 0.0
    disorder: float = 0.0
    jump: float = 0.0
    leap: float = 0.0


NO_FAULTS = Rates()


class Faults:
    """The dice of one course, and what they did last."""

    def __init__(self, seed: int, rates: Rates) -> None:
        self.dice = random.Random(f"faults:{seed}")
        self.rates = rates
        self.on_pause: Callable[[Life], None] = lambda life: None
        self.last: deque[str] = deque(maxlen=15)
        self.counts: dict[str, int] = {}

    @staticmethod
    def of_seed(seed: int) -> "Faults":
        """Some seeds kill much, some pause much, some have a bad network: each its own weather."""
        dice = random.Random(f"weather:{seed}")

        def often(most: float) -> float:
            return most * dice.random() ** 2

        return Faults(
            seed,
            Rates(
                often(0.012),
                often(0.012),
                often(0.02),
                often(0.2),
                often(0.2),
                often(0.08),
                often(0.8),
                often(0.3),
                often(0.06),
            ),
        )

    def stop(self) -> None:
        """Nothing goes wrong from here on."""
        self.rates = NO_FAULTS

    def happens(self, rate: float, what: str) -> bool:
        """Roll the dice."""
        if rate <= 0 or self.dice.random() >= rate:
            return False
        self.note(what)
        return True

    def note(self, what: str) -> None:
        """Keep for the report."""
        self.last.append(what)
        kind = what.partition(" ")[0]
        self.counts[kind] = self.counts.get(kind, 0) + 1


class Life:
    """One incarnation of a worker."""

    def __init__(self, name: str, faults: Faults) -> None:
        self.name = name
        self.is_dead = False
        self.is_begun = False
        self._faults = faults

    def point(self, where: str, *, may_pause: bool = False) -> None:
        """Pass a point. Killed: this life is over, now or since earlier. A pause is only survived outside transactions."""
        if self.is_dead:
            raise Killed(self.name)
        if not self.is_begun:
            return
        faults = self._faults
        if faults.happens(faults.rates.kill, f"kill {self.name} at {where}"):
            self.is_dead = True
            raise Killed(self.name)
        if may_pause and faults.happens(faults.rates.pause, f"pause {self.name} at {where}"):
            faults.on_pause(self)

    def database_may_fail(self, where: str) -> None:
        """The server may go away here, so that nobody knows what it did last."""
        if self.is_begun and self._faults.happens(
            self._faults.rates.lost_database, f"database gone for {self.name} {where}"
        ):
            raise DatabaseProblem(f"The database went away {where}.")


@dataclass(frozen=True, slots=True)
class Handle(Database):
    """A life's way to the database. It ends with the life."""

    life: Life = field(kw_only=True)

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A transaction with points at its begin, at each statement, before its COMMIT and after."""
        life = self.life
        life.point("BEGIN", may_pause=True)
        life.database_may_fail("at BEGIN")
        with Database.begin(self) as c:
            c.execution_options(**{OWNER: life})
            yield c
            life.point("before COMMIT")
            life.database_may_fail("before COMMIT")
        life.point("after COMMIT", may_pause=True)
        life.database_may_fail("after COMMIT")

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A reading transaction, with points too."""
        self.life.point("read", may_pause=True)
        with Database.read(self) as c:
            yield c.execution_options(**{OWNER: self.life})
        self.life.point("after read", may_pause=True)


def watch_statements(engine: Engine) -> None:
    """Make a point of each statement of whoever lives by a Handle."""
    event.listen(engine, "before_cursor_execute", _statement)


def _statement(c: Connection, _cursor: Any, statement: str, *_: Any) -> None:
    life: Life | None = c.get_execution_options().get(OWNER)
    if life is not None:
        life.point(f"statement {' '.join(statement.split())[:40]}")
