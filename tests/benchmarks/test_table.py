"""The table in the README: rows come from what was measured, and nothing else in the text changes."""

import json
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest

from nurture.bootstrap import ROOT
from tests.benchmarks.__main__ import main, read_arguments
from tests.benchmarks.running import run_all
from tests.benchmarks.table import BEGIN, END, ENTRIES, NAMES, Entry, rewritten

DECIDED = {"benchmark": "decide", "event": "all", "per_s": 41234, "copy_us": 2.46, "ratio_copy": 9.9}
ROW = "| `core.decide` | one core | 41,234 decisions/s | a copy of the state 2.46 µs | 9.90 | ≥ 40,000/s |"
OLD = "| Clicks sent on | SQLite, click | an older figure | – | – | – |"


def test_rows_of_what_was_measured_are_new_and_the_others_stay() -> None:
    text = f"before\n{BEGIN}\n\n| What |\n|---|\n{ROW.replace('41,234', '7')}\n{OLD}\n\n{END}\nafter\n"

    new = rewritten(text, {"decide": [DECIDED]})

    assert new.startswith(f"before\n{BEGIN}\n\n| What | Where |")
    assert new.endswith(f"\n{ROW}\n{OLD}\n\n{END}\nafter\n")
    assert rewritten(new, {}) == rewritten(new, {"decide": [DECIDED]}) == new


@pytest.mark.parametrize("entry", ENTRIES, ids=NAMES)
def test_every_benchmark_of_the_table_knows_its_options(entry: Entry) -> None:
    module = import_module(f"tests.benchmarks.{entry.module}")

    assert module.read_arguments(entry.options)
    assert module.read_arguments(entry.short)


def test_what_was_not_measured_is_a_dash() -> None:
    line = {"benchmark": "drip", "database": "sqlite", "mails_per_s": 1234.5, "peak_mb": 99.6}
    line |= {"opponent_mails_per_s": None, "ratio": None}

    new = rewritten(f"{BEGIN}{END}", {"drip": [line]})

    assert "| SQLite | 1,234 mails/s, 99.6 MB | django-drip-campaigns – | – | ≥ 20 |" in new


def test_a_text_without_a_table_is_left_alone() -> None:
    with pytest.raises(ValueError, match="there is no table between"):
        rewritten("nothing here", {})


def test_a_run_rewrites_the_table_and_keeps_the_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    readme, results = tmp_path / "README.md", tmp_path / "results.jsonl"
    readme.write_text((Path(ROOT) / "README.md").read_text(encoding="utf-8"), encoding="utf-8")

    options = ["--table", "--short", "--only", "decide", "--readme", str(readme), "--results", str(results)]
    assert main(read_arguments(options)) == 0

    printed, told = capsys.readouterr()
    assert results.read_text(encoding="utf-8") == printed
    last = json.loads(printed.splitlines()[-1])
    assert (last["entry"], last["event"]) == ("decide", "all")
    assert f"| `core.decide` | one core | {last['per_s']:,} decisions/s |" in readme.read_text(encoding="utf-8")
    assert "1 of 1, decide: python -m tests.benchmarks.decide" in told


def test_a_benchmark_that_fails_is_told_and_has_no_lines(capsys: pytest.CaptureFixture[str]) -> None:
    entry = replace(ENTRIES[0], short=("--nonsense",))

    assert run_all([entry], None, short=True) == {}

    assert "send failed (exit code 2); its rows stay as they were" in capsys.readouterr().err
