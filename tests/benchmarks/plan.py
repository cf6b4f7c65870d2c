"""What `nurture plan` takes for many contacts in flight: for an edit of one wait, and for one that concerns everybody."""

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from nurture.bootstrap import enter

if TYPE_CHECKING:
    from tests.benchmarks.comparing import Line


def read_arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.plan", description=__doc__)
    parser.add_argument("--contacts", type=int, default=100_000, help="in flight (default 100000)")
    parser.add_argument("--days", type=int, default=7, help="how far ahead mails are looked for (default 7)")
    parser.add_argument("--processes", type=int, default=0, help="0 (default): as many as there are processors")
    parser.add_argument("--database", choices=["sqlite", "postgresql", "both"], default="both")
    return parser.parse_args(given)


def main(arguments: argparse.Namespace) -> "list[Line]":
    """Measure, printing a JSON line for each database and edit."""
    from tests.benchmarks.places import kinds
    from tests.benchmarks.planned import measure

    return [line for kind in kinds(arguments.database) for line in measure(kind, arguments)]


if __name__ == "__main__":
    enter("tests.benchmarks.plan")
    main(read_arguments())
