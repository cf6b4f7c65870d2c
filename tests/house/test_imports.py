"""Imports run downwards only, as the contract in pyproject.toml says."""

from pathlib import Path

from importlinter.cli import lint_imports

from nurture.bootstrap import ROOT


def test_imports_run_downwards_only(capsys) -> None:
    config = str(Path(ROOT) / "pyproject.toml")
    code = lint_imports(config_filename=config, no_cache=True)
    assert code == 0, capsys.readouterr().out
