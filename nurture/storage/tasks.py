"""Tasks for colleagues: opened by decisions, listed for people, done once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from sqlalchemy import Connection, func, select, update

from nurture.core.effects import OpenTask
from nurture.core.events import TaskDone
from nurture.core.words import TaskKind
from nurture.storage.bulk import insert_rows
from nurture.storage.inbox import post_events
from nurture.storage.tables import contacts, tasks

TASK = (
    "key", "contact_id", "campaign", "step", "what", "text", "team", "owner", "tag", "opened_at", "due_at", "done_at",
)  # fmt: skip

NewTask: TypeAlias = tuple[int, OpenTask, datetime]
"""The contact, the task, and when it was opened."""


@dataclass(frozen=True, slots=True)
class ListedTask:
    """A task as people see it."""

    key: str
    address: str
    what: TaskKind
    text: str
    campaign: str
    team: str
    owner: str
    opened_at: datetime
    due_at: datetime
    done_at: datetime | None


def open_tasks(c: Connection, new: Sequence[NewTask]) -> None:
    """Keep these tasks. One that is there already stands as it is."""
    rows = [
        (t.key, who, t.campaign, t.step, t.what, t.text, t.team, t.owner, t.tag, at, t.due_at, None)
        for who, t, at in sorted(new, key=lambda one: one[1].key)
    ]
    insert_rows(c, tasks, TASK, rows, unless=["key"])


def list_tasks(c: Connection, *, team: str = "", done: bool = False, limit: int = 1000) -> list[ListedTask]:
    """Open tasks, the most urgent first; with `done`, those done as well."""
    t = tasks.c
    columns = (t.key, contacts.c.address, t.what, t.text, t.campaign, t.team, t.owner, t.opened_at, t.due_at, t.done_at)
    query = select(*columns).join(contacts, contacts.c.id == t.contact_id).order_by(t.due_at, t.key).limit(limit)
    query = query if done else query.where(t.done_at.is_(None))
    query = query.where(t.team == team) if team else query
    return [ListedTask(row[0], row[1], TaskKind(row[2]), *tuple(row)[3:]) for row in c.execute(query)]


@dataclass(frozen=True, slots=True)
class OpenTasks:
    """How many tasks are open, and how many of them should have been done by now."""

    open: int
    late: int


def count_tasks(c: Connection, now: datetime) -> OpenTasks:
    """Count the open ones."""
    t = tasks.c
    row = c.execute(select(func.count(), func.count().filter(t.due_at < now)).where(t.done_at.is_(None))).one()
    return OpenTasks(row[0], row[1])


def keys_like(c: Connection, beginning: str, limit: int = 2) -> list[str]:
    """The keys that begin so."""
    t = tasks.c
    query = select(t.key).where(t.key.startswith(beginning, autoescape=True)).order_by(t.key).limit(limit)
    return list(c.execute(query).scalars())


def finish(c: Connection, key: str, now: datetime) -> bool:
    """Note that the task is done, and let the contact's campaigns hear of it; False when it was done before."""
    t = tasks.c
    row = c.execute(select(t.contact_id, t.what, t.text, t.tag).where(t.key == key)).one()
    changed = c.execute(update(tasks).where(t.key == key, t.done_at.is_(None)).values(done_at=now)).rowcount
    if not changed:
        return False
    post_events(c, [(row.contact_id, TaskDone(f"task:{key}", now, key, TaskKind(row.what), row.text, row.tag))], now)
    return True
