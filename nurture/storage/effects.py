"""What decisions want done, as rows: messages into the outbox or out of it, hand-offs to sales."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from nurture.core.codec import plain
from nurture.core.effects import CloseHandOff, Decision, OfferHandOff, OpenTask, SendNotice, SendTouch, WithdrawTouch
from nurture.core.events import Withheld
from nurture.core.state import HandOff
from nurture.core.words import Gate
from nurture.storage.bulk import among, lock, upsert_rows
from nurture.storage.inbox import post_events
from nurture.storage.instance import Instance, instance
from nurture.storage.states import Change
from nurture.storage.tables import hand_offs, outbox
from nurture.storage.tasks import NewTask, open_tasks
from nurture.storage.words import OutboxState, Purpose

MESSAGE = (
    "key", "contact_id", "purpose", "campaign", "version", "rotation", "step", "part", "content", "variant", "thread",
    "subject", "language", "recipient", "recipient_hash", "state", "round", "attempts", "queued_at", "due_at", "detail",
)  # fmt: skip
HAND_OFF = (
    "key", "contact_id", "campaign", "team", "owner", "offered_at", "due_at", "state", "answered_at", "rejection",
    "reasons",
)  # fmt: skip
FRESH = (
    "token",
    "leased_until",
    "composition",
    "message_id",
    "date",
    "sha256",
    "slots",
    "settled_at",
    "gate",
    "seen_at",
    "parcel",
    "place",
    "clock_jumped",
)
"""What a message that is queued again forgets."""

_IS_WITHHELD = outbox.c.state == OutboxState.WITHHELD
_CAN_BE_WITHDRAWN = outbox.c.state.in_((OutboxState.QUEUED, OutboxState.RETRY))


def perform(c: Connection, decided: Sequence[tuple[int, Decision]], changes: Sequence[Change]) -> None:
    """Perform the effects of these (contact, decision), in order. Suppressions are part of the state, and saved with it."""
    own = instance(c) if any(_to_somebody_else(decision) for _, decision in decided) else None
    rows: dict[str, tuple[Any, ...]] = {}
    withdrawn: dict[str, datetime] = {}
    tasks: list[NewTask] = []
    for who, decision in decided:
        for effect in decision.effects:
            match effect:
                case SendTouch():
                    rows[effect.touch.key] = _touch(who, effect)
                    withdrawn.pop(effect.touch.key, None)
                case SendNotice():
                    rows[effect.key] = _notice(who, effect, decision, own)
                case OpenTask():
                    tasks.append((who, effect, decision.at))
                case WithdrawTouch():
                    withdrawn[effect.touch] = decision.at
                case _:
                    pass
    _queue(c, [rows[key] for key in sorted(rows)])
    _withdraw(c, withdrawn)
    open_tasks(c, tasks)
    _save_hand_offs(c, decided, changes)


def _queue(c: Connection, rows: Sequence[tuple[Any, ...]]) -> None:
    """A message that is there already stands as it is; only one that was withheld may be queued again."""
    upsert_rows(c, outbox, MESSAGE, rows, key=["key"], keep=["round"], only_if=_IS_WITHHELD, also=_afresh)


def _afresh(_new: Any) -> dict[str, Any]:
    return {"round": outbox.c.round + 1, **dict.fromkeys(FRESH)}


def _withdraw(c: Connection, when: Mapping[str, datetime]) -> None:
    """Only what has no intent yet; a worker that has it in hand finds its token gone.

    The contact hears of it as of every outcome: its enrolment waits for that word before it goes on.
    """
    if not when:
        return
    found = lock(c, outbox, "key", when, _CAN_BE_WITHDRAWN)
    gone = {"state": OutboxState.WITHHELD, "gate": Gate.WITHDRAWN, "due_at": None, "token": None, "leased_until": None}
    c.execute(update(outbox).where(among(c, outbox.c.key, found)).values(gone))
    o = outbox.c
    rows = c.execute(select(o.contact_id, o.key, o.round).where(among(c, o.key, found), o.purpose == Purpose.TOUCH))
    told = [(r.contact_id, Withheld(f"withheld:{r.key}:{r.round}", when[r.key], r.key, Gate.WITHDRAWN)) for r in rows]
    post_events(c, told, max(when.values()))


def _to_somebody_else(decision: Decision) -> bool:
    return any(isinstance(effect, SendNotice) and effect.to is not None for effect in decision.effects)


def _touch(who: int, effect: SendTouch) -> tuple[Any, ...]:
    t = effect.touch
    return (
        t.key, who, Purpose.TOUCH, t.campaign, effect.version, t.rotation, t.step, t.part, t.content, t.variant, t.thread,
        "", "", None, None, OutboxState.QUEUED, 0, 0, t.at, t.at, "",
    )  # fmt: skip


def _notice(who: int, effect: SendNotice, decision: Decision, own: Instance | None) -> tuple[Any, ...]:
    to_hash = None if effect.to is None or own is None else own.address_hash(effect.to)
    return (
        effect.key, who, effect.purpose, effect.campaign, effect.version, 0, effect.step, "", "", None, None,
        effect.subject, effect.language, effect.to, to_hash, OutboxState.QUEUED, 0, 0, decision.at, decision.at, "",
    )  # fmt: skip


def _save_hand_offs(c: Connection, decided: Iterable[tuple[int, Decision]], changes: Sequence[Change]) -> None:
    offered: dict[str, tuple[Any, ...]] = {}
    moved: dict[str, tuple[Any, ...]] = {}
    for who, decision in decided:
        for effect in decision.effects:
            match effect:
                case OfferHandOff():
                    offered[effect.hand_off.key] = _hand_off(who, effect.hand_off, plain(effect.reasons))
                case CloseHandOff():
                    moved[effect.hand_off.key] = _hand_off(who, effect.hand_off, [])
                case _:
                    pass
    for who, before, after in changes:
        if after.hand_off is not None and after.hand_off != before.hand_off:
            moved[after.hand_off.key] = _hand_off(who, after.hand_off, [])
    upsert_rows(c, hand_offs, HAND_OFF, [offered[key] for key in sorted(offered)], key=["key"])
    upsert_rows(c, hand_offs, HAND_OFF, [moved[key] for key in sorted(moved)], key=["key"], keep=["reasons"])


def _hand_off(who: int, h: HandOff, reasons: list[Any]) -> tuple[Any, ...]:
    return (
        h.key, who, h.campaign, h.team, h.owner, h.offered_at, h.due_at, h.state, h.answered_at, h.rejection, reasons,
    )  # fmt: skip
