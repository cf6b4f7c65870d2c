"""Small worlds, programs and contacts for tests: say what matters, leave the rest to these."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from nurture.core import conditions, events
from nurture.core.acts import END, Assign, HandOver, Leave, Move, Tag
from nurture.core.conditions import Compare, Condition, Op, Ref
from nurture.core.invite import Invite
from nurture.core.moments import OnDate, OnWeekday, WaitMoment
from nurture.core.program import (
    Audience,
    Branch,
    Cadence,
    Content,
    Edge,
    Program,
    ProspectRule,
    Relance,
    Send,
    Stage,
    Step,
    Translation,
    Wait,
    WaitFor,
    WaitUntil,
    Window,
)
from nurture.core.scoring import Criterion, Persona, Scoring, SignalRule
from nurture.core.sender import Sender
from nurture.core.spans import Span, Unit
from nurture.core.state import ContactState, Enrolment, Exhausted, Position
from nurture.core.teams import Member, Team
from nurture.core.words import Basis, Confidence, Intent, SignalKind
from nurture.core.world import World

SALT = b"salt of the tests"
ALICE = "a11ce000000000000000000000000000"
OFFICE = Window(frozenset(range(1, 6)), time(9), time(17, 30))
SENDER = Sender("L'équipe Exemple", "bonjour@exemple.example")
MONDAY = "2027-03-01 09:00"
"""A Monday without any holiday or transition near."""


def at(text: str, zone: str = "Europe/Paris") -> datetime:
    """The UTC instant of a local time, as in at("2027-03-01 09:00")."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def days(amount: int) -> Span:
    """So many days of the same local time."""
    return Span(amount, Unit.DAYS)


def business_days(amount: int) -> Span:
    """So many open days."""
    return Span(amount, Unit.BUSINESS_DAYS)


def hours(amount: int) -> Span:
    """So many hours."""
    return Span(amount, Unit.HOURS)


# Conditions


def did(signal: str, about: str | None = None, **more: Any) -> Condition:
    """did("downloaded", "guide") is downloaded("guide")."""
    return conditions.Signalled(SignalKind(signal), about, **more)


def engaged(points: int) -> Condition:
    """engagement >= points."""
    return Compare(Ref("engagement"), Op.GE, points * 1000)


def is_(name: str, value: str | int | bool) -> Condition:
    """name = value."""
    return Compare(Ref(name), Op.EQ, value)


# Steps: a sequence is a list, a fork holds lists


@dataclass(frozen=True)
class Fork:
    """A step with the sequences that hang on it."""

    step: WaitFor | Branch
    then: tuple["Item", ...] = ()
    otherwise: tuple["Item", ...] = ()


Item: TypeAlias = Step | Fork


def send(content: str, **more: Any) -> Send:
    """- send: content"""
    return Send(more.pop("key", f"send:{content}"), content, **more)


def relance(content: str) -> Relance:
    """- relance: content"""
    return Relance(f"relance:{content}", content)


def wait(span: Span) -> Wait:
    """- wait: span"""
    return Wait(f"wait:{span}", span)


def wait_for(condition: Condition, up_to: Span, otherwise: Sequence[Item] = ()) -> Fork:
    """- wait: up to span, for: condition, else: otherwise"""
    return Fork(WaitFor(f"wait-for:{up_to}", up_to, condition), (), tuple(otherwise))


def wait_until(webinar: str, edge: Edge = Edge.END) -> WaitUntil:
    """- wait: {until: {webinar: webinar, at: edge}}"""
    return WaitUntil(f"until:{webinar}", webinar, edge)


def wait_moment(moment: OnDate | OnWeekday) -> WaitMoment:
    """- wait: until moment"""
    return WaitMoment(f"until:{moment}", moment)


def invite(webinar: str, **more: Any) -> Invite:
    """- invite: webinar"""
    return Invite(f"invite:{webinar}", webinar, **more)


def tag(name: str) -> Tag:
    """- tag: name"""
    return Tag(f"tag:{name}", name)


def untag(name: str) -> Tag:
    """- untag: name"""
    return Tag(f"untag:{name}", name, given=False)


def assign(**values: str | int | bool) -> Assign:
    """- set: values"""
    return Assign("set", tuple(values.items()))


def move(stage: str) -> Move:
    """- move: stage"""
    return Move(f"move:{stage}", stage)


def leave(why: str) -> Leave:
    """- leave: why"""
    return Leave("leave", why)


def hand_over(recycle_to: str | None = None, team: str = "sales") -> HandOver:
    """- hand_off: {to: team, within: 4 business hours, recycle_to: recycle_to, cool_down: 60 days}"""
    return HandOver("hand-off", team, Span(4, Unit.BUSINESS_HOURS), days(60), recycle_to)


def when(condition: Condition, then: Sequence[Item] = (), otherwise: Sequence[Item] = ()) -> Fork:
    """- when: condition, then: then, else: otherwise"""
    return Fork(Branch("when", condition), tuple(then), tuple(otherwise))


def a_stage(name: str, *items: Item, **more: Any) -> Stage:
    """A stage whose steps follow one another, forks laid out after their step."""
    seen: Counter[str] = Counter()
    steps = [_named(step, name, seen) for step in _lay(items, 0, END)]
    return Stage(name, tuple(steps), **more)


def _named(step: Step, stage: str, seen: Counter[str]) -> Step:
    seen[step.key] += 1
    ordinal = f"#{seen[step.key]}" if seen[step.key] > 1 else ""
    return replace(step, key=f"{stage}/{step.key}{ordinal}")


def _lay(items: Sequence[Item], first: int, after: int) -> list[Step]:
    laid: list[Step] = []
    for n, item in enumerate(items):
        here = first + len(laid)
        following = here + _size(item) if n + 1 < len(items) else after
        laid += _place(item, here, following)
    return laid


def _place(item: Item, here: int, following: int) -> list[Step]:
    if not isinstance(item, Fork):
        return [item if isinstance(item, Branch | Move | Leave) else replace(item, next=following)]
    then = here + 1 if item.then else following
    otherwise = here + 1 + sum(map(_size, item.then)) if item.otherwise else following
    nested = _lay(item.then, here + 1, following) + _lay(item.otherwise, otherwise, following)
    if isinstance(item.step, Branch):
        return [replace(item.step, then=then, otherwise=otherwise), *nested]
    return [replace(item.step, next=following, otherwise=otherwise), *nested]


def _size(item: Item) -> int:
    return 1 + sum(map(_size, (*item.then, *item.otherwise))) if isinstance(item, Fork) else 1


# Programs and worlds


def a_program(*stages: Stage, name: str = "cloud", enter: Condition | None = None, **more: Any) -> Program:
    """A campaign that one enters by the form "audit", open at any time unless told otherwise."""
    audience = more.pop("audience", Audience(enter=enter or did("submitted", "audit")))
    chosen = stages or (a_stage("tofu", send("guide")),)
    return Program(name, more.pop("version", "v1"), name.title(), "fr", SENDER, chosen, audience=audience, **more)


def a_prospect_rule(condition: Condition | None = None, **more: Any) -> ProspectRule:
    """Prospects are who reply with interest; they go to "sales" and come back to "tofu"."""
    rule = ProspectRule(
        condition or did("replied", "interested"), "sales", Span(4, Unit.BUSINESS_HOURS), "tofu", days(60)
    )
    return replace(rule, **more)


def a_team(*members: str, name: str = "sales") -> Team:
    """A team in office hours of Paris."""
    people = tuple(Member(m.title(), f"{m}@exemple.example") for m in members or ("anne", "bruno"))
    return Team(name, people, "fr", Cadence(window=OFFICE))


def a_content(name: str, **more: Any) -> Content:
    """A content of the catalogue, in French and English unless told otherwise."""
    languages = more.pop("languages", ("fr", "en"))
    translations = tuple(Translation(language, name, "", "Lire") for language in languages)
    return Content(name, more.pop("kind", "article"), "tofu", translations=translations, **more)


SCORING = Scoring(
    rules=(
        SignalRule(SignalKind.CLICKED, 5_000, cap_per_day=10_000, half_life=30),
        SignalRule(SignalKind.DOWNLOADED, 20_000, half_life=60),
        SignalRule(SignalKind.VISITED, 1_000, cap_per_day=3_000, half_life=14),
        SignalRule(SignalKind.VISITED, 8_000, object="/tarifs", cap_per_day=16_000, half_life=14),
        SignalRule(SignalKind.REPLIED, 40_000),
    ),
    personas=(
        Persona(
            "it",
            (
                Criterion(is_("country", "FR"), 40, "France"),
                Criterion(is_("role", "dsi"), 40, "DSI"),
                Criterion(Compare(Ref("employees"), Op.GE, 50), 20, "50 people"),
            ),
        ),
    ),
    mql=engaged(40),
)


def a_world(*programs: Program, **more: Any) -> World:
    """The programs, the contents they name, and one team."""
    named = {
        step.content for p in programs for s in p.stages for step in s.steps if isinstance(step, Send | Relance | Invite)
    }  # fmt: skip
    catalogue = {name: a_content(name) for name in named} | more.pop("catalogue", {})
    return World(
        hash="w1",
        salt=SALT,
        programs={(p.name, p.version): p for p in programs},
        current={p.name: p.version for p in programs},
        catalogue=catalogue,
        teams=more.pop("teams", {"sales": a_team()}),
        scoring=more.pop("scoring", SCORING),
        **more,
    )


def holidays_of(**countries: Sequence[str]) -> Any:
    """A book: holidays_of(FR=["2027-03-02"])."""
    book: Mapping[str, frozenset[date]] = {
        country: frozenset(map(date.fromisoformat, closed)) for country, closed in countries.items()
    }
    return lambda country: book.get(country, frozenset())


# Contacts and what happens to them


def a_contact(*enrolments: Enrolment, **more: Any) -> ContactState:
    """Somebody in France who opted in and is enrolled as told."""
    given: dict[str, Any] = {"key": ALICE, "language": "fr", "country": "FR", "basis": Basis.OPT_IN, **more}
    return ContactState(enrolments={e.campaign: e for e in enrolments}, **given)


def enrolled(program: Program, stage: str = "", position: Position | None = None, **more: Any) -> Enrolment:
    """The contact in that campaign, since MONDAY."""
    since = more.pop("since", at(MONDAY))
    given: dict[str, Any] = {"entered_at": since, "began_at": since, "anchor": since, **more}
    where = stage or program.stages[0].name
    return Enrolment(program.name, program.version, where, position or Exhausted(), **given)


def a_signal(signal: str, about: str = "", when: str = MONDAY, **more: Any) -> events.Signalled:
    """The contact did something, by hand unless told otherwise."""
    key = more.pop("key", f"{signal}:{about}:{when}")
    confidence = more.pop("confidence", Confidence.HUMAN)
    return events.Signalled(key, at(when), SignalKind(signal), about, confidence, **more)


def a_form(form: str = "audit", when: str = MONDAY, **more: Any) -> events.Submitted:
    """The contact filled a form."""
    return events.Submitted(more.pop("key", f"form:{form}:{when}"), at(when), form, **more)


def a_profile(when: str = MONDAY, **more: Any) -> events.ProfileChanged:
    """Something became known of the contact."""
    return events.ProfileChanged(more.pop("key", f"profile:{when}:{sorted(more)}"), at(when), **more)


def a_reply(intent: str = "other", when: str = MONDAY) -> events.Replied:
    """The contact answered."""
    return events.Replied(f"reply:{when}", at(when), Intent(intent))
