"""Events that one web process takes in durably, and the ratio to the plainest endpoint in the same run.

Signed posts of Postmark and Resend, one event a request, and `POST /events` with one and with a hundred events. `per_s` are
events a second as fast as answers come, over connections that are kept; `cpu_us` what a request costs the process;
`p50_ms` and `p99_ms` what callers wait at a steady pace (--pace requests a second; a twentieth of it in hundreds).
`floor_per_s` and `floor_us` are those of the same server with next to nothing behind it, so that what is ours can be told
from what is the server's; `crowd_us` is what asking costs, on the same machine.
"""

import argparse
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from nurture.bootstrap import enter
from tests.benchmarks.knocks import of_knocks

if TYPE_CHECKING:
    from tests.benchmarks.comparing import Line

AT_ONCE = 100


def read_arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    return of_knocks("python -m tests.benchmarks.intake", __doc__, "whom events are about").parse_args(given)


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
