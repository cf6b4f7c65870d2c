"""Imports run downwards only, as the contract in pyproject.toml says."""

import subprocess
import sys

from nurture.bootstrap import ROOT

LINT = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"


def test_imports_run_downwards_only() -> None:
    """In a process of its own: the linter switches off every logger that is there, which other tests listen to."""
    done = subprocess.run([sys.executable, "-c", LINT], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 kept, 0 broken" in done.stdout
