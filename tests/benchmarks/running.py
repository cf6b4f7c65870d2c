"""Benchmarks one after the other, each as a process of its own; their JSON lines are passed on, kept and answered."""

import json
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nurture.bootstrap import ROOT
from tests.benchmarks.table import Entry, Line


def run_all(entries: Sequence[Entry], results: Path | None, *, short: bool) -> Mapping[str, Sequence[Line]]:
    """The lines of each benchmark that came to its end, by name. How far things are goes to standard error."""
    found: dict[str, Sequence[Line]] = {}
    began = time.monotonic()
    for number, entry in enumerate(entries, 1):
        command = [sys.executable, "-m", f"tests.benchmarks.{entry.module}", *(entry.short if short else entry.options)]
        _tell(f"{number} of {len(entries)}, {entry.name}: python {' '.join(command[1:])}")
        started = time.monotonic()
        lines, code = _run(command, entry.name, results)
        if code:
            _tell(f"{entry.name} failed (exit code {code}); its rows stay as they were")
        else:
            found[entry.name] = lines
        _tell(f"{entry.name}: {time.monotonic() - started:.0f} s, {time.monotonic() - began:.0f} s in all")
    return found


def _run(command: Sequence[str], name: str, results: Path | None) -> tuple[Sequence[Line], int]:
    lines: list[dict[str, Any]] = []
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        for text in child.stdout:
            line = {"entry": name, **json.loads(text)}
            print(json.dumps(line), flush=True)
            lines.append(line)
            if results is not None:
                with results.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(line) + "\n")
    return lines, child.returncode


def _tell(sentence: str) -> None:
    print(f"benchmarks: {sentence}", file=sys.stderr, flush=True)
