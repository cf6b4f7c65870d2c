"""Finding whom a condition means among --contacts: by SQL, and by loading everybody for the core's own evaluation.

Both answer on the same database, in the same run, and must find the same contacts. The core's time is that of loading
everybody, in chunks, and of evaluating the one condition.
"""

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from nurture.bootstrap import enter

if TYPE_CHECKING:
    from tests.benchmarks.comparing import Line


def read_arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.select", description=__doc__)
    parser.add_argument("--contacts", type=int, default=100_000, help="contacts in the database (default 100000)")
    parser.add_argument("--rounds", type=int, default=3, help="how often SQL is asked; the median counts (default 3)")
    parser.add_argument("--database", choices=["sqlite", "postgresql", "both"], default="both")
    return parser.parse_args(given)


def main(arguments: argparse.Namespace) -> "list[Line]":
    """Measure, printing a JSON line for each condition on each database."""
    from tests.benchmarks.places import kinds
    from tests.benchmarks.selecting import compare

    return [line for kind in kinds(arguments.database) for line in compare(kind, arguments)]


if __name__ == "__main__":
    enter("tests.benchmarks.select")
    main(read_arguments())
