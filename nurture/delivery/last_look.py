"""What is known, within a second, about who must not be written to, while a batch is on its way.

An intent's transaction has read the suppressions, yet a slow server may keep a batch busy for minutes. So as long as
anything of it waits, the suppressions of what waits and the kill switch are read again, and a message is asked for
just before its final dot. There the lease is looked at, too, by time that passes also while the machine sleeps: the
deadline that a transport heeds goes by the clock of its timers, which may stand still.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping

from sqlalchemy import Connection

from nurture.clock import passing
from nurture.core.words import Suppression
from nurture.delivery.brakes import NOTHING_HELD, Held
from nurture.providers.transport import Outgoing
from nurture.storage.database import Database, DatabaseProblem
from nurture.storage.outbox import read_gone, read_suppressions

EVERY = 0.5  # seconds

STALE = 1.0
"""Seconds after which a look says nothing any more: a process that was suspended wakes with what it knew before."""

Halted = Callable[[Connection], Held]
"""Reads the brakes: what may not be sent."""


class LastLook:
    """Answers `may_go` for one batch. `watch` keeps it fresh and runs until it is cancelled."""

    def __init__(
        self,
        db: Database,
        campaigns: Mapping[str, str],
        halted: Halted,
        looked_at: float,
        until: float,
        passing: Callable[[], float] = passing,
    ) -> None:
        """`campaigns` of the messages that wait, by key; take away with `gone` those that no longer do.

        `looked_at` is the instant of `passing` at which the suppressions were last read for them, and `until` that at which
        another worker may take them over.
        """
        self._db = db
        self._looked_at = looked_at
        self._until = until
        self._passing = passing
        self._halted = halted
        self._campaigns = campaigns
        self._waiting = set(campaigns)
        self._stood_still_at = float("-inf")
        self.held = NOTHING_HELD
        self.suppressed: Mapping[str, frozenset[Suppression]] = {}

    def may_go(self, message: Outgoing) -> bool:
        """Whether it is ours still, and nothing has come up against it, as far as was known less than a second ago."""
        now = self._passing()
        if now - self._looked_at >= STALE or now >= self._until or self.held.keeps(self._campaigns[message.key]):
            return False
        return message.key not in self.suppressed

    @property
    def is_stale(self) -> bool:
        """Whether what is known is too old to send by: look `again`."""
        return self._passing() - self._looked_at >= STALE

    def stood_still(self, since: float) -> bool:
        """Whether this process or the machine was suspended, or as good as, at any time from that second on."""
        return self.is_stale or self._stood_still_at >= since

    def gone(self, key: str) -> None:
        """This message waits no longer."""
        self._waiting.discard(key)

    async def watch(self) -> None:
        """Look again every half second, until cancelled."""
        while True:
            await asyncio.sleep(EVERY)
            await self.again()

    async def again(self) -> None:
        """Look now. A database that does not answer stops everything that waits."""
        began = self._passing()
        if began - self._looked_at >= STALE:
            self._stood_still_at = began
        try:
            self.held, self.suppressed = await asyncio.to_thread(self._look, tuple(self._waiting))
        except DatabaseProblem:
            self.held = Held(everything=True)
        self._looked_at = began

    def _look(self, keys: Collection[str]) -> tuple[Held, Mapping[str, frozenset[Suppression]]]:
        with self._db.read() as c:
            erased = dict.fromkeys(read_gone(c, keys), frozenset({Suppression.ERASED}))
            return self._halted(c), {**read_suppressions(c, keys), **erased}
