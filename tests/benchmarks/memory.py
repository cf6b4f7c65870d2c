"""The memory of one process that runs web, workers and clock over many contacts, of whom few or many are due.

The parts are those of `nurture run`, in a process of their own for each number, on a clock that stands at a Monday
morning. Told is the greatest resident size that the kernel saw, and its ratio to that of the first number: the mails of a
run should not show in it.
"""

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from nurture.bootstrap import enter

if TYPE_CHECKING:
    from tests.benchmarks.comparing import Line


def read_arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.memory", description=__doc__)
    parser.add_argument("--contacts", type=int, default=100_000, help="contacts in the database (default 100000)")
    parser.add_argument(
        "--due", type=int, nargs="+", default=[2_000, 60_000], help="of whom are due, in turn (default 2000 60000)"
    )
    parser.add_argument("--database", choices=["sqlite", "postgresql", "both"], default="both")
    parser.add_argument("--sink", choices=["auto", "smtp-sink", "tests.sinks"], default="auto")
    return parser.parse_args(given)


def main(arguments: argparse.Namespace) -> "list[Line]":
    """Measure, printing a JSON line for each database and number."""
    from tests.benchmarks.places import kinds
    from tests.benchmarks.weighing import weigh

    return [line for kind in kinds(arguments.database) for line in weigh(kind, arguments)]


if __name__ == "__main__":
    enter("tests.benchmarks.memory")
    main(read_arguments())
