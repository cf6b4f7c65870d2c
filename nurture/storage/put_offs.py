"""Messages that wait because nothing was tried: no attempt, no outcome, nothing that a contact hears of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, case

from nurture.storage.bulk import lock, update_rows
from nurture.storage.tables import outbox
from nurture.storage.words import OutboxState

_OURS = outbox.c.token == bindparam("token")
_TRIED = case((outbox.c.state == OutboxState.INTENT.value, outbox.c.attempts - 1), else_=outbox.c.attempts)

WAITS = ("key", "due_at", "detail", "state", "token", "leased_until")


@dataclass(frozen=True, slots=True)
class PutOff:
    """It surely did not leave, and is due again at `until`; `detail` says what it waits for. `state` is as it was claimed."""

    key: str
    until: datetime
    detail: str
    state: OutboxState


def put_off(c: Connection, token: int, waiting: Sequence[PutOff]) -> set[str]:
    """Give these messages back; an intent that was committed for one did not become an attempt. Answers which were ours."""
    if not waiting:
        return set()
    held = set(lock(c, outbox, "key", [one.key for one in waiting], _OURS, token=token))
    rows = [(one.key, one.until, one.detail, one.state, None, None) for one in waiting if one.key in held]
    update_rows(c, outbox, WAITS, rows, key=["key"], also={"attempts": _TRIED})
    return held
