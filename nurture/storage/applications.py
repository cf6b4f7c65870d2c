"""What was applied and when: the history of all campaigns, and what an application that was cut short has still to do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias

from sqlalchemy import Connection, func, select, update
from sqlalchemy.exc import IntegrityError

from nurture.storage.bulk import is_sqlite
from nurture.storage.tables import application_stages, applications, campaign_versions, enrolments
from nurture.storage.worlds import active_versions

How: TypeAlias = Literal["apply", "rollback"]


class AppliedMeanwhile(Exception):
    """Somebody else applied files at the same time; the text is a sentence."""

    def __str__(self) -> str:
        return "Other files were applied meanwhile. Nothing was applied: look at `nurture plan` again."


@dataclass(frozen=True, slots=True)
class Application:
    """One time that files were made what runs."""

    n: int
    bundle: str
    before: str | None
    how: How
    applied_at: datetime
    choices: tuple[str, ...]
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class StageRow:
    """A stage as it is kept, and how far it has come."""

    n: int
    stage: Mapping[str, Any]
    last_contact: int
    contacts: int
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class VersionRun:
    """A time during which contacts entered a version of a campaign; `enrolments` is how many are in it now.

    `choices` are those that were made for the campaign when it began.
    """

    campaign: str
    version: str
    application: int
    how: How
    since: datetime
    choices: tuple[str, ...]
    enrolments: int
    is_current: bool


def apply_alone(c: Connection) -> None:
    """Until this transaction ends nobody else begins to apply: what is read of what runs stays true. SQLite's writer is alone."""
    if not is_sqlite(c):
        c.exec_driver_sql("LOCK TABLE applications IN SHARE ROW EXCLUSIVE MODE")


def record(
    c: Connection,
    bundle: str,
    before: str | None,
    how: How,
    choices: Sequence[str],
    stages: Sequence[Mapping[str, Any]],
    now: datetime,
) -> int:
    """Note that the files are what runs from now on, its stages still to be done (AppliedMeanwhile: somebody was quicker)."""
    n = int(c.execute(select(func.coalesce(func.max(applications.c.n), 0))).scalar_one()) + 1
    row = {"n": n, "bundle": bundle, "before": before, "how": how, "applied_at": now, "choices": list(choices)}
    try:
        c.execute(applications.insert().values(**row, finished_at=None))
    except IntegrityError as error:
        raise AppliedMeanwhile from error
    for place, stage in enumerate(stages):
        c.execute(
            application_stages.insert().values(
                application=n, n=place, stage=dict(stage), last_contact=0, contacts=0, done_at=None
            )
        )
    return n


def unfinished(c: Connection) -> list[Application]:
    """The applications that were cut short, oldest first."""
    a = applications.c
    return _read(c.execute(select(applications).where(a.finished_at.is_(None)).order_by(a.n)).all())


def application(c: Connection, n: int) -> Application:
    """One of them, locked until the transaction ends."""
    (found,) = _read(c.execute(select(applications).where(applications.c.n == n).with_for_update()).all())
    return found


def history(c: Connection) -> list[Application]:
    """All of them, newest first."""
    return _read(c.execute(select(applications).order_by(applications.c.n.desc())).all())


def stage_rows(c: Connection, n: int) -> list[StageRow]:
    """The stages of an application, in their order."""
    s = application_stages.c
    query = select(s.n, s.stage, s.last_contact, s.contacts, s.done_at).where(s.application == n).order_by(s.n)
    return [StageRow(*row) for row in c.execute(query)]


def advance_stage(c: Connection, n: int, stage: int, last_contact: int, told: int, done_at: datetime | None) -> None:
    """Note how far a stage has come."""
    s = application_stages.c
    change = update(application_stages).where(s.application == n, s.n == stage)
    c.execute(change.values(last_contact=last_contact, contacts=s.contacts + told, done_at=done_at))


def finish(c: Connection, n: int, now: datetime) -> None:
    """Note that all stages are done."""
    c.execute(update(applications).where(applications.c.n == n).values(finished_at=now))


def version_runs(c: Connection, campaign: str | None = None) -> list[VersionRun]:
    """Each time that a campaign got another version, newest first; of one campaign or of all."""
    in_it, current = _enrolled(c), set(active_versions(c))
    a, v = applications.c, campaign_versions.c
    columns = (v.campaign, v.version, a.n, a.how, a.applied_at, a.choices)
    query = select(*columns).join(applications, a.bundle == v.bundle)
    query = query if campaign is None else query.where(v.campaign == campaign)
    newest: dict[str, str] = {}
    begun = []
    for row in c.execute(query.order_by(a.n, v.campaign)).all():
        if newest.get(row.campaign) != row.version:
            newest[row.campaign] = row.version
            begun.append(row)
    runs: list[VersionRun] = []
    for name, version, n, how, since, choices in reversed(begun):
        mine = tuple(choice for choice in choices if choice.startswith((f"{name}=", f"{name}:")))
        runs.append(VersionRun(name, version, n, how, since, mine, in_it.get((name, version), 0), name in current))
        current.discard(name)  # its earlier versions are over
    return runs


def _enrolled(c: Connection) -> dict[tuple[str, str], int]:
    e = enrolments.c
    query = select(e.campaign, e.version, func.count()).where(~e.ended).group_by(e.campaign, e.version)
    return {(row[0], row[1]): row[2] for row in c.execute(query)}


def _read(rows: Sequence[Any]) -> list[Application]:
    return [
        Application(row.n, row.bundle, row.before, row.how, row.applied_at, tuple(row.choices), row.finished_at)
        for row in rows
    ]
