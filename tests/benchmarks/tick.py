"""What a tick of the engine costs beside few and beside many enrolments that are not due: the ratio should be about 1.

Two databases in turns, one with --few and one with --many contacts asleep. Timed on each: a whole tick of a worker when
nothing is due (receipts, decisions and outbox looked at), and claiming and loading --due contacts that are.
"""

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from nurture.bootstrap import enter

if TYPE_CHECKING:
    from tests.benchmarks.comparing import Line


def read_arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.tick", description=__doc__)
    parser.add_argument("--few", type=int, default=1_000, help="enrolments not due, on one side (default 1000)")
    parser.add_argument("--many", type=int, default=1_000_000, help="… and on the other (default 1000000)")
    parser.add_argument("--due", type=int, default=100, help="contacts that are due (default 100)")
    parser.add_argument("--rounds", type=int, default=50, help="measurements of each; medians are told (default 50)")
    parser.add_argument("--database", choices=["sqlite", "postgresql", "both"], default="both")
    return parser.parse_args(given)


def main(arguments: argparse.Namespace) -> "list[Line]":
    """Measure, printing a JSON line for each database and kind of tick."""
    from tests.benchmarks.places import kinds
    from tests.benchmarks.ticking import compare

    return [line for kind in kinds(arguments.database) for line in compare(kind, arguments)]


if __name__ == "__main__":
    enter("tests.benchmarks.tick")
    main(read_arguments())
