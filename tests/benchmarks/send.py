"""Mails a second from a due timer to a sink, end to end, and the ratios to a naive loop and to postfix's smtp-source.

What is timed on our side: claim the due contacts, decide, commit; claim the outbox, ask again whether each may go, compose,
commit the intents, hand over by SMTP, record; decide on each send. The sides take turns in one run, the naive loop on a
fresh database of the same kind, smtp-source with as many connections as the engine; all mails are counted at the sink.
With --answer-after the sink is far away, and mails for each round trip on a connection are told.
"""

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from nurture.bootstrap import enter

if TYPE_CHECKING:
    from tests.benchmarks.comparing import Line


def read_arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.send", description=__doc__)
    parser.add_argument("--contacts", type=int, default=4000, help="contacts due (default 4000)")
    parser.add_argument(
        "--naive", type=int, default=600, help="contacts of the naive loop, which is slow (default 600)"
    )
    parser.add_argument("--connections", type=int, default=16, help="SMTP connections of the engine (default 16)")
    parser.add_argument(
        "--processes", type=int, nargs="+", default=[1, 2], help="worker processes of the engine, in turn (default 1 2)"
    )
    parser.add_argument("--database", choices=["sqlite", "postgresql", "both"], default="both")
    parser.add_argument("--runs", type=int, default=3, help="turns of each side (default 3; medians are told)")
    parser.add_argument(
        "--answer-after", type=float, default=0, metavar="MS", help="milliseconds the sink is away (default 0)"
    )
    parser.add_argument("--sink", choices=["auto", "smtp-sink", "tests.sinks"], default="auto")
    parser.add_argument(
        "--dkim",
        choices=["none", "rsa", "ed25519", "both"],
        default="none",
        help="how our mails are signed (default none)",
    )
    return parser.parse_args(given)


def main(arguments: argparse.Namespace) -> "list[Line]":
    """Compare, printing a JSON line a turn and one with the medians for each database and number of processes."""
    from tests.benchmarks import comparing, faraway
    from tests.benchmarks.places import kinds
    from tests.benchmarks.signing import signing

    compare = faraway.compare if arguments.answer_after else comparing.compare
    with signing(arguments.dkim):
        return [
            compare(kind, processes, arguments)
            for kind in kinds(arguments.database)
            for processes in arguments.processes
        ]


if __name__ == "__main__":
    enter("tests.benchmarks.send")
    main(read_arguments())
