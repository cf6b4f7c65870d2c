"""What every test may ask for: fresh databases on both engines, and the rules of a run.

`database_url` runs a test twice, on SQLite and on PostgreSQL; `postgres_url` gives a fresh
PostgreSQL database; `postgres_database` makes copies of a prepared one (migrate once, copy often).
Where there is no PostgreSQL the tests are skipped with the reason, and with CI=true they fail.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from nurture.clock import use_packaged_zones
from tests.postgres import NoServerError, Server, database_name, shared_server, stop_shared_server

RUN_FOLDER = "NURTURE_TEST_RUN"
NEVER_SKIPPED_IN_CI = frozenset({"postgres", "smtp", "browser"})
NEEDS_POSTGRES = frozenset({"postgres_server", "postgres_url", "postgres_database"})

PrepareDatabase = Callable[[str], None]

hypothesis.settings.register_profile("here", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "here")
use_packaged_zones()


def in_ci() -> bool:
    """Whether a skipped PostgreSQL, SMTP or browser test is a failure."""
    return os.environ.get("CI", "").lower() in ("1", "true", "yes")


def pytest_configure(config: pytest.Config) -> None:
    """Make the folder a run's processes share; xdist's workers inherit its name."""
    if not hasattr(config, "workerinput"):
        run = Path(tempfile.mkdtemp(prefix="nurture-tests-"))
        (run / "controller.pid").write_text(str(os.getpid()))
        os.environ[RUN_FOLDER] = str(run)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what the run has started."""
    if not hasattr(config, "workerinput") and RUN_FOLDER in os.environ:
        run = Path(os.environ.pop(RUN_FOLDER))
        stop_shared_server(run)
        shutil.rmtree(run, ignore_errors=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark whatever asks for a PostgreSQL, so that `-m 'not postgres'` and CI know it."""
    for item in items:
        if NEEDS_POSTGRES & set(getattr(item, "fixturenames", ())):
            item.add_marker("postgres")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run in CI that skipped what CI must run."""
    if in_ci() and _forbidden_skips(session.config) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Name the skipped tests that made the run fail."""
    skipped = _forbidden_skips(config) if in_ci() else []
    if skipped:
        terminalreporter.section("skipped, and CI forbids it", red=True)
        for name in skipped:
            terminalreporter.line(name)


def _forbidden_skips(config: pytest.Config) -> list[str]:
    reporter: Any = config.pluginmanager.get_plugin("terminalreporter")
    reports = reporter.stats.get("skipped", []) if reporter else []
    return [report.nodeid for report in reports if NEVER_SKIPPED_IN_CI & set(report.keywords)]


@pytest.fixture(scope="session")
def postgres_server() -> Server:
    """The run's PostgreSQL server, started by whoever asks first."""
    try:
        return shared_server(Path(os.environ[RUN_FOLDER]))
    except NoServerError as problem:
        if in_ci():
            pytest.fail(f"CI needs a PostgreSQL: {problem}")
        pytest.skip(f"no PostgreSQL: {problem}")


@pytest.fixture
def postgres_url(postgres_server: Server) -> Iterator[str]:
    """The SQLAlchemy URL of an empty PostgreSQL database, of this test alone."""
    url = postgres_server.create_database()
    yield url
    postgres_server.drop_database(url)


@pytest.fixture(scope="session")
def postgres_database(postgres_server: Server) -> Iterator[Callable[[PrepareDatabase], str]]:
    """Make fresh databases, each a copy of one that `prepare(url)` filled once.

    `prepare` must close its connections; the copies live until the session ends.
    """
    prepared: dict[str, str] = {}
    copies: list[str] = []

    def copy(prepare: PrepareDatabase) -> str:
        name = f"{prepare.__module__}.{prepare.__qualname__}"
        if name not in prepared:
            url = postgres_server.create_database()
            prepare(url)
            prepared[name] = url
        copies.append(postgres_server.create_database(template=database_name(prepared[name])))
        return copies[-1]

    yield copy
    for url in (*copies, *prepared.values()):
        postgres_server.drop_database(url)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database of this test alone, once on each engine."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'nurture.db'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
def anyio_backend() -> str:
    """Tests marked `anyio` run on asyncio, as the program does."""
    return "asyncio"
