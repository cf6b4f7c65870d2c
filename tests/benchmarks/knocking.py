"""The two sides of intake and redirect in turns on one kind of database: A B A B …, each a fresh database and process.

Between them the floor is measured: the same server with next to nothing behind it, asked the same by the same crowd.
"""

from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import TypeAlias

from sqlalchemy import func, select

from nurture.storage.database import Database
from nurture.storage.tables import receipts
from tests.benchmarks.comparing import Line, WrongCount, say
from tests.benchmarks.door import Door, open_door
from tests.benchmarks.places import Make, forget, fresh_databases
from tests.benchmarks.posts import Known, prepare, prepare_plain
from tests.benchmarks.press import Heard, Load, Press, running_press

FEWER = 0.1
"""Of the requests, so many for the plain side: it is that much slower, and a rate is a rate."""

Requests: TypeAlias = Callable[[Known, int, int], Sequence[bytes]]
"""So many requests from a number on; no two of them are the same."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked: requests that are answered with `status` and hold so many events each.

    `share` of the usual number are asked, and at a steady pace `pace` of the usual number a second.
    """

    requests: Requests
    status: int
    events: int = 1
    share: float = 1.0
    pace: float = 1.0


def compare(benchmark: str, kind: str, asks: Mapping[str, Ask], options: Namespace) -> list[Line]:
    """Print a line for each turn and each thing asked, and answer (and print) the medians."""
    turns: dict[str, list[Line]] = {name: [] for name in asks}
    with fresh_databases(kind) as make, running_press() as press:
        for turn in range(1, options.runs + 1):
            for name, told in _turn(make, press, asks, options).items():
                turns[name].append(told)
                say({"benchmark": benchmark, "database": kind, "asked": name, "turn": turn, **told})
    return [
        say({"benchmark": benchmark, "database": kind, "asked": name, "runs": options.runs, **_medians(told)})
        for name, told in turns.items()
    ]


def _medians(turns: Sequence[Line]) -> Line:
    return {name: round(median(float(turn[name]) for turn in turns), 2) for name in turns[0]}


def _turn(make: Make, press: Press, asks: Mapping[str, Ask], options: Namespace) -> Mapping[str, Line]:
    url = make()
    known = prepare(url, options.people)
    ours = _side("ours", url, known, press, asks, options)
    _all_kept(url, sum(_asked(ask, options) for ask in asks.values()))
    floor = _floor(url, known, press, asks, options)
    forget(url)
    url = make()
    prepare_plain(url, known)
    fewer = {name: replace(ask, share=ask.share * FEWER) for name, ask in asks.items()}
    plain = _side("plain", url, known, press, fewer, options)
    forget(url)
    return {
        name: {
            **ours[name],
            **floor[name],
            **{f"naive_{word}": value for word, value in plain[name].items()},
            "ratio_naive": round(float(ours[name]["per_s"]) / float(plain[name]["per_s"]), 2),
        }
        for name in asks
    }


def _side(
    side: str, url: str, known: Known, press: Press, asks: Mapping[str, Ask], options: Namespace
) -> Mapping[str, Line]:
    with open_door(side, url) as door:
        return {name: _measured(door, known, press, ask, options) for name, ask in asks.items()}


def _floor(url: str, known: Known, press: Press, asks: Mapping[str, Ask], options: Namespace) -> Mapping[str, Line]:
    with open_door("floor", url) as door:
        told = {name: _fast(door, press, *_parts(known, ask, options)[:2], ask, options) for name, ask in asks.items()}
    return {
        name: {"floor_per_s": line["per_s"], "floor_us": line["cpu_us"], "crowd_us": line["crowd_us"]}
        for name, line in told.items()
    }


def _measured(door: Door, known: Known, press: Press, ask: Ask, options: Namespace) -> Line:
    """First untimed, then as fast as it goes, then at a steady pace."""
    warm, timed, paced = _parts(known, ask, options)
    fast = _fast(door, press, warm, timed, ask, options)
    steady = _heard(door, press, paced, ask, options, options.pace * ask.pace)
    return {
        "per_s": fast["per_s"],
        "cpu_us": fast["cpu_us"],
        "p50_ms": steady.quantile_ms(0.5),
        "p99_ms": steady.quantile_ms(0.99),
    }


def _fast(
    door: Door, press: Press, warm: Sequence[bytes], timed: Sequence[bytes], ask: Ask, options: Namespace
) -> Line:
    """Events a second, and what a request costs the server and the crowd."""
    _heard(door, press, warm, ask, options)
    before = door.cpu_seconds()
    fast = _heard(door, press, timed, ask, options)
    used = door.cpu_seconds() - before
    return {
        "per_s": round(fast.per_s * ask.events),
        "cpu_us": round(used / len(timed) * 1e6, 1),
        "crowd_us": round(fast.used / len(timed) * 1e6, 1),
    }


def _heard(
    door: Door, press: Press, part: Sequence[bytes], ask: Ask, options: Namespace, rate: float | None = None
) -> Heard:
    heard = press.ask(Load(door.port, part, options.connections, rate))
    if heard.statuses.keys() != {ask.status}:
        raise WrongCount(f"All answers were to be {ask.status}, and were {heard.statuses}.")
    return heard


def _parts(known: Known, ask: Ask, options: Namespace) -> tuple[Sequence[bytes], Sequence[bytes], Sequence[bytes]]:
    """The requests, as `_counts` tells them apart."""
    warm, timed, paced = _counts(ask, options)
    requests = ask.requests(known, 0, warm + timed + paced)
    return requests[:warm], requests[warm : warm + timed], requests[warm + timed :]


def _counts(ask: Ask, options: Namespace) -> tuple[int, int, int]:
    """Requests before the time is taken, while it is, and at a steady pace."""
    timed = max(1, round(options.requests * ask.share))
    return max(1, timed // 5), timed, max(1, round(options.paced * ask.share))


def _asked(ask: Ask, options: Namespace) -> int:
    return sum(_counts(ask, options))


def _all_kept(url: str, asked: int) -> None:
    """Each answered request is a receipt."""
    db = Database.open(url)
    try:
        with db.read() as c:
            kept = c.execute(select(func.count()).select_from(receipts)).scalar_one()
    finally:
        db.close()
    if kept != asked:
        raise WrongCount(f"{kept} receipts were kept of {asked} requests that were answered.")
