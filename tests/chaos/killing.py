"""The runs of `tests.chaos.kill`: which moments, which promises, and how it is told."""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict

from rich.console import Console
from rich.table import Table

from tests.chaos.crashes import Score, crash
from tests.chaos.places import fresh_urls
from tests.chaos.stops import stop_all
from tests.chaos.traps import AT_HTTP, AT_SMTP, INSIDE, RANDOM
from tests.chaos.ways import WAYS, Way
from tests.chaos.zygote import zygote

ALL = (*AT_SMTP, *INSIDE, RANDOM)
ALL_HTTP = (*AT_HTTP, *INSIDE, RANDOM)
NAIVE = (*AT_SMTP, RANDOM)


def main(arguments: argparse.Namespace) -> int:
    """Run what was asked for; 1 when a promise was broken."""
    console = Console(width=140)
    if arguments.list:
        for moment, words in {**AT_SMTP, **AT_HTTP, **INSIDE, RANDOM: "a random while after the start"}.items():
            console.print(f"{moment:16}{words}", highlight=False)
        return 0
    kinds = ("sqlite", "postgresql") if arguments.database == "both" else (arguments.database,)
    if arguments.stops:
        return max(asyncio.run(_stops_on(kind, arguments)) for kind in kinds)
    return max(asyncio.run(_on(kind, arguments, console)) for kind in kinds)


async def _stops_on(kind: str, arguments: argparse.Namespace) -> int:
    began = time.monotonic()
    with fresh_urls(kind) as urls:
        async with zygote() as mother:
            stops = await stop_all(
                urls, mother, arguments.stops, arguments.seed, way=WAYS[arguments.way], pairs=arguments.pairs
            )
    line = {"database": kind, "way": arguments.way, **asdict(stops), "seconds": round(time.monotonic() - began, 1)}
    print(json.dumps(line), flush=True)
    in_doubt = arguments.slots * stops.past_lease if arguments.way == "smtp" else 0
    return 1 if stops.twice or stops.lost or stops.unknown > in_doubt else 0


async def _on(kind: str, arguments: argparse.Namespace, console: Console) -> int:
    began, scores, way = time.monotonic(), list[Score](), WAYS[arguments.way]
    with fresh_urls(kind) as urls:
        async with zygote() as mother:
            moments = arguments.at or (NAIVE if arguments.naive else moments_of(way))
            slots = 1 if arguments.naive else arguments.slots
            for moment in moments:
                one = await crash(
                    urls,
                    mother,
                    [moment],
                    arguments.kills,
                    slots=slots,
                    seed=arguments.seed,
                    way=way,
                    naive=arguments.naive,
                )
                scores.append(one)
                print(f"{kind}: {one}", file=sys.stderr, flush=True)
    broken = [sentence for score in scores for sentence in way.broken(score)]
    _show(console, f"{kind}, {'plain SMTP, the naive loop' if arguments.naive else way.title}", scores)
    for sentence in broken:
        console.print(f"[red]{sentence}[/red]", highlight=False)
    line = {
        "database": kind, "way": arguments.way, "naive": arguments.naive, "kills": sum(s.kills for s in scores),
        "twice": sum(s.twice for s in scores), "lost": sum(s.lost for s in scores),
        "unknown": sum(s.unknown for s in scores), "worst": max(s.worst for s in scores),
        "seconds": round(time.monotonic() - began, 1), "broken": len(broken), "moments": [asdict(s) for s in scores],
    }  # fmt: skip
    print(json.dumps(line), flush=True)
    return 1 if broken else 0


def moments_of(way: Way) -> Sequence[str]:
    """Every moment of this way."""
    return ALL if way.provider == "smtp" else ALL_HTTP


COLUMNS = ("moment", "kills", "due", "accepted", "lost", "twice (same bytes)", "unknown (of them accepted)",
           "per slot and kill", "worst kill")  # fmt: skip


def _show(console: Console, title: str, scores: Sequence[Score]) -> None:
    table = Table(*COLUMNS, title=title)
    for score in scores:
        table.add_row(*_cells(score))
    console.print(table)


def _cells(s: Score) -> Sequence[str]:
    told = (s.moment, s.kills, s.fed, s.accepted, s.lost, f"{s.twice} ({s.twice_same})",
            f"{s.unknown} ({s.unknown_accepted})", f"{s.per_slot:.2f}", s.worst)  # fmt: skip
    return [str(one) for one in told]
