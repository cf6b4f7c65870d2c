"""Engagement, fit, and the status they earn: folded anew from the facts at every decision."""

from collections.abc import Iterator
from datetime import date, datetime

from nurture.core.changing import changed
from nurture.core.conditions import NEVER
from nurture.core.draft import Draft
from nurture.core.effects import Because, Detail
from nurture.core.engagement import engagement_on, entries_of
from nurture.core.facts import Facts, holds, utc_day
from nurture.core.fit import Fitting, fitting_of
from nurture.core.reasons import Reason
from nurture.core.resting import at_rest
from nurture.core.scoring import Criterion, LedgerEntry, Persona, Scoring
from nurture.core.state import ContactState
from nurture.core.words import Status
from nurture.core.world import World

LEAD = Status.LEAD  # looked up once, which costs as much as what is asked with it

TOLD = 5
"""How many entries of the ledger a hand-off tells."""


def refold(draft: Draft) -> None:
    """Bring engagement, fit and grade up to date, and make an MQL of a lead that earns it."""
    known, facts = draft.state, draft.present
    facts.enrolment = None
    engagement, fit, grade, persona = _score(facts)
    if engagement != known.engagement or fit != known.fit or grade != known.grade or persona != known.persona:
        draft.set(engagement=engagement, fit=fit, grade=grade, persona=persona)
    if known.status is LEAD:
        mql = facts.scoring.mql
        if (known.signals or at_rest(mql) is not NEVER) and draft.holds(mql):
            draft.raise_status(Status.MQL)


def as_of(world: World, state: ContactState, now: datetime) -> Facts:
    """What conditions about the contact are read against at an instant: with its score as it is then."""
    facts = Facts(state, world.scoring, now, home=world.home)
    engagement, fit, grade, persona = _score(facts)
    facts.state = changed(state, engagement=engagement, fit=fit, grade=grade, persona=persona)
    return facts


def _score(facts: Facts) -> tuple[int, int | None, str | None, str | None]:
    """Engagement, fit, grade and persona."""
    signals, engagement = facts.state.signals, 0
    if signals:
        engagement = engagement_on(facts.scoring, signals, utc_day(facts.now))
    fitting: Fitting
    try:
        fitting = facts.scoring.fitting
    except AttributeError:
        fitting = fitting_of(facts.scoring)
    persona, fit, grade = fitting(facts)
    return engagement, fit, grade, persona


def ledger_of(scoring: Scoring, state: ContactState, now: datetime) -> Iterator[LedgerEntry]:
    """The entries whose remaining points are the engagement at an instant."""
    return entries_of(scoring, state.signals, utc_day(now))


def _met(persona: Persona, facts: Facts) -> Iterator[Criterion]:
    return (criterion for criterion in persona.criteria if holds(criterion.when, facts))


def reasons_to_call(draft: Draft, campaign: str) -> tuple[Because, ...]:
    """Why sales should call: the score, the signals that earned most of it, the criteria met."""
    state, facts = draft.state, draft.facts()
    top = Because(Reason.PROSPECT, campaign, score_of(state))
    entries = sorted(
        (e for e in ledger_of(draft.world.scoring, state, draft.now) if e.remaining > 0),
        key=lambda e: (-e.remaining, -e.day, e.signal, e.object),
    )
    persona = next((p for p in draft.world.scoring.personas if p.name == state.persona), None)
    criteria = _met(persona, facts) if persona else iter(())
    return (top, *(_points(e) for e in entries[:TOLD]), *(_criterion(c) for c in criteria))


def score_of(state: ContactState) -> dict[str, Detail]:
    """What the sentence of a prospect tells."""
    return {"engagement": state.engagement, "grade": state.grade, "fit": state.fit, "persona": state.persona}


def _points(entry: LedgerEntry) -> Because:
    day = date.fromordinal(entry.day).isoformat()
    detail: dict[str, Detail] = {"object": entry.object, "day": day, "count": entry.count, "points": entry.remaining}
    return Because(Reason.POINTS, entry.signal.value, detail)


def _criterion(criterion: Criterion) -> Because:
    return Because(Reason.FIT, criterion.label, {"weight": criterion.weight})
