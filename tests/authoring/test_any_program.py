"""Whatever an author makes of the verbs: it compiles or is told why not, and running it comes to rest."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from nurture.authoring.problems import Code
from nurture.core import events
from nurture.core.events import Event
from nurture.core.state import Ended, Exhausted, Ready, next_timer
from nurture.core.words import Confidence, Rejection, SignalKind
from nurture.core.world import World
from tests.authoring.builders import CAMPAIGN, FILES, compiled
from tests.builders import a_contact, a_form, a_reply, at
from tests.core.play import Play

Written: TypeAlias = dict[str, Any]

STAGES = ("one", "two", "three")
CONDITIONS = st.sampled_from(
    ['downloaded("guide")', 'tagged("x")', "servers >= 20", "fit is unknown", 'registered("talk")', "engagement >= 5"]
)
UNTIL_THE_TALK = st.sampled_from(
    [{"webinar": "talk", "at": "start", "minus": "1 day"}, {"webinar": "talk", "at": "end"}]
)
SIMPLE: Mapping[str, st.SearchStrategy[Any]] = {
    "send": st.sampled_from(["guide", "talk"]),
    "relance": st.sampled_from(["guide", "talk"]),
    "wait": st.sampled_from(
        ["3 days", "1 business day", "2 hours", "until 2027-01-15 09:00", "until 2026-01-01", "until Mon 09:00"]
    ),
    "tag": st.just("x"),
    "untag": st.just("x"),
    "set": st.sampled_from([{"servers": 30}, {"servers": 3, "country": "BE"}]),
    "move": st.sampled_from(STAGES),
    "leave": st.just("assez lu"),
    "notify": st.sampled_from(["sales", {"to": "sales", "text": "À voir"}]),
    "task": st.just({"call": "Dire bonjour", "to": "sales", "within": "2 hours", "tag": "x"}),
    "hand_off": st.sampled_from(["sales", {"to": "sales", "recycle_to": "one"}]),
}
RIGHT = {Code.GOES_ROUND, Code.NOTHING_TO_RELANCE}
"""What a sequence of right steps may still be told as an error."""


def one_of_the_verbs() -> st.SearchStrategy[Written]:
    verbs = [value.map(lambda said, verb=verb: {verb: said}) for verb, value in SIMPLE.items()]
    invite = st.sampled_from([{"invite": "talk"}, {"invite": "talk", "replay": "guide", "reminders": ["2 hours"]}])
    shares = {"a": {"share": "50%"}, "b": {"share": "50%"}}
    rule = {"by": "clicked", "after": "2 days", "sample": "50%"}
    best = st.sampled_from([{"send": "guide", "variants": shares | more} for more in ({}, {"winner": rule})])
    return st.one_of([*verbs, invite, best, UNTIL_THE_TALK.map(lambda webinar: {"wait": {"until": webinar}})])


def forks(inner: st.SearchStrategy[list[Written]]) -> st.SearchStrategy[Written]:
    when = st.builds(lambda c, yes, no: {"when": c, "then": yes, "else": no}, CONDITIONS, inner, inner)
    listen = st.builds(lambda c, no: {"wait": "up to 2 days", "for": c, "else": no}, CONDITIONS, inner)
    return when | listen


SEQUENCES = st.recursive(
    st.lists(one_of_the_verbs(), min_size=1, max_size=5),
    lambda inner: st.lists(one_of_the_verbs() | forks(inner), min_size=1, max_size=5),
    max_leaves=12,
)
STAGE = st.fixed_dictionaries(
    {"sequence": SEQUENCES},
    optional={
        "advance": CONDITIONS,
        "exhausted": st.sampled_from(["wait", "advance", "leave"]),
        "status": st.just("mql"),
    },
)
CAMPAIGNS = st.fixed_dictionaries(dict.fromkeys(STAGES, STAGE))
GOAL = CONDITIONS.flatmap(
    lambda c: st.sampled_from([*({"when": c, "go": stage} for stage in STAGES), {"when": c, "end": "fait"}])
)
GOALS = st.lists(GOAL, max_size=2)


def world_of(stages: Mapping[str, Any], goals: list[Written]) -> World | None:
    """The world of a campaign with these stages; None when its author is told what is wrong, and only that may be."""
    said = FILES[CAMPAIGN].split("stages:")[0] + f"stages: {json.dumps(stages)}\ngoals: {json.dumps(goals)}\n"
    found = compiled(files={**FILES, CAMPAIGN: said})
    assert found.world is not None or {p.code for p in found.problems if p.is_error} <= RIGHT, found.problems
    return found.world


def happenings(numbers: list[int], start: datetime) -> list[Event]:
    """Things that people do, at any time of the weeks to come."""
    found: list[Event] = []
    for n, number in enumerate(numbers):
        then = start + timedelta(hours=number % 1500)
        signal = (SignalKind.DOWNLOADED, SignalKind.REGISTERED, SignalKind.CLICKED, SignalKind.ATTENDED)[number % 4]
        about = "talk" if signal in (SignalKind.REGISTERED, SignalKind.ATTENDED) else "guide"
        found.append(events.Signalled(f"s{n}", then, signal, about, Confidence.HUMAN))
    return found


@settings(max_examples=250, deadline=None)
@given(CAMPAIGNS, GOALS, st.lists(st.integers(0, 2**31), max_size=5), st.booleans())
def test_any_program_of_the_verbs_comes_to_rest(
    stages: Mapping[str, Any], goals: list[Written], numbers: list[int], replies: bool
) -> None:
    world = world_of(stages, goals)
    assume(world is not None)
    assert world is not None
    start = at("2027-01-11 10:00")
    play = Play(world, a_contact())
    coming: list[Event] = [a_form("guide", "2027-01-11 10:00"), *happenings(numbers, start)]
    if replies:
        coming += [a_reply("other", "2027-01-18 10:00"), events.Resumed("r", at("2027-01-19 10:00"))]
    decided = play.until(start + timedelta(days=120), coming)
    assert len(decided) < 5000
    if play.state.hand_off is not None:
        answer = events.HandOffAnswered("no", start + timedelta(days=121), play.state.hand_off.key, Rejection.NOT_READY)
        play.until(start + timedelta(days=240), [answer])
    for enrolment in play.state.enrolments.values():
        assert not isinstance(enrolment.position, Ready)
        waits_for_time = next_timer(play.state) is not None
        assert waits_for_time or isinstance(enrolment.position, Ended | Exhausted) or _has_a_waker(enrolment.position)


def _has_a_waker(position: object) -> bool:
    return type(position).__name__ in {"Stopped", "Blocked"}
