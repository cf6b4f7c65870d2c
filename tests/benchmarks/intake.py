"""Events that one web process takes in durably, and the ratio to the plainest endpoint in the same run.

Signed posts of Postmark and Resend, one event a request, and `POST /events` with one and with a hundred events. `per_s` are
events a second as fast as answers come, over connections that are kept; `cpu_us` what a request costs the process;
`p50_ms` and `p99_ms` what callers wait at a steady pace (--pace requests a second; a twentieth of it in hundreds).
"""

import argparse
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from nurture.bootstrap import enter

if TYPE_CHECKING:
    from tests.benchmarks.comparing import Line

AT_ONCE = 100


def read_arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.intake", description=__doc__)
    parser.add_argument("--requests", type=int, default=20_000, help="as fast as answers come (default 20000)")
    parser.add_argument("--paced", type=int, default=2_000, help="at a steady pace (default 2000)")
    parser.add_argument("--pace", type=float, default=500, help="requests a second of those (default 500)")
    parser.add_argument("--connections", type=int, default=256, help="connections kept (default 256)")
    parser.add_argument("--people", type=int, default=10_000, help="contacts whom events are about (default 10000)")
    parser.add_argument("--runs", type=int, default=3, help="turns of each side (default 3; medians are told)")
    parser.add_argument("--database", choices=["sqlite", "postgresql", "both"], default="both")
    return parser.parse_args(given)


def main(arguments: argparse.Namespace) -> "list[Line]":
    """Compare, printing a JSON line a turn and one with the medians for each thing asked."""
    from tests.benchmarks import posts
    from tests.benchmarks.knocking import Ask, compare
    from tests.benchmarks.places import kinds

    asks = {
        "postmark": Ask(posts.postmark, 200),
        "resend": Ask(posts.resend, 200),
        "event": Ask(posts.events, 200),
        f"events x {AT_ONCE}": Ask(partial(posts.events, at_once=AT_ONCE), 200, AT_ONCE, 1 / 20, 1 / 20),
    }
    return [line for kind in kinds(arguments.database) for line in compare("intake", kind, asks, arguments)]


if __name__ == "__main__":
    enter("tests.benchmarks.intake")
    main(read_arguments())
