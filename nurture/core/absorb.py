"""An event becomes part of what is remembered. Nothing is decided here but who may no longer be written to."""

from datetime import UTC, datetime, time, timedelta
from typing import assert_never

from nurture.core import events
from nurture.core.calendar import hours_for, resolve
from nurture.core.changing import changed
from nurture.core.draft import Draft
from nurture.core.effects import SendNotice, Unsuppress
from nurture.core.events import Event
from nurture.core.facts import utc_day
from nurture.core.ids import derive
from nurture.core.instants import text_of
from nurture.core.profile import filled_in, learned, stamp_of, tagged
from nurture.core.program import Cadence
from nurture.core.reasons import Reason
from nurture.core.state import LOOK_TIMER, Day, Hold
from nurture.core.words import (
    Basis,
    Confidence,
    Hardness,
    HoldKind,
    SignalKind,
    Suppression,
    TouchState,
)

SOFT_BOUNCE_DAYS = 3
SOFT_BOUNCE_WINDOW = 30
"""Soft bounces on three days within thirty, and no delivery between, make the address undeliverable."""

NOBODYS = Cadence()
"""The cadence of whoever is in no campaign."""

FINAL = frozenset({Suppression.COMPLAINED, Suppression.ERASED})
"""Suppressions that nothing lifts."""


def absorb(draft: Draft, event: Event) -> None:
    """Note what the event tells."""
    match event:
        case events.TimerFired(key=key):
            if key == LOOK_TIMER:
                draft.is_look = event.at == draft.before.looks_at
                draft.say(Reason.DAY_CAME if draft.is_look else Reason.STALE)
        case events.Sent():
            pass
        case events.Signalled():
            _signalled(draft, event)
        case events.Submitted():
            _submitted(draft, event)
        case events.Confirmed():
            _confirmed(draft, event)
        case events.ProfileChanged():
            _profile(draft, event)
        case events.Delivered():
            draft.set(soft_bounces=frozenset())
        case events.Bounced():
            _bounced(draft, event)
        case events.Refused():
            if event.hardness is Hardness.HARD:
                _mark(draft, event.touch, TouchState.REFUSED, event.at)
                draft.suppress(Suppression.BOUNCED)
        case events.Suppressed():
            draft.suppress(event.reason)
        case events.Unsuppressed():
            _unsuppress(draft, event.reason)
        case events.Replied():
            count(draft, SignalKind.REPLIED, event.intent.value, event.at)
        case events.AutoReplied():
            _auto_replied(draft, event)
        case events.Held():
            _hold(draft, Hold(event.hold, event.until))
        case events.TaskDone():
            draft.set(**tagged(draft.state, stamp_of(event), (event.tag,) if event.tag else (), ()))
            draft.say(Reason.TASK_DONE, what=event.what.value, text=event.text, task=event.task)
        case events.Resumed():
            if not event.only_set_aside:
                draft.set(holds=())
            draft.say(Reason.RESUMED)
        case (
            events.Withheld()
            | events.SendUnknown()
            | events.Enrol()
            | events.Remove()
            | events.HandOffAnswered()
            | events.WorldChanged()
            | events.CarriedOver()
            | events.NewsletterDue()
        ):
            pass
        case _:
            assert_never(event)


def count(draft: Draft, signal: SignalKind, about: str, at: datetime) -> None:
    """Add a signal to its day: a sum, a least and a greatest, so that the order of events does not matter."""
    tally = draft.state.signals.get((signal, about), {})
    ordinal = utc_day(at)
    seen = tally.get(ordinal)
    day = Day(seen.count + 1, min(seen.first_at, at), max(seen.last_at, at)) if seen else Day(1, at, at)
    signals = {**draft.state.signals, (signal, about): {**tally, ordinal: day}}
    draft.set(signals=signals)
    draft.signal = (signal, about)


def _signalled(draft: Draft, event: events.Signalled) -> None:
    if event.confidence is Confidence.MACHINE:
        draft.say(Reason.MACHINE, signal=event.signal.value, object=event.object)
    else:
        count(draft, event.signal, event.object, event.at)


def _submitted(draft: Draft, event: events.Submitted) -> None:
    if event.confirm and (draft.state.basis is not Basis.OPT_IN or draft.state.suppressed):
        draft.set(**filled_in(draft.state, stamp_of(event), event.fields))
        _note_language(draft, event.language)
        _ask_to_confirm(draft, event)
        return
    draft.set(**learned(draft.state, stamp_of(event), event.fields))
    _note_language(draft, event.language)
    draft.set(basis=_better(draft.state.basis, event.basis))
    count(draft, SignalKind.SUBMITTED, event.form, event.at)


def _note_language(draft: Draft, language: str) -> None:
    if language and not draft.state.language:
        draft.set(language=language)


def _ask_to_confirm(draft: Draft, event: events.Submitted) -> None:
    basis = Basis.PENDING if draft.state.basis is Basis.NONE else draft.state.basis
    draft.set(basis=basis, pending_forms=draft.state.pending_forms | {event.form})
    day = event.at.astimezone(UTC).date().isoformat()
    key = derive(draft.world.salt, "confirmation", draft.state.key, event.form, day)
    language = event.language or draft.state.language
    draft.effects.append(SendNotice(key, "confirmation", event.form, language))
    draft.say(Reason.CONFIRMATION_ASKED, form=event.form)


def _confirmed(draft: Draft, event: events.Confirmed) -> None:
    if event.form not in draft.state.pending_forms:
        return
    pending = draft.state.pending_forms - {event.form}
    draft.set(basis=Basis.OPT_IN, pending_forms=pending)
    _unsuppress(draft, Suppression.UNSUBSCRIBED)
    draft.say(Reason.CONFIRMED, form=event.form)
    count(draft, SignalKind.SUBMITTED, event.form, event.at)


def _profile(draft: Draft, event: events.ProfileChanged) -> None:
    stamp = stamp_of(event)
    if event.fields:
        draft.set(**learned(draft.state, stamp, event.fields))
    if event.tags or event.untagged:
        draft.set(**tagged(draft.state, stamp, event.tags, event.untagged))
    if event.basis and event.basis is not draft.state.basis:
        draft.set(basis=_better(draft.state.basis, event.basis))
    if event.status is not None:
        draft.set_status(event.status)


_WEAKEST_FIRST = (Basis.NONE, Basis.PENDING, Basis.LEGITIMATE_INTEREST, Basis.EXISTING_CUSTOMER, Basis.OPT_IN)
_STRENGTH = {basis: n for n, basis in enumerate(_WEAKEST_FIRST)}


def _better(one: Basis, other: Basis) -> Basis:
    return one if _STRENGTH[one] >= _STRENGTH[other] else other


def _bounced(draft: Draft, event: events.Bounced) -> None:
    if event.touch is not None:
        _mark(draft, event.touch, TouchState.BOUNCED, None)
    match event.hardness:
        case Hardness.HARD:
            draft.suppress(Suppression.BOUNCED)
        case Hardness.SOFT:
            _soft_bounce(draft, utc_day(event.at))
        case Hardness.POLICY:
            pass


def _soft_bounce(draft: Draft, day: int) -> None:
    days = frozenset(d for d in draft.state.soft_bounces if abs(day - d) < SOFT_BOUNCE_WINDOW) | {day}
    draft.set(soft_bounces=days)
    if len(days) >= SOFT_BOUNCE_DAYS:
        draft.suppress(Suppression.BOUNCED)


def _mark(draft: Draft, key: str, became: TouchState, at: datetime | None) -> None:
    touch = draft.state.touches.get(key)
    if touch is not None:
        draft.put_touch(changed(touch, state=became, at=at or touch.at))


def _unsuppress(draft: Draft, reason: Suppression) -> None:
    if reason not in draft.state.suppressed or reason in FINAL:
        return
    draft.set(suppressed=draft.state.suppressed - {reason})
    draft.effects.append(Unsuppress(reason))
    draft.say(Reason.UNSUPPRESSED, why=reason.value)


def _auto_replied(draft: Draft, event: events.AutoReplied) -> None:
    if event.return_on is None:
        return
    zone = hours_for(draft.world, _home(draft), draft.state).zone
    until = resolve(event.return_on, time(0), zone)
    if timedelta() < until - draft.now < timedelta(days=366):
        _hold(draft, Hold(HoldKind.OUT_OF_OFFICE, until))


def _home(draft: Draft) -> Cadence:
    """The cadence of the contact's first campaign: the zone to fall back on."""
    return next((draft.program(enrolment).cadence for enrolment in draft.live()), NOBODYS)


def _hold(draft: Draft, hold: Hold) -> None:
    others = tuple(known for known in draft.state.holds if known.kind is not hold.kind)
    draft.set(holds=(*others, hold))
    draft.say(Reason.HELD, hold=hold.kind.value, until=text_of(hold.until) if hold.until else None)


def forget_past_holds(draft: Draft) -> None:
    """Without the holds whose time is over."""
    holds = tuple(hold for hold in draft.state.holds if hold.until is None or hold.until > draft.now)
    if len(holds) < len(draft.state.holds):
        draft.set(holds=holds)
