"""Everybody in flight is counted once, in one process as in several, on either database."""

from datetime import timedelta

from nurture.core.state import Exhausted, Waiting
from nurture.planning.apply import perform
from nurture.planning.lines import Effect, Line
from nurture.planning.plan import make_plan
from nurture.storage.database import Database
from tests.authoring.builders import CAMPAIGN, CONTENT, FILES, SCORING, Edit
from tests.planning.test_stages import HERE, LONGER, NOW, WAIT, intent, place
from tests.storage.scenes import people

SOON = Waiting(WAIT, NOW + timedelta(days=1))


def url_of(db: Database) -> str:
    """With its password, for other processes."""
    return db.engine.url.render_as_string(hide_password=False)


def test_those_before_the_edit_and_those_past_it_are_counted(db: Database) -> None:
    perform(db, intent(db), NOW)
    first = intent(db).after.current["welcome"]
    place(db, *[("welcome", first, HERE)] * 5, *[("welcome", first, Exhausted())] * 3, ("welcome", "old", HERE))
    edit = intent(db, files=LONGER.of(FILES))
    alone = make_plan(db, url_of(db), edit, NOW, processes=1)
    assert dict(alone.effects.counts) == {
        Line(Effect.WAITS_LONGER, "welcome", WAIT): 5,
        Line(Effect.AS_BEFORE, "welcome"): 3,
        Line(Effect.KEPT, "welcome"): 1,  # who was in an older version already
    }
    assert alone.reach == (0, 8, 3)
    together = make_plan(db, url_of(db), edit, NOW, processes=2)
    assert together == alone


def test_what_all_share_concerns_everybody_in_flight_unless_it_is_words(db: Database) -> None:
    perform(db, intent(db), NOW)
    first = intent(db).after.current["welcome"]
    place(db, ("welcome", first, SOON), ("welcome", first, HERE))
    reworded = intent(db, files=Edit(CONTENT, "title: Guide", "title: Manuel").of(FILES))
    assert make_plan(db, url_of(db), reworded, NOW).effects.contacts == 0
    scored = intent(db, files=Edit(SCORING, "points: 10", "points: 12").of(FILES))
    found = make_plan(db, url_of(db), scored, NOW)
    assert (found.effects.contacts, dict(found.effects.counts)) == (2, {})


def test_who_matches_already_is_counted_where_they_are_taken_in(db: Database) -> None:
    perform(db, intent(db), NOW)
    people(db, 2)
    taken_in = Edit(CAMPAIGN, 'enter: submitted("guide")', 'enter: not tagged("x")\n  include: current')
    found = make_plan(db, url_of(db), intent(db, files=taken_in.of(FILES)), NOW)
    assert found.effects.counts[Line(Effect.ENTERS, "welcome")] == 2


def test_nothing_is_written(db: Database) -> None:
    perform(db, intent(db), NOW)
    place(db, ("welcome", intent(db).after.current["welcome"], HERE))
    edit = intent(db, files=LONGER.of(FILES))
    assert make_plan(db, url_of(db), edit, NOW) == make_plan(db, url_of(db), edit, NOW)
    assert intent(db, files=LONGER.of(FILES)).base == edit.base
