"""What is saved of a contact is what is loaded, to the last part; and only what changed is written."""

from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, event, select, update
from sqlalchemy.exc import IntegrityError

from nurture.core.effects import Because, CloseHandOff, OfferHandOff
from nurture.core.events import Event
from nurture.core.reasons import Reason
from nurture.core.state import ContactState, Day, Enrolment, Exhausted, HandOff, Position
from nurture.core.words import HandOffState, SignalKind, Status, Suppression, TouchState
from nurture.storage.database import Database
from nurture.storage.hand_offs import find_hand_off, prospects
from nurture.storage.load import load_contacts
from nurture.storage.save import Outcome
from nurture.storage.tables import contacts, enrolments, events, ledger, suppressions
from tests.storage.scenes import DAY, NOW, a_touch, claim, commit, decide, fact, loaded, outcome, people, post, waiting
from tests.storage.strategies import INSTANTS, a_position, a_state, an_event

ONE_DATABASE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)


def the_only_contact(db: Database) -> int:
    """A fresh contact in a database emptied of others: the examples of a property share one."""
    with db.begin() as c:
        c.execute(delete(contacts))
        c.execute(delete(suppressions))
    return people(db, 1)[0]


def save(db: Database, who: int, before: ContactState, after: ContactState) -> None:
    """Commit a change of state without any decision."""
    post(db, [who], fact(f"save:{before.seq}:{after.seq}"))
    held = claim(db, NOW + DAY * 40000)
    assert commit(db, held, [Outcome(who, before, after)]) == {who}


@ONE_DATABASE
@given(first=a_state(), second=a_state())
def test_a_state_saved_is_the_state_loaded(db: Database, first: ContactState, second: ContactState) -> None:
    who = the_only_contact(db)
    empty = loaded(db, who).state
    first = replace(first, key=empty.key)
    save(db, who, empty, _keeping(empty, first))
    saved = loaded(db, who).state
    assert saved == _keeping(empty, first)
    second = _keeping(saved, replace(second, key=empty.key))
    save(db, who, saved, second)
    assert loaded(db, who).state == second


@ONE_DATABASE
@given(
    first=a_state(),
    position=a_position(),
    instant=INSTANTS,
    became=st.sampled_from(TouchState),
    strikes=st.integers(0, 9),
)
def test_where_a_step_leads_and_what_became_of_a_mail_are_saved_alone(
    db: Database, first: ContactState, position: Position, instant: datetime, became: TouchState, strikes: int
) -> None:
    who = the_only_contact(db)
    empty = loaded(db, who).state
    save(db, who, empty, _keeping(empty, replace(first, key=empty.key)))
    saved = loaded(db, who).state
    moved = {name: replace(e, position=position, anchor=instant) for name, e in saved.enrolments.items()}
    settled = {key: replace(t, at=instant, state=became, strikes=strikes) for key, t in saved.touches.items()}
    seen: list[str] = []
    event.listen(db.engine, "before_cursor_execute", note := lambda *args: seen.append(args[2]))
    save(db, who, saved, replace(saved, enrolments=moved, touches=settled))
    event.remove(db.engine, "before_cursor_execute", note)
    assert loaded(db, who).state == replace(saved, enrolments=moved, touches=settled)
    assert not [sql for sql in seen if "INSERT INTO enrolments" in sql or "INSERT INTO touches" in sql]


def _keeping(before: ContactState, after: ContactState) -> ContactState:
    """Enrolments and touches never go away, and nobody is created twice."""
    kept = {"enrolments": {**before.enrolments, **after.enrolments}, "touches": {**before.touches, **after.touches}}
    return replace(after, created_at=before.created_at, **kept)


@ONE_DATABASE
@given(posted=an_event())
def test_an_event_posted_is_the_event_loaded(db: Database, posted: Event) -> None:
    who = the_only_contact(db)
    post(db, [who], posted)
    assert loaded(db, who).pending == ((NOW, posted),)


def test_a_contact_that_is_not_there_is_left_out(db: Database) -> None:
    (who,) = people(db, 1)
    with db.read() as c:
        assert load_contacts(c, [who, 999_999], NOW).keys() == {who}
        assert load_contacts(c, [], NOW) == {}


def test_a_contact_that_cannot_be_read_keeps_nobody_else_from_being_read(db: Database) -> None:
    ids = people(db, 5)
    post(db, ids)
    with db.begin() as c:
        c.execute(update(events).where(events.c.contact_id == ids[3]).values(kind="of_another_version"))
        assert load_contacts(c, ids, NOW).keys() == set(ids) - {ids[3]}


def test_events_received_later_are_not_loaded_yet(db: Database) -> None:
    (who,) = people(db, 1)
    post(db, [who], received_at=NOW + DAY)
    assert loaded(db, who).pending == ()
    assert len(loaded(db, who, NOW + DAY).pending) == 1


def test_a_used_event_is_not_loaded_again(db: Database) -> None:
    (who,) = people(db, 1)
    post(db, [who])
    commit(db, claim(db), [outcome(who, loaded(db, who).state)])
    assert loaded(db, who).pending == ()


def test_loading_and_saving_take_as_many_statements_for_one_as_for_many(db: Database) -> None:
    def statements(count: int, first: int) -> tuple[int, int]:
        ids = people(db, count, first)
        post(db, ids)
        held = claim(db)
        seen: list[str] = []
        event.listen(db.engine, "before_cursor_execute", note := lambda *args: seen.append(args[2]))
        with db.read() as c:
            found = load_contacts(c, ids, NOW)
        read = len(seen)
        commit(db, held, [outcome(who, found[who].state, enrolments=waiting(NOW)) for who in ids])
        event.remove(db.engine, "before_cursor_execute", note)
        return read, len(seen) - read

    assert statements(1, 0) == statements(200, 1)


def test_what_did_not_change_is_not_written(db: Database) -> None:
    (who,) = people(db, 1)
    decide(db, who, enrolments=waiting(NOW + DAY))
    before = loaded(db, who, NOW + DAY).state
    post(db, [who], fact("e9"))
    held, seen = claim(db), list[str]()
    event.listen(db.engine, "before_cursor_execute", note := lambda *args: seen.append(args[2]))
    commit(db, held, [Outcome(who, before, replace(before, status=Status.MQL))])
    event.remove(db.engine, "before_cursor_execute", note)
    changed = [statement for statement in seen if statement.startswith(("INSERT", "UPDATE", "DELETE"))]
    assert [statement.split()[1] for statement in changed] == ["contacts", "agenda"]


def test_a_contact_has_one_enrolment_in_a_campaign(db: Database) -> None:
    (who,) = people(db, 1)
    decide(db, who, enrolments=waiting(NOW - DAY))
    again = Enrolment("c", "v2", "mofu", Exhausted(), NOW, NOW, NOW, rotation=1)
    decide(db, who, enrolments={"c": again})
    assert loaded(db, who).state.enrolments == {"c": again}
    with db.begin() as c:
        given = [column for column in enrolments.c if column.computed is None]
        twin = {**c.execute(select(*given)).mappings().one(), "version": "v3"}
    with pytest.raises(IntegrityError), db.begin() as c:
        c.execute(enrolments.insert().values(twin))


def test_two_contacts_cannot_have_the_same_touch(db: Database) -> None:
    one, other = people(db, 2)
    decide(db, one, touches={a_touch().key: a_touch()})
    with pytest.raises(IntegrityError):
        decide(db, other, touches={a_touch().key: a_touch()})
    assert loaded(db, other).state.touches == {}


def test_the_ledger_keeps_points_as_capped_that_day(db: Database) -> None:
    """5 points a click, at most 8 a day: shared by the day's objects in the order of their names."""
    (who,) = people(db, 1)
    today = NOW.toordinal()
    clicked = {(SignalKind.CLICKED, "b"): {today: Day(1, NOW, NOW), today - 1: Day(1, NOW, NOW)}}
    decide(db, who, signals=clicked)
    decide(db, who, signals={**clicked, (SignalKind.CLICKED, "a"): {today: Day(1, NOW, NOW)}})
    assert points(db) == {("a", today): 5000, ("b", today): 3000, ("b", today - 1): 5000}


def test_a_signal_taken_back_leaves_the_ledger(db: Database) -> None:
    (who,) = people(db, 1)
    today = NOW.toordinal()
    both = {(SignalKind.CLICKED, name): {today: Day(1, NOW, NOW)} for name in ("a", "b")}
    decide(db, who, signals=both)
    decide(db, who, signals={key: both[key] for key in both if key[1] == "b"})
    assert points(db) == {("b", today): 5000}


def points(db: Database) -> dict[tuple[str, int], int]:
    """The ledger's points by object and day."""
    with db.read() as c:
        return {(row.object, row.day): row.points for row in c.execute(select(ledger))}


def test_a_hand_off_keeps_its_reasons_when_it_is_answered(db: Database) -> None:
    (who,) = people(db, 1)
    offer = HandOff("h1", "c", "sales", "anna@exemple.example", NOW, NOW + DAY, HandOffState.OFFERED)
    reasons = (Because(Reason.POINTS, "c", {"object": "guide", "points": 20000}),)
    decide(db, who, OfferHandOff(offer, reasons), hand_off=offer)
    accepted = replace(offer, state=HandOffState.ACCEPTED, answered_at=NOW + DAY)
    decide(db, who, CloseHandOff(accepted), hand_off=accepted)
    with db.read() as c:
        found = find_hand_off(c, "h1")
        assert found is not None
        assert found.hand_off == accepted
        assert found.reasons == [{"reason": "points", "subject": "c", "detail": {"object": "guide", "points": 20000}}]
        assert [p.contact_id for p in prospects(c, [HandOffState.ACCEPTED])] == [who]
        assert prospects(c, [HandOffState.OFFERED]) == []
        assert find_hand_off(c, "h2") is None


def test_a_second_hand_off_leaves_the_first_on_record(db: Database) -> None:
    (who,) = people(db, 1)
    for n in range(2):
        offer = HandOff(f"h{n}", "c", "sales", "", NOW, NOW + DAY, HandOffState.OFFERED)
        decide(db, who, OfferHandOff(offer, ()), hand_off=offer)
    assert loaded(db, who).state.hand_off == offer
    with db.read() as c:
        assert len(prospects(c)) == 2


def test_a_suppression_of_the_state_outlives_the_contact(db: Database) -> None:
    (who,) = people(db, 1)
    decide(db, who, suppressed=frozenset({Suppression.COMPLAINED}))
    assert loaded(db, who).state.suppressed == {Suppression.COMPLAINED}
