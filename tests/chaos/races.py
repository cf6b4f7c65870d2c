"""`python -m tests.chaos.races --times 10000`: people leave while their mail is on its way.

Each race is a POST to the page behind the mail's own link, answered by the real web application, at about the time at which a
worker process hands the mail over. Counted by the sink's clock: mails whose final dot came more than a second after the
page had answered. The sink is slow, and sometimes very slow, between DATA and 354.
"""

import argparse
import sys
from collections.abc import Sequence

from nurture.bootstrap import enter


def read_arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.races", description=__doc__)
    parser.add_argument("--times", type=int, default=10_000, help="races in all (default 10000)")
    parser.add_argument("--database", choices=["sqlite", "postgresql", "both"], default="both")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args(given)


if __name__ == "__main__":
    enter("tests.chaos.races")
    from tests.chaos.racing import main

    sys.exit(main(read_arguments()))
