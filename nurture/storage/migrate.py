"""The tables brought to this version of the program, or back: Alembic, configured in code.

The scripts lie in `migrations/` beside the package in a checkout, and inside it once installed.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from nurture.storage.database import DatabaseProblem, engine_for, problems, version
from nurture.storage.instance import Instance, create_instance
from nurture.storage.tables import metadata

UPGRADE_LOCK = 7_310_045_211
"""PostgreSQL's advisory lock under which migrations run, so that two machines that start do not both migrate."""


def upgrade(url: str, *, revision: str = "head", salt: bytes | None = None, secret: bytes | None = None) -> Instance:
    """Bring the tables up to date and make the instance unless there is one. Doing it again changes nothing.

    `salt` and `secret` are for a new instance only; without them they are drawn at random.
    """
    with _connected(url, create=True) as c:
        command.upgrade(_config(c), revision)
        return create_instance(c, salt=salt, secret=secret)


def downgrade(url: str, revision: str) -> None:
    """Take the tables back to an earlier revision ("base": none at all). What later ones added is lost."""
    with _connected(url) as c:
        command.downgrade(_config(c), revision)


def current(url: str) -> str | None:
    """The revision the tables are at; None before the first."""
    with _connected(url) as c:
        return version(c)


def pending(url: str) -> list[str]:
    """The revisions still to be run, oldest first."""
    with _connected(url) as c:
        found = version(c) or "base"
        steps = ScriptDirectory.from_config(_config(c)).iterate_revisions("head", found)
        return [script.revision for script in steps][::-1]


def differences(url: str) -> list[Any]:
    """What the tables lack of what the models say; empty when they agree."""
    with _connected(url) as c:
        return list(compare_metadata(MigrationContext.configure(c), metadata))


def head() -> str:
    """The newest revision of the scripts."""
    scripts = ScriptDirectory(str(_scripts()))
    return str(scripts.get_current_head())


@contextmanager
def _connected(url: str, *, create: bool = False) -> Iterator[Connection]:
    engine = engine_for(url, create=create)
    try:
        with problems(engine), engine.begin() as c:
            if engine.dialect.name == "postgresql":
                c.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": UPGRADE_LOCK})
            yield c
    finally:
        engine.dispose()


def _config(c: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_scripts()).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = c
    return config


def _scripts() -> Path:
    package = Path(__file__).parent.parent
    for folder in (package / "_migrations", package.parent / "migrations"):
        if (folder / "env.py").exists():
            return folder
    raise DatabaseProblem(f"The migrations are missing (looked beside and in {package}): install nurture again.")
