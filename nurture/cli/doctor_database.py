"""The doctor's look at the database, and at what was applied to it."""

import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from nurture.cli.findings import Finding, fail, ok, warn
from nurture.texts.counting import counted

if TYPE_CHECKING:
    from nurture.config import Settings
    from nurture.storage.database import Database

MENDED = ((3, 44, 6), (3, 50, 7), (3, 51, 3))
"""Versions of SQLite in which the WAL-reset bug was mended, each in its own line (sqlite.org/wal.html#walresetbug)."""

NETWORK_DISKS = frozenset({"nfs", "nfs4", "cifs", "smbfs", "smb3", "fuse.sshfs", "9p", "afs", "glusterfs"})
SKEW = timedelta(seconds=60)


def examine(settings: "Settings") -> Iterator[Finding]:
    """Reached, migrated, sound, and holding files that were applied."""
    from nurture.storage.database import Database, DatabaseProblem

    if settings.is_sqlite:
        yield _sqlite_version(sqlite3.sqlite_version_info)
        yield from _disk(Path(settings.database_url.removeprefix("sqlite:///")))
    try:
        db = Database.open(settings.database_url)
    except DatabaseProblem as problem:
        said, _, remedy = str(problem).rpartition(": ")
        yield fail("database", said, remedy)
        return
    try:
        yield ok("database", f"{db.url} answers, and its tables are the newest")
        yield from _letters(db)
        yield from _clock(db)
        yield from _applied(db, settings)
        yield from _unsettled(db)
        yield from _brakes(db)
    finally:
        db.close()


def _letters(db: "Database") -> Iterator[Finding]:
    """Conditions fold letters as UTF-8 has them."""
    from sqlalchemy import text

    if db.engine.dialect.name == "sqlite":
        return
    with db.read() as c:
        encoding = str(c.execute(text("SHOW server_encoding")).scalar_one())
    if encoding != "UTF8":
        yield fail(
            "letters", f"the database keeps texts as {encoding}", "create it anew: CREATE DATABASE … ENCODING 'UTF8'"
        )


def _sqlite_version(version: tuple[int, ...]) -> Finding:
    shown = ".".join(map(str, version))
    if is_mended(version):
        return ok("sqlite", f"version {shown}")
    return warn(
        "sqlite",
        f"version {shown} has the WAL-reset bug: several processes at once may, rarely, damage the file",
        "run one process (`nurture run`), or use a Python with SQLite 3.51.3, 3.50.7 or 3.44.6, or PostgreSQL",
    )


def is_mended(version: tuple[int, ...]) -> bool:
    """Whether this version of SQLite is free of the bug."""
    return version >= MENDED[-1] or any(version[:2] == mended[:2] and version >= mended for mended in MENDED)


def _disk(file: Path) -> Iterator[Finding]:
    """SQLite's locks do not hold on disks that several machines share."""
    kind = _kind_of_disk(file.absolute().parent)
    if kind in NETWORK_DISKS:
        yield fail("disk", f"{file} lies on a network disk ({kind})", "move it to a disk of this machine")


def _kind_of_disk(folder: Path) -> str:
    """The file system a folder lies on, where the system tells."""
    try:
        lines = Path("/proc/mounts").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    mounts = {Path(words[1]): words[2] for line in lines if len(words := line.split()) > 2}
    return next((mounts[place] for place in (folder, *folder.parents) if place in mounts), "")


def _clock(db: "Database") -> Iterator[Finding]:
    from nurture.clock import SystemClock
    from nurture.storage.database import real_now

    with db.read() as c:
        apart = abs(real_now(c) - SystemClock().now())
    if apart > SKEW:
        yield warn(
            "clock",
            f"this machine and the database differ by {apart.total_seconds():.0f} s",
            "let both take their time from NTP",
        )


def _applied(db: "Database", settings: "Settings") -> Iterator[Finding]:
    from nurture.authoring.bundle import read_bundle
    from nurture.engine.worlds import CannotCompile, NothingApplied, Worlds

    try:
        applied = Worlds(db).current()
    except NothingApplied:
        yield warn("applied", "no campaign has been applied yet", "run `nurture apply`")
        return
    except CannotCompile as problem:
        yield fail("applied", f"what was applied cannot be read any more: {problem}", "run `nurture apply`")
        return
    names = ", ".join(sorted(applied.world.current))
    on_disk = read_bundle(settings.campaigns_dir, settings.templates_dir)
    if on_disk.files and on_disk.hash != applied.world.hash:
        yield warn(
            "applied", f"{names}; the files here have been edited since", "run `nurture apply` when they are ready"
        )
    else:
        yield ok("applied", names)
    missing = [name for name in applied.compiled.assets if not (settings.campaigns_dir / "assets" / name).is_file()]
    if missing:
        yield fail(
            "downloads",
            f"{', '.join(missing)} cannot be downloaded: not in {settings.campaigns_dir / 'assets'}",
            "put the files back; every machine that serves the web needs them",
        )


def _unsettled(db: "Database") -> Iterator[Finding]:
    from nurture.storage.reports import counts
    from nurture.storage.words import OutboxState

    with db.read() as c:
        from nurture.storage.database import real_now

        found = counts(c, real_now(c))
    unknown = found.outbox.get(OutboxState.UNKNOWN, 0)
    if unknown:
        yield warn(
            "outbox",
            f"{counted(unknown, 'message')} may or may not have gone out",
            "`nurture outbox unknown` lists them",
        )
    if found.failing:
        yield warn("contacts", f"{found.failing} could not be decided", "run `nurture status`")


def _brakes(db: "Database") -> Iterator[Finding]:
    from nurture.cli.brakes import tell
    from nurture.storage.brakes import brakes_on

    with db.read() as c:
        on = brakes_on(c)
    for brake in on:
        said, _, way = tell(brake).rpartition(" `")
        yield warn("brakes", said, f"look into it, then `{way.rstrip('.')}")
    if not on:
        yield ok("brakes", "none is on")
