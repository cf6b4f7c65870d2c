"""The demo as one sees it go by: a live table on a terminal, a line a week elsewhere."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from zoneinfo import ZoneInfo

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from nurture.demo.results import Figures
from nurture.storage.reports import Standing

EVERY = 0.4
PARIS = ZoneInfo("Europe/Paris")
DOES: Mapping[str, tuple[str, ...]] = {
    "under way": ("ready", "waiting", "listening", "slotted", "sending"),
    "out of content": ("exhausted",),
    "stopped": ("stopped", "blocked"),
    "ended": ("ended",),
}
"""Columns of the funnel, and the positions they hold."""


class Board:
    """Shows how the run goes; `look` reads the figures and is only called when there is something to show."""

    def __init__(self, console: Console, look: Callable[[], Figures]) -> None:
        self._console = console
        self._look = look
        self._live: Live | None = None
        self._began = time.monotonic()
        self._shown_at = 0.0
        self._shown_week = -1

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Show while the block runs."""
        self._began = time.monotonic()
        if not self._console.is_terminal:
            yield
            return
        with Live(console=self._console, auto_refresh=False, transient=True) as self._live:
            yield
        self._live = None

    @property
    def seconds(self) -> float:
        """How long it has been going on."""
        return time.monotonic() - self._began

    def step(self, now: datetime) -> None:
        """Time went on."""
        if self._live is None:
            self._line(now)
        elif time.monotonic() - self._shown_at >= EVERY:
            self._live.update(self._all(self._look()), refresh=True)
            self._shown_at = time.monotonic()

    def _line(self, now: datetime) -> None:
        week = now.astimezone(PARIS).isocalendar().week
        if week == self._shown_week:
            return
        self._shown_week = week
        self._console.print(Text(f"{shown(now)}  {_in_a_line(self._look())}"), soft_wrap=True)

    def _all(self, found: Figures) -> RenderableType:
        speed = found.mails / max(self.seconds, 0.001)
        head = Text(f"{shown(found.at)}   {found.mails} mails, {speed:.0f} a second", style="bold")
        return Group(head, funnel(found.counts.enrolments), Text(_in_a_line(found)))


def shown(at: datetime) -> str:
    """The demo's date, on a clock in Paris."""
    return f"{at.astimezone(PARIS):%a %d %b %Y %H:%M}"


def funnel(standings: Iterable[Standing]) -> Table:
    """Who is where, by campaign and stage."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("campaign")
    table.add_column("stage")
    for name in DOES:
        table.add_column(name, justify="right")
    rows: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for standing in standings:
        rows[standing.campaign, standing.stage][standing.position] = standing.count
    for (campaign, stage), positions in sorted(rows.items(), key=lambda item: (item[0][0], depth(item[0][1]))):
        sums = (sum(positions.get(position, 0) for position in held) for held in DOES.values())
        table.add_row(campaign, stage, *(str(count or "·") for count in sums))
    return table


def depth(stage: str) -> tuple[int, str]:
    """Sorts stages as the funnel runs."""
    known = ("tofu", "mofu", "bofu")
    return (known.index(stage) if stage in known else len(known), stage)


def _in_a_line(found: Figures) -> str:
    did, stopped, outbox = found.signals, found.suppressed, found.counts.outbox
    parts = {
        "sent": outbox.get("sent", 0),
        "opened": did.get("opened", 0),
        "clicked": did.get("clicked", 0),
        "downloaded": did.get("downloaded", 0),
        "replied": did.get("replied", 0),
        "bounced": stopped.get("bounced", 0),
        "unsubscribed": stopped.get("unsubscribed", 0),
        "complained": stopped.get("complained", 0),
    }
    done = ", ".join(f"{count} {name}" for name, count in parts.items())
    return f"{done} | {', '.join(f'{count} {status}' for status, count in found.counts.contacts.items())}"
