"""`python -m tests.benchmarks --table`: run the benchmarks, and write what they found into the README's table.

Each runs as a process of its own, so that none weighs on the next; one that fails is told and keeps its old rows. Rows of
benchmarks that --only leaves out stay as they are.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from nurture.bootstrap import ROOT, enter


def read_arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    from tests.benchmarks.table import NAMES

    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--table", action="store_true", help="rewrite the table, and not only print JSON lines")
    parser.add_argument("--only", nargs="+", choices=NAMES, default=list(NAMES), metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--results", type=Path, metavar="FILE", help="also append the JSON lines to this file")
    parser.add_argument("--readme", type=Path, default=Path(ROOT) / "README.md", metavar="FILE", help="another README")
    parser.add_argument("--short", action="store_true", help="tiny sizes, to see that everything runs")
    return parser.parse_args(given)


def main(arguments: argparse.Namespace) -> int:
    """Run what was asked for; answers how many benchmarks failed."""
    from tests.benchmarks.running import run_all
    from tests.benchmarks.table import ENTRIES, rewritten

    wanted = [entry for entry in ENTRIES if entry.name in arguments.only]
    found = run_all(wanted, arguments.results, short=arguments.short)
    if arguments.table:
        arguments.readme.write_text(rewritten(arguments.readme.read_text(encoding="utf-8"), found), encoding="utf-8")
    return len(wanted) - len(found)


if __name__ == "__main__":
    enter("tests.benchmarks")
    sys.exit(main(read_arguments()))
