"""What each verb means once it is compiled."""

from datetime import date, time

import pytest

from nurture.core.acts import Assign, HandOver, Leave, Move, Notify, Tag, Task
from nurture.core.conditions import NEVER, IsUnknown, Not, Ref, Tagged
from nurture.core.invite import Invite
from nurture.core.moments import OnDate, OnWeekday, WaitMoment
from nurture.core.program import Audience, Edge, Exit, Goal, Step, WaitUntil
from nurture.core.spans import Span, Unit
from nurture.core.words import TaskKind
from tests.authoring.builders import CAMPAIGN, CONTENT, Edit, compiled, program
from tests.builders import is_

SPAN = Span(1, Unit.BUSINESS_DAYS)
COOL = Span(30, Unit.DAYS)


def step(written: str) -> Step:
    """The second step of the campaign, once it says this."""
    return program(Edit(CAMPAIGN, "wait: 3 days", written)).stages[0].steps[1]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("tag: salon-2027", Tag("tofu/tag@send:guide#1", "salon-2027", next=2, line=11)),
        ("untag: salon-2027", Tag("tofu/tag@send:guide#1", "salon-2027", given=False, next=2, line=11)),
        ("set: {servers: 30, country: BE, city: Liège}", Assign("tofu/set@send:guide#1", (("servers", 30), ("country", "BE"), ("city", "Liège")), next=2, line=11)),
        ("move: bofu", Move("tofu/move@send:guide#1", "bofu", line=11)),
        ("leave: assez lu", Leave("tofu/leave@send:guide#1", "assez lu", line=11)),
        ("hand_off: sales", HandOver("tofu/hand-off@send:guide#1", "sales", SPAN, COOL, next=2, line=11)),
        ("hand_off: {to: sales, within: 2 hours, recycle_to: bofu, cool_down: 5 days}", HandOver("tofu/hand-off@send:guide#1", "sales", Span(2, Unit.HOURS), Span(5, Unit.DAYS), "bofu", next=2, line=11)),
        ("invite: talk", Invite("tofu/invite:talk#1", "talk", next=2, line=11)),
        ("invite: talk\n        reminders: 2 hours\n        replay: guide\n        subject: Venez", Invite("tofu/invite:talk#1", "talk", 2, (Span(2, Unit.HOURS),), "guide", "Venez", line=11)),
        ("notify: sales", Notify("tofu/notify@send:guide#1", "sales", next=2, line=11)),
        ("notify: {to: sales, text: À rappeler}", Notify("tofu/notify@send:guide#1", "sales", "À rappeler", next=2, line=11)),
        ("task: {call: Bonjour, to: sales, tag: called}", Task("tofu/task@send:guide#1", TaskKind.CALL, "Bonjour", "sales", Span(2, Unit.BUSINESS_DAYS), "called", next=2, line=11)),
        ("wait: until 2027-03-15", WaitMoment("tofu/wait-moment@send:guide#1", OnDate(date(2027, 3, 15)), next=2, line=11)),
        ("wait: {until: 2027-03-15 09:30}", WaitMoment("tofu/wait-moment@send:guide#1", OnDate(date(2027, 3, 15), time(9, 30)), next=2, line=11)),
        ("wait: until Monday 09:00", WaitMoment("tofu/wait-moment@send:guide#1", OnWeekday(1, time(9)), next=2, line=11)),
        ("wait: {until: {webinar: talk, at: start, minus: 1 day}}", WaitUntil("tofu/wait-until@send:guide#1", "talk", Edge.START, 2, Span(1, Unit.DAYS), line=11)),
    ],
)  # fmt: skip
def test_a_step_means_what_it_says(written: str, meant: Step) -> None:
    assert step(written) == meant


def test_a_given_id_is_the_key_of_any_step() -> None:
    assert step("tag: x\n        id: warm").key == "warm"


def audience(written: str) -> Audience:
    """The audience, once it says this too."""
    return program(Edit(CAMPAIGN, 'enter: submitted("guide")', f'enter: submitted("guide")\n  {written}')).audience


def test_leaving_may_have_several_reasons() -> None:
    said = audience(
        'leave_if: [{when: \'status = "customer"\', reason: client}, {when: tagged("x"), reason: salon passé}]'
    )
    assert said.exits == (Exit(is_("status", "customer"), "client"), Exit(Tagged("x"), "salon passé"))
    assert said.leave_if == NEVER


def test_never_again_is_what_an_audience_says_without_a_word() -> None:
    assert audience("again: never") == program().audience


def test_a_goal_leads_to_a_stage_to_a_step_or_ends_the_campaign() -> None:
    goals = "goals: [{when: fit is known, go: bofu}, {when: fit is known, go: talk}, {when: fit is known, end: signé}]"
    edits = (
        Edit(CAMPAIGN, "prospect:", f"{goals}\nprospect:"),
        Edit(CAMPAIGN, "- send: talk", "- send: talk\n        id: talk"),
    )
    known = Not(IsUnknown(Ref("fit")))
    assert program(*edits).goals == (Goal(known, "bofu"), Goal(known, "bofu", "talk"), Goal(known, why="signé"))


def test_a_cancelled_webinar_keeps_its_date_in_the_file_only() -> None:
    world = compiled(Edit(CONTENT, "    starts: 2027", "    cancelled: true\n    starts: 2027")).world
    assert world is not None
    assert (world.catalogue["talk"].starts_at, world.catalogue["talk"].ends_at) == (None, None)


def test_an_invitation_can_be_relanced() -> None:
    assert (
        compiled(
            Edit(CAMPAIGN, "wait: 3 days", "invite: talk"), Edit(CAMPAIGN, "relance: guide", "relance: talk")
        ).problems
        == ()
    )
