"""Three small mails to each of 10,000 contacts, beside django-drip-campaigns doing the same to the same sink.

The opponent is installed from PyPI into an environment of its own on first use. It sends all steps in one `send_drips`;
the engine, on a clock set forward a day after each step, claims, decides, sends and records step by step. Both sides write
the same HTML, on a database of the same kind, and before the clock starts each has written to a few people.
"""

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from nurture.bootstrap import enter

if TYPE_CHECKING:
    from tests.benchmarks.comparing import Line


def read_arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.drip", description=__doc__)
    parser.add_argument(
        "--contacts", type=int, default=10_000, help="people, each written to in 3 steps (default 10000)"
    )
    parser.add_argument("--connections", type=int, default=16, help="SMTP connections of the engine (default 16)")
    parser.add_argument(
        "--processes", type=int, nargs="+", default=[1, 2], help="worker processes of the engine, in turn (default 1 2)"
    )
    parser.add_argument("--database", choices=["sqlite", "postgresql", "both"], default="both")
    parser.add_argument("--runs", type=int, default=1, help="turns of each side (default 1; medians are told)")
    parser.add_argument("--sink", choices=["auto", "smtp-sink", "tests.sinks"], default="auto")
    parser.add_argument("--alone", action="store_true", help="measure the engine only, and install nothing")
    return parser.parse_args(given)


def main(arguments: argparse.Namespace) -> "list[Line]":
    """Compare, printing a JSON line for each database and number of processes."""
    from tests.benchmarks.dripping import compare
    from tests.benchmarks.places import kinds

    return [line for kind in kinds(arguments.database) for line in compare(kind, arguments)]


if __name__ == "__main__":
    enter("tests.benchmarks.drip")
    main(read_arguments())
