"""What a tick of the engine costs beside few and beside very many enrolments that are not due: the ratio should be about 1.

A database for each size, all measured in turns. A tick is a whole one of a worker: receipts looked at, due contacts claimed,
loaded, decided and committed, their mails claimed, asked about again, composed, recorded, and each send decided on; only
the mail server is spared, for it knows no sizes. Timed with --due contacts due, and with none. The sleepers are made by the
database itself; 10,000,000 of them need 20 GB of disk for a while.
"""

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from nurture.bootstrap import enter

if TYPE_CHECKING:
    from tests.benchmarks.comparing import Line

MOST_FOR_SQLITE = 1_000_000


def read_arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.due", description=__doc__)
    parser.add_argument(
        "--enrolments",
        type=int,
        nargs="+",
        default=[10_000, 100_000, 1_000_000],
        help=f"not due; others are compared with the first (default 10000 100000 1000000; SQLite: {MOST_FOR_SQLITE} at most)",
    )
    parser.add_argument("--due", type=int, default=1000, help="contacts that are due (default 1000)")
    parser.add_argument("--rounds", type=int, default=9, help="measurements of each; medians are told (default 9)")
    parser.add_argument("--database", choices=["sqlite", "postgresql", "both"], default="both")
    return parser.parse_args(given)


def main(arguments: argparse.Namespace) -> "list[Line]":
    """Measure, printing a JSON line for each database, kind of tick and size."""
    from tests.benchmarks.places import kinds
    from tests.benchmarks.ticking import compare

    return [line for kind in kinds(arguments.database) for line in compare(kind, arguments)]


if __name__ == "__main__":
    enter("tests.benchmarks.due")
    main(read_arguments())
