"""Messages a second to a provider's HTTP API, one a request and many a request, in turns.

The provider is the tests' Postmark, then their Resend, in a process of its own, which answers at once and, since real ones
are far away, after --delay milliseconds. Timed is all from a finished message to its outcome: taking it apart, JSON, HTTP, and reading the answer.
"""

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from nurture.bootstrap import enter

if TYPE_CHECKING:
    from tests.benchmarks.comparing import Line


def read_arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.http", description=__doc__)
    parser.add_argument("--messages", type=int, default=2000, help="messages a turn (default 2000)")
    parser.add_argument("--connections", type=int, default=4, help="requests under way at once (default 4)")
    parser.add_argument("--delay", type=float, default=50, help="milliseconds of the second kind (default 50)")
    parser.add_argument("--runs", type=int, default=3, help="turns of each side (default 3; medians are told)")
    return parser.parse_args(given)


def main(arguments: argparse.Namespace) -> "list[Line]":
    """Compare, printing a JSON line for each kind."""
    from tests.benchmarks.posting import measure

    delays = (0.0, arguments.delay)
    return [measure(provider, delay, arguments) for provider in ("postmark", "resend") for delay in delays]


if __name__ == "__main__":
    enter("tests.benchmarks.http")
    main(read_arguments())
