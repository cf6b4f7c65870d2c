"""What `nurture check` costs on many campaign files: the whole command, from its start, mails and all.

Each campaign chooses among a catalogue of a quarter as many contents, and has subjects, conditions and stages of its own.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from nurture.bootstrap import ROOT, enter


def read_arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.check", description=__doc__)
    parser.add_argument("--campaigns", type=int, default=200, help="campaign files (default 200)")
    parser.add_argument("--runs", type=int, default=3, help="times that the command is run (default 3)")
    return parser.parse_args(given)


def main(arguments: argparse.Namespace) -> list[dict[str, float | int | str]]:
    """Measure, printing a JSON line for each run and one for the best of them."""
    from tests.benchmarks.authors import company, write

    files = company(arguments.campaigns).files
    with tempfile.TemporaryDirectory(prefix="nurture-check-") as folder:
        write(files, Path(folder))
        runs = [_say({"benchmark": "check", "run": n, **_timed(folder)}) for n in range(1, arguments.runs + 1)]
    best = min(runs, key=lambda run: float(run["wall_s"]))
    return [_say({**best, "campaigns": arguments.campaigns, "mails": arguments.campaigns * 15, "run": "best"})]


def _timed(folder: str) -> dict[str, float]:
    """Seconds of a `nurture check`, of the clock and of processors, which must find nothing wrong."""
    before, start = os.times(), time.perf_counter()
    command = [sys.executable, "-m", "nurture", "check"]
    done = subprocess.run(command, cwd=folder, env=_environment(), capture_output=True, text=True)
    wall, after = time.perf_counter() - start, os.times()
    if done.returncode or "no mistakes" not in done.stderr:
        raise SystemExit(done.stdout + done.stderr)
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return {"wall_s": round(wall, 2), "cpu_s": round(cpu, 2)}


def _environment() -> Mapping[str, str]:
    return {**os.environ, "PYTHONPATH": ROOT}


def _say(line: dict[str, float | int | str]) -> dict[str, float | int | str]:
    print(json.dumps(line), flush=True)
    return line


if __name__ == "__main__":
    enter("tests.benchmarks.check")
    main(read_arguments())
