"""What will happen, in the order in which it will: by time, then by name, whoever planned it first."""

import heapq
from collections.abc import Iterable
from datetime import datetime

from nurture.demo.errands import Planned


class Heap:
    """Planned errands, each once."""

    def __init__(self) -> None:
        self._items: list[tuple[tuple[datetime, str, str], Planned]] = []
        self._known: set[tuple[datetime, str, str]] = set()

    def add(self, planned: Iterable[Planned]) -> None:
        """Plan some more; the same errand at the same instant is planned once."""
        for one in planned:
            if one.order not in self._known:
                self._known.add(one.order)
                heapq.heappush(self._items, (one.order, one))

    def next_at(self) -> datetime | None:
        """When the next one is due."""
        return self._items[0][1].at if self._items else None

    def pop_due(self, now: datetime) -> list[Planned]:
        """Take out everything due by `now`, in order."""
        due = []
        while self._items and self._items[0][1].at <= now:
            order, one = heapq.heappop(self._items)
            self._known.discard(order)
            due.append(one)
        return due
