"""The tests' own PostgreSQL: each way to have one works, and none passes unseen."""

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
import sqlalchemy

from nurture.bootstrap import ROOT
from tests.postgres import NoServerError, Server, binaries, running_server

SAMPLE = """
def test_needs_a_database(postgres_url):
    assert postgres_url
"""


def _choices() -> list[str]:
    """The wheel is always there; the machine's own PostgreSQL need not be."""
    try:
        binaries("system")
    except NoServerError:
        return ["wheel"]
    return ["system", "wheel"]


@pytest.mark.postgres
@pytest.mark.parametrize("choice", _choices())
def test_a_server_starts_serves_and_ends(choice: str) -> None:
    with running_server(choice=choice) as server:
        url = server.create_database()
        assert _ask(url, "SELECT 1") == 1
        server.drop_database(url)
        pid = server.pid()
    assert not Path(f"/proc/{pid}").exists()
    assert server.folder is not None
    assert not server.folder.exists()


def test_a_durable_server_keeps_fsync(postgres_server: Server) -> None:
    assert _ask(postgres_server.url, "SHOW fsync") == "off"
    with running_server(durable=True) as server:
        assert _ask(server.url, "SHOW fsync") == "on"


def test_each_test_has_a_database_of_its_own(database_url: str) -> None:
    engine = sqlalchemy.create_engine(database_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE only_here (id INTEGER)")
    engine.dispose()


def test_copies_of_a_prepared_database_do_not_see_each_other(postgres_database) -> None:
    first, second = postgres_database(_with_a_table), postgres_database(_with_a_table)
    assert first != second
    assert _ask(first, "INSERT INTO prepared VALUES (1) RETURNING id") == 1
    assert _ask(second, "SELECT count(*) FROM prepared") == 0


def test_without_postgres_a_test_is_skipped_with_the_reason(tmp_path: Path) -> None:
    done = _pytest(tmp_path, CI="")
    assert done.returncode == 0, done.stdout
    assert "no PostgreSQL found" in done.stdout


def test_without_postgres_ci_fails(tmp_path: Path) -> None:
    done = _pytest(tmp_path, CI="true")
    assert done.returncode == 1
    assert "CI needs a PostgreSQL" in done.stdout


def test_ci_forbids_skipping_what_it_must_run(tmp_path: Path) -> None:
    sample = "import pytest\n" + "".join(
        f"@pytest.mark.{mark}\n@pytest.mark.skip(reason='tired')\ndef test_{mark}(): ...\n"
        for mark in ("postgres", "smtp", "browser", "slow")
    )
    assert _pytest(tmp_path, sample, CI="").returncode == 0
    done = _pytest(tmp_path, sample, CI="true")
    assert done.returncode == 1
    listed = done.stdout.split("CI forbids it")[1].split("short test summary")[0]
    assert [f"test_{m}" in listed for m in ("postgres", "smtp", "browser", "slow")] == [1, 1, 1, 0]


def _pytest(folder: Path, sample: str = SAMPLE, **environment: str) -> "subprocess.CompletedProcess[str]":
    (folder / "test_sample.py").write_text(sample)
    command = ["-m", "pytest", "-q", "-p", "tests.conftest", "-p", "no:cacheprovider", "-c"]
    settings = os.environ | {"NURTURE_TEST_POSTGRES": "none"} | environment
    for name in ("TEST_DATABASE_URL", "NURTURE_TEST_RUN", "PYTEST_ADDOPTS", "PYTEST_XDIST_WORKER"):
        settings.pop(name, None)
    return subprocess.run(
        [sys.executable, *command, f"{ROOT}/pyproject.toml", f"{folder}/test_sample.py"],
        cwd=ROOT,
        env=settings,
        capture_output=True,
        text=True,
        check=False,
    )


def _with_a_table(url: str) -> None:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("CREATE TABLE prepared (id integer)")


def _ask(url: str, question: str) -> object:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        row = connection.execute(question).fetchone()
    return row[0] if row else None
