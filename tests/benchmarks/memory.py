"""The memory of one process that runs web, workers and clock over many contacts, some of whom are due.

The parts are those of `nurture run`, in a process of their own, on a clock that stands at a Monday morning. Told is the
greatest resident size that the kernel saw.
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
    parser.add_argument("--due", type=int, default=5_000, help="of whom are due (default 5000)")
    parser.add_argument("--database", choices=["sqlite", "postgresql", "both"], default="both")
    parser.add_argument("--sink", choices=["auto", "smtp-sink", "tests.sinks"], default="auto")
    return parser.parse_args(given)


def main(arguments: argparse.Namespace) -> "list[Line]":
    """Measure, printing a JSON line for each database."""
    from tests.benchmarks.places import kinds
    from tests.benchmarks.weighing import weigh

    return [weigh(kind, arguments) for kind in kinds(arguments.database)]


if __name__ == "__main__":
    enter("tests.benchmarks.memory")
    main(read_arguments())
