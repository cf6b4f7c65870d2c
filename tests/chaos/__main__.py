"""`python -m tests.chaos --seeds N`: run so many seeds, and print each that breaks a promise."""

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nurture.bootstrap import enter

if __name__ == "__main__":
    enter("tests.chaos")

from tests.chaos.grounds import Grounds, postgres_grounds, sqlite_grounds
from tests.chaos.hosts import HOSTS
from tests.chaos.running import run_seeds
from tests.postgres import shared_server, stop_shared_server


def main(arguments: list[str]) -> int:
    """Answers how many seeds failed, at most 1."""
    asked = _parser().parse_args(arguments)
    seeds = [asked.seed] if asked.seed is not None else range(asked.first, asked.first + asked.seeds)
    failed, counts, began = 0, Counter[str](), time.monotonic()
    with _grounds(asked.database) as grounds:
        for done, verdict in enumerate(run_seeds(grounds, seeds, host=HOSTS.get(asked.host)), 1):
            counts.update(verdict.course.faults.counts)
            if verdict.broken:
                failed += 1
                print(verdict, flush=True)
            if asked.v:
                for taken in verdict.course.sink.taken:
                    print(f"  {taken.at.isoformat()} {taken.recipient} {taken.message_id}")
                print(f"  faults: {dict(verdict.course.faults.counts)}")
            if done % 20 == 0:
                print(f"{done} seeds, {failed} failed, {time.monotonic() - began:.0f} s", flush=True)
    print(
        f"{len(seeds)} seeds, {failed} failed, {time.monotonic() - began:.0f} s; faults: {dict(sorted(counts.items()))}"
    )
    return min(failed, 1)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seeds", type=int, default=200, help="how many seeds (200)")
    parser.add_argument("--first", type=int, default=0, help="the first of them (0)")
    parser.add_argument("--seed", type=int, help="this one only")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--host", choices=tuple(HOSTS), help="the kind of mail server; default: each seed's own")
    parser.add_argument("-v", action="store_true", help="print what the sink took")
    return parser


@contextmanager
def _grounds(database: str) -> Iterator[Grounds]:
    if database == "sqlite":
        with sqlite_grounds() as grounds:
            yield grounds
        return
    with tempfile.TemporaryDirectory(prefix="nurture-chaos-") as folder:
        (Path(folder) / "controller.pid").write_text(str(os.getpid()))  # the server ends with this process
        server = shared_server(Path(folder))
        url = server.create_database()
        try:
            with postgres_grounds(url) as grounds:
                yield grounds
        finally:
            server.drop_database(url)
            stop_shared_server(Path(folder))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
