"""The short form of `python -m tests.chaos.hooks`, in a process of its own because it forks."""

import json
import subprocess
import sys

import pytest

from nurture.bootstrap import ROOT


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def test_what_was_answered_200_survives_a_killed_web_process(kind: str, request: pytest.FixtureRequest) -> None:
    if kind == "postgresql":
        request.getfixturevalue("postgres_server")  # skips where none can be had
    command = [sys.executable, "-m", "tests.chaos.hooks", "--kills=4", f"--database={kind}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert (told["kills"], told["lost"]) == (4, 0)
    assert told["acknowledged"] >= 4
