"""Made-up contacts: drawn from the personas, coming in by the campaigns' doors."""

from datetime import timedelta

from nurture.core.conditions import And, Compare, Condition, OneOf, Op, Or, Ref, Tagged
from nurture.core.events import ProfileChanged, Submitted
from nurture.core.facts import Facts, holds
from nurture.core.program import Audience
from nurture.core.scoring import Criterion, Persona
from nurture.core.state import ContactState
from nurture.simulate.dice import Dice
from nurture.simulate.people import Crowd, draw
from tests.builders import SCORING, a_program, a_stage, a_world, did, send
from tests.simulate.builders import START

CIO = Persona(
    "cio",
    (
        Criterion(OneOf(Ref("job_title"), ("CIO", "DSI")), 50, "IT"),
        Criterion(And((Compare(Ref("employees"), Op.GE, 100), Compare(Ref("employees"), Op.LE, 2000))), 30, "size"),
        Criterion(Or((Compare(Ref("servers"), Op.GE, 20), Compare(Ref("employees"), Op.GT, 149))), 20, "servers"),
    ),
)


def test_most_of_a_personas_people_fit_it_well() -> None:
    fits = []
    for n in range(300):
        fields = draw(CIO, Dice(1, (str(n),)))
        size = fields.get("employees")
        assert size is None or 100 <= int(size) <= 20_000
        facts = Facts(ContactState("k", fields=fields), SCORING, START)
        fits.append(sum(c.weight for c in CIO.criteria if holds(c.when, facts)))
    assert 70 <= sum(fits) / len(fits) <= 90, "each criterion is met in four of five cases"


def crowd(enter: Condition, **more: int) -> Crowd:
    audience = Audience(enter=enter, only_if=OneOf(Ref("country"), ("BE", "CH")))
    world = a_world(a_program(a_stage("tofu", send("guide")), audience=audience))
    return Crowd([world], 1, START, 4, more.get("at_start", 40), 10.0)


def test_who_is_there_at_the_start_was_imported_and_who_comes_later_fills_in_a_form() -> None:
    people = crowd(Or((did("submitted", "audit"), Tagged("fair"))))
    everybody = [people.contact(n) for n in range(len(people))]
    assert len(everybody) == 80
    first, later = everybody[:40], everybody[40:]
    assert all(isinstance(one.event, ProfileChanged) and one.event.tags == ("fair",) for one in first)
    assert all(isinstance(one.event, Submitted) and one.event.form == "audit" for one in later)
    assert {one.event.at for one in first} == {START}
    times = [one.event.at for one in later]
    assert START < min(times) < max(times) < START + timedelta(weeks=4, days=1)


def test_they_come_from_where_the_campaign_admits_people() -> None:
    people = crowd(did("submitted", "audit"))
    events = [people.contact(n).event for n in range(40)]
    assert {event.fields["country"] for event in events if isinstance(event, Submitted)} == {"BE", "CH"}


def test_the_same_number_is_the_same_person() -> None:
    one, other = crowd(did("submitted", "audit")), crowd(did("submitted", "audit"), at_start=10)
    assert one.contact(3) == other.contact(3)
    assert one.contact(3) != one.contact(4)
