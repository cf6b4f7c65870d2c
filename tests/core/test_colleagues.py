"""What a campaign asks of colleagues: mails to a team, and tasks."""

from nurture.core.acts import Notify, Task
from nurture.core.conditions import Tagged
from nurture.core.effects import OpenTask, SendNotice
from nurture.core.events import TaskDone
from nurture.core.reasons import Reason
from nurture.core.spans import Span, Unit
from nurture.core.words import TaskKind
from tests.builders import (
    MONDAY,
    a_contact,
    a_form,
    a_program,
    a_stage,
    a_world,
    at,
    days,
    move,
    send,
    wait,
    wait_for,
)
from tests.core.play import Play

NOW = at(MONDAY)
LATER = at("2027-12-31 09:00")
NOTIFY = Notify("notify", "sales", "À rappeler")
CALL = Task("task", TaskKind.CALL, "Dire bonjour", "sales", Span(4, Unit.BUSINESS_HOURS), "called")


def effects(play: Play) -> list[object]:
    """What the first decision wanted."""
    return list(play.until(NOW, [a_form()])[0].effects)


def test_every_member_is_told_once_whatever_the_hour() -> None:
    play = Play(a_world(a_program(a_stage("tofu", NOTIFY, send("guide")))), a_contact())
    night = at("2027-03-06 03:00")
    told = [
        e for d in play.until(night, [a_form(when="2027-03-06 03:00")]) for e in d.effects if isinstance(e, SendNotice)
    ]
    assert [(n.purpose, n.subject, n.language, n.to, n.campaign, n.step) for n in told] == [
        ("notify", "tofu", "fr", f"{name}@exemple.example", "cloud", "tofu/notify") for name in ("anne", "bruno")
    ]
    assert len({n.key for n in told}) == 2


def test_a_second_passage_tells_again() -> None:
    world = a_world(a_program(a_stage("tofu", NOTIFY, wait(days(7)), move("tofu"))))
    play = Play(world, a_contact())
    decisions = play.until(at("2027-03-09 09:00"), [a_form()])
    keys = [e.key for d in decisions for e in d.effects if isinstance(e, SendNotice)]
    assert len(keys) == len(set(keys)) == 4


def test_a_task_is_opened_for_the_owner_in_the_hours_of_the_team_and_nothing_waits_for_it() -> None:
    play = Play(a_world(a_program(a_stage("tofu", CALL, send("guide")))), a_contact())
    (opened,) = [e for e in effects(play) if isinstance(e, OpenTask)]
    assert (opened.what, opened.text, opened.team, opened.tag) == (TaskKind.CALL, "Dire bonjour", "sales", "called")
    assert opened.due_at == at("2027-03-01 13:00")
    assert opened.owner in {"anne@exemple.example", "bruno@exemple.example"}
    play.until(NOW)
    assert play.mails == ["guide"]


def test_a_campaign_may_wait_for_the_tag_of_a_task_that_was_done() -> None:
    waits = wait_for(Tagged("called"), days(5), [send("etude")])
    play = Play(a_world(a_program(a_stage("tofu", CALL, waits, send("guide")))), a_contact())
    (opened,) = [e for e in effects(play) if isinstance(e, OpenTask)]
    done = TaskDone("done", at("2027-03-02 10:00"), opened.key, opened.what, opened.text, opened.tag)
    play.until(at("2027-03-02 11:00"), [done])
    assert play.mails == ["guide"]
    assert Reason.TASK_DONE in play.reasons


def test_colleagues_leave_who_is_held_out_alone() -> None:
    play = Play(a_world(a_program(a_stage("tofu", NOTIFY, CALL), hold_out=10_000)), a_contact())
    assert effects(play) == []
    assert play.reasons.count(Reason.HELD_OUT) == 3


def test_a_team_that_is_gone_is_passed() -> None:
    play = Play(a_world(a_program(a_stage("tofu", NOTIFY, CALL, send("guide"))), teams={}), a_contact())
    play.until(LATER, [a_form()])
    assert (play.reasons.count(Reason.TEAM_GONE), play.mails) == (2, ["guide"])
