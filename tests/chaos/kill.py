"""`python -m tests.chaos.kill`: kill workers at every moment of a delivery, and count at the sink what became of each mail.

A table a database, then a JSON line; exit code 1 when a promise was broken. `--naive` shows that the harness would notice.
"""

import argparse
import sys
from collections.abc import Sequence

from nurture.bootstrap import enter


def read_arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.kill", description=__doc__)
    parser.add_argument("--kills", type=int, default=100, help="kills at each moment (default 100)")
    parser.add_argument("--at", nargs="+", metavar="MOMENT", help="only at these moments; default: all")
    parser.add_argument("--database", choices=["sqlite", "postgresql", "both"], default="both")
    parser.add_argument(
        "--way", choices=["smtp", "smtp-again", "resend", "postmark"], default="smtp", help="how mail leaves"
    )
    parser.add_argument("--slots", type=int, default=4, help="messages under way at once (default 4)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--stops", type=int, metavar="N", help="instead: pause workers N times, beyond their lease")
    parser.add_argument("--pairs", type=int, default=4, help="pairs of workers that are paused at once (default 4)")
    parser.add_argument("--naive", action="store_true", help="instead: kill a claim-send-commit loop")
    parser.add_argument("--list", action="store_true", help="name the moments")
    return parser.parse_args(given)


if __name__ == "__main__":
    enter("tests.chaos.kill")
    from tests.chaos.killing import main

    sys.exit(main(read_arguments()))
