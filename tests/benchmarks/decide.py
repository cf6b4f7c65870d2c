"""Decisions a second on one core, as twelve weeks of the shipped campaigns bring them, and what they consist of.

Made-up people go through the campaigns once, untimed, and every (state, event, instant) is written down. Then `core.decide`
is given all of them again, and nothing else is timed. Beside it, in the same run, stands what one plain copy of a
contact's state costs (`dataclasses.replace`): a yardstick for the machine, since a decision cannot do without.
"""

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from nurture.bootstrap import enter

if TYPE_CHECKING:
    from tests.benchmarks.comparing import Line


def read_arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.decide", description=__doc__)
    parser.add_argument("--contacts", type=int, default=1_000, help="people (default 1000)")
    parser.add_argument("--rounds", type=int, default=7, help="measurements; the median is told (default 7)")
    return parser.parse_args(given)


def main(arguments: argparse.Namespace) -> "list[Line]":
    """Measure, printing a JSON line for each kind of event and one for all."""
    from tests.benchmarks.deciding import measure

    return measure(arguments)


if __name__ == "__main__":
    enter("tests.benchmarks.decide")
    main(read_arguments())
