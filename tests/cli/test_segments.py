"""`nurture segments`: who is in one now is counted anew whenever it is asked; on both engines."""

from datetime import timedelta

import pytest

from tests.authoring.builders import CAMPAIGN, SCORING
from tests.builders import at
from tests.cli.shell import Shell, told_well

SEGMENTS = """\
segments:
  metal: {name: {fr: Métallurgie, en: Metal works}, when: industry = "metal"}
  renewals: in segment("metal") and renewal_on within next 30 days
  engaged: engagement >= 30
"""
PEOPLE = """\
email,industry,renewal_on
anne@a.example,metal,31/12/2027
bruno@b.example,Metal,2028-06-30
carla@c.example,wood,2027-12-31
"""


@pytest.fixture
def applied(on_both: Shell) -> Shell:
    """Three people, two of them in metal, of whom one must not be written to."""
    on_both.add_files()
    on_both.edit(SCORING, "servers: number", "servers: number, renewal_on: date")
    on_both.edit(CAMPAIGN, '  enter: submitted("guide")\n', '  enter: in segment("renewals")\n')
    on_both.write("campaigns/segments.yaml", SEGMENTS)
    assert on_both("apply", "--yes").code == 0
    on_both.write("people.csv", PEOPLE)
    on_both("contacts", "import", "people.csv", "--basis", "existing-customer", "--source", "fair")
    on_both("contacts", "suppress", "bruno@b.example")
    on_both.work()
    return on_both


def sizes(shell: Shell) -> dict[str, tuple[int, int]]:
    return {one["segment"]: (one["contacts"], one["reachable"]) for one in shell("segments", "--json").data}


def test_each_segment_has_the_number_of_those_in_it_and_of_those_one_may_write_to(applied: Shell) -> None:
    assert sizes(applied) == {"metal": (2, 1), "renewals": (0, 0), "engaged": (0, 0)}
    assert "Metal works" in applied("segments").out
    assert "Métallurgie" in applied("segments", "--lang", "fr").out


def test_days_that_pass_put_people_in_and_take_them_out(applied: Shell) -> None:
    for days, members in ((-31, 0), (-30, 1), (0, 1), (1, 0)):
        applied.clock.move_to(at("2027-12-31 12:00") + timedelta(days=days))
        assert sizes(applied)["renewals"][0] == members


def test_a_segment_shows_what_it_asks_and_who_is_in_it(applied: Shell) -> None:
    shown = applied("segments", "show", "metal", "--json").data
    assert {**shown, "contacts": sorted(shown["contacts"])} == {
        "segment": "metal",
        "title": "Metal works",
        "when": 'industry = "metal"',
        "contacts": ["anne@a.example", "bruno@b.example"],
        "more": False,
    }
    assert "2 contacts in all." in applied("segments", "show", "metal").told
    assert "there are more" in applied("segments", "show", "metal", "--limit", "1").told
    assert "Nobody is in it now." in applied("segments", "show", "engaged").told


def test_a_contact_is_shown_with_the_segments_it_is_in(applied: Shell) -> None:
    assert applied("contacts", "show", "bruno@b.example", "--json").data["segments"] == ["metal"]
    assert "in segments: metal" in applied("contacts", "show", "bruno@b.example").told
    assert "in segments" not in applied("contacts", "show", "carla@c.example").told


def test_a_segment_that_is_not_there_is_told_with_the_one_that_was_meant(applied: Shell) -> None:
    assert told_well(applied("segments", "show", "metl"), "There is no segment", 'did you mean "metal"?')
