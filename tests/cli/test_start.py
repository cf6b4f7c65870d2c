"""The way in: help at once, mistakes as sentences, nothing said by a traceback."""

import subprocess
import sys
from pathlib import Path

import pytest

from nurture.bootstrap import ROOT
from nurture.cli.errors import SENTENCES, CommandProblem, exit_code, sentence
from tests.cli.shell import Shell, told_well

HEAVY = ("sqlalchemy", "sqlmodel", "alembic", "fastapi", "starlette", "uvicorn", "jinja2", "ruamel", "lark",
         "mjml", "babel", "holidays", "structlog", "asyncio", "rich")  # fmt: skip


def python(*arguments: str, cwd: Path) -> "subprocess.CompletedProcess[str]":
    """Run this Python with the program at hand."""
    command = [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {ROOT!r}); {arguments[0]}", *arguments[1:]]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(
    "arguments", [["--help"], ["contacts", "--help"], ["contacts", "import", "--help"], ["run", "--help"]]
)
def test_help_imports_nothing_heavy(arguments: list[str], tmp_path: Path) -> None:
    script = (
        f"from nurture.cli.app import run; code = run({arguments!r}); "
        f"loaded = [name for name in {HEAVY!r} if name in sys.modules]; sys.exit(code or repr(loaded) if loaded else 0)"
    )
    done = python(script, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Usage: nurture" in done.stdout


def test_the_real_entry_point_answers(tmp_path: Path) -> None:
    done = python("from nurture.cli import main; sys.argv = ['nurture', '--version']; main()", cwd=tmp_path)
    assert (done.returncode, done.stdout.split()[0]) == (0, "nurture")


def test_a_reader_that_leaves_is_no_error(tmp_path: Path) -> None:
    script = "import sys; sys.argv = ['nurture', '--help']; from nurture.cli import main; main()"
    command = f'"{sys.executable}" -I -c "import sys; sys.path.insert(0, \'{ROOT}\'); {script}" | true; exit ${{PIPESTATUS[0]}}'
    done = subprocess.run(
        ["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stderr == ""


def test_every_command_explains_itself(empty: Shell) -> None:
    from nurture.cli.app import app

    names = [command.name for command in app.registered_commands]
    groups = [
        (g.name, c.name)
        for g in app.registered_groups
        for c in (g.typer_instance.registered_commands if g.typer_instance else [])
    ]
    for words in [(name,) for name in names] + groups:
        answer = empty(*[word for word in words if word], "--help")
        assert answer.code == 0
        assert len(answer.out.splitlines()) > 4


def test_a_command_that_is_none_is_told(empty: Shell) -> None:
    assert told_well(empty("statuss"), "No such command", "statuss")


def test_a_bad_env_file_is_told_with_every_mistake_and_its_line(empty: Shell) -> None:
    empty.write(".env", "NURTURE_PORT=99999\nNURTURE_SMTP_ULR=smtp://localhost\nwhat is this\n")
    answer = empty("status")
    assert told_well(answer, ".env:3", "(.env:1)", "did you mean NURTURE_SMTP_URL? (.env:2)")
    assert not (empty.folder / "nurture.db").exists()


@pytest.mark.parametrize("command", ["status", "prospects", "apply", "worker", "clock", "run", "doctor"])
@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mysql://root@localhost/x", ("'mysql' databases are not supported", "sqlite:///nurture.db")),
        ("nonsense", ("this is no database URL", "postgresql://")),
        ("postgresql://nobody:geheim@127.0.0.1:1/none", ("127.0.0.1", "NURTURE_DATABASE_URL")),
        ("sqlite:////nowhere/at/all/nurture.db", ("nurture.db",)),
    ],
)
def test_a_wrong_database_is_told(
    empty: Shell, monkeypatch: pytest.MonkeyPatch, command: str, url: str, words: tuple[str, ...]
) -> None:
    monkeypatch.setenv("NURTURE_DATABASE_URL", url)
    answer = empty(command)
    assert told_well(answer, *words)
    assert "geheim" not in answer.told


def test_a_database_without_tables_is_told(empty: Shell) -> None:
    assert told_well(empty("status"), "run `nurture db upgrade`")


def test_a_file_that_is_no_database_is_told(empty: Shell) -> None:
    empty.write("nurture.db", "this is a letter, and rather long for a letter " * 100)
    assert told_well(empty("status"), "nurture.db")


def test_debug_shows_the_traceback(empty: Shell) -> None:
    answer = empty("--debug", "status")
    assert answer.code == 1
    assert "Traceback" in answer.err


def test_every_sentence_in_the_table_belongs_to_an_exception() -> None:
    import importlib

    for name in SENTENCES:
        module, _, cls = name.rpartition(".")
        assert issubclass(getattr(importlib.import_module(module), cls), Exception)


def test_what_nobody_expected_is_told_with_what_to_do() -> None:
    said = sentence(ZeroDivisionError("division by zero"))
    assert said.startswith("nurture did not expect this: ZeroDivisionError: division by zero")
    assert "--debug" in said


def test_exit_codes_tell_apart_failure_misuse_and_interruption() -> None:
    assert [exit_code(e) for e in (ValueError(), CommandProblem("no", code=2), KeyboardInterrupt())] == [1, 2, 130]
