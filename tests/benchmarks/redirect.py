"""Clicks that one web process notes and sends on, and the ratio to the plainest endpoint in the same run.

`per_s` are redirects a second as fast as answers come, over connections that are kept; `cpu_us` what one costs the process;
`p50_ms` and `p99_ms` what readers wait at a steady pace (--pace requests a second).
`floor_per_s` and `floor_us` are those of the same server with next to nothing behind it, so that what is ours can be told
from what is the server's; `crowd_us` is what asking costs, on the same machine.
"""

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from nurture.bootstrap import enter
from tests.benchmarks.knocks import of_knocks

if TYPE_CHECKING:
    from tests.benchmarks.comparing import Line


def read_arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    return of_knocks("python -m tests.benchmarks.redirect", __doc__, "who have a mail").parse_args(given)


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
