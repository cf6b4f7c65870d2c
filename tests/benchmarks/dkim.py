"""What a DKIM signature adds to a mail, by kind of key, and what dkimpy's takes in the same run.

The mail is the shipped white paper for one contact. Ours is the whole way, rendering included, with a key and without; dkimpy
is handed the finished mail. The sides take turns, a round each; processor time is told, since others' work is not in it. dkimpy's
RSA is its own, in Python.
"""

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from nurture.bootstrap import enter

if TYPE_CHECKING:
    from tests.benchmarks.comparing import Line


def read_arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.dkim", description=__doc__)
    parser.add_argument(
        "--mails", type=int, default=200, help="mails a round (default 200; a tenth of them for dkimpy)"
    )
    parser.add_argument("--rounds", type=int, default=7, help="rounds of each side; medians are told (default 7)")
    return parser.parse_args(given)


def main(arguments: argparse.Namespace) -> "list[Line]":
    """Measure, printing a JSON line for each kind of key."""
    from tests.benchmarks.signing import measure

    return measure(arguments)


if __name__ == "__main__":
    enter("tests.benchmarks.dkim")
    main(read_arguments())
