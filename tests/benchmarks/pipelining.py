"""What handing a mail over by SMTP costs: round trips to a server far away, and our own processor time; each client in turn.

The server far away answers everything a round trip after it came. The mails are of one size and made beforehand: nothing is
timed but the transport, which as many hands feed as it has use for.
"""

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from nurture.bootstrap import enter

if TYPE_CHECKING:
    from tests.benchmarks.comparing import Line


def read_arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.pipelining", description=__doc__)
    parser.add_argument("--mails", type=int, default=5000, help="mails a turn to the server nearby (default 5000)")
    parser.add_argument(
        "--far-mails", type=int, default=100, help="and for each connection to the far one (default 100)"
    )
    parser.add_argument("--connections", type=int, default=16, help="SMTP connections (default 16)")
    parser.add_argument("--round-trip", type=float, default=20, metavar="MS", help="how far away it is (default 20)")
    parser.add_argument("--octets", type=int, default=24_000, help="size of a mail (default 24000)")
    parser.add_argument("--runs", type=int, default=3, help="turns of each client (default 3; medians are told)")
    parser.add_argument(
        "--sink", choices=["auto", "smtp-sink", "tests.sinks"], default="auto", help="the server nearby"
    )
    return parser.parse_args(given)


def main(arguments: argparse.Namespace) -> "list[Line]":
    """Compare, printing a JSON line for each client with its medians."""
    from tests.benchmarks.handing import compare

    return compare(arguments)


if __name__ == "__main__":
    enter("tests.benchmarks.pipelining")
    main(read_arguments())
