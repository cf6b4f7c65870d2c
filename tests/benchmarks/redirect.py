"""Clicks that one web process notes and sends on, and the ratio to the plainest endpoint in the same run.

`per_s` are redirects a second as fast as answers come, over connections that are kept; `cpu_us` what one costs the process;
`p50_ms` and `p99_ms` what readers wait at a steady pace (--pace requests a second).
"""

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from nurture.bootstrap import enter

if TYPE_CHECKING:
    from tests.benchmarks.comparing import Line


def read_arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.redirect", description=__doc__)
    parser.add_argument("--requests", type=int, default=20_000, help="as fast as answers come (default 20000)")
    parser.add_argument("--paced", type=int, default=2_000, help="at a steady pace (default 2000)")
    parser.add_argument("--pace", type=float, default=500, help="requests a second of those (default 500)")
    parser.add_argument("--connections", type=int, default=256, help="connections kept (default 256)")
    parser.add_argument("--people", type=int, default=10_000, help="contacts who have a mail (default 10000)")
    parser.add_argument("--runs", type=int, default=3, help="turns of each side (default 3; medians are told)")
    parser.add_argument("--database", choices=["sqlite", "postgresql", "both"], default="both")
    return parser.parse_args(given)


def main(arguments: argparse.Namespace) -> "list[Line]":
    """Compare, printing a JSON line a turn and one with the medians for each thing asked."""
    from tests.benchmarks import posts
    from tests.benchmarks.knocking import Ask, compare
    from tests.benchmarks.places import kinds

    asks = {"click": Ask(posts.clicks, 302)}
    return [line for kind in kinds(arguments.database) for line in compare("redirect", kind, asks, arguments)]


if __name__ == "__main__":
    enter("tests.benchmarks.redirect")
    main(read_arguments())
