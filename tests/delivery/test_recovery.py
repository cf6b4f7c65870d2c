"""After a crash: what a killed worker leaves, what becomes of it by transport and by policy, and who may say so."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from nurture.core.events import ProfileChanged
from nurture.core.program import WhenUnknown
from nurture.core.words import TouchState
from nurture.delivery import flights as flight_logs
from nurture.delivery.doubt import REPEATS
from nurture.delivery.flights import Flights
from nurture.delivery.recording import Report
from nurture.delivery.recovery import recover_flights
from nurture.storage.brakes import Brake, put_on, release
from nurture.storage.doubts import list_unknown, settle_by_person, settle_by_sign
from nurture.storage.results import Accepted, LeftOpen, NeverLeft, recover_stale
from nurture.storage.words import BrakeKind
from tests.delivery.commits import long_commit
from tests.delivery.full_disk import room_for
from tests.delivery.harness import House, addresses
from tests.delivery.lives import HOUR, crashed, deliver, policy, touches
from tests.delivery.provider import FULL, GONE, KEYED, LATER, LOST, PLAIN, SEARCHABLE, Provider

PEOPLE = addresses([f"person{n}" for n in range(8)])
ANNA = PEOPLE[0]
MINUTE = timedelta(minutes=1)


def key_of(house: House, address: str) -> str:
    return str(house.outbox()[address].key)


@pytest.mark.parametrize(("point", "unknown"), [("begun", 0), ("going", 2), ("gone", 2)])
def test_a_killed_worker_leaves_at_most_one_unknown_message_a_connection_and_sends_the_rest(
    house: House, logs: Flights, tmp_path: Path, point: str, unknown: int
) -> None:
    house.enter(*PEOPLE)
    url = house.db.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.delivery.victim", url, str(tmp_path / "state"), point, "3"]
    victim = subprocess.run(command, stdout=subprocess.PIPE, timeout=60, check=False)
    assert victim.returncode == -9
    before = [json.loads(line)[0] for line in victim.stdout.splitlines()]
    provider = Provider()
    deliver(house, provider, logs)
    after = [message.key for message in provider.taken]
    assert len({*before, *after}) == len(before) + len(after)
    states = list(house.states().values())
    assert states.count("unknown") <= min(unknown, PLAIN.connections)
    assert states.count("sent") == len(states) - states.count("unknown")
    assert not list((tmp_path / "state").iterdir())


def test_what_had_not_gone_is_sent_at_once_what_was_answered_is_believed_and_only_the_rest_is_unknown(
    house: House, logs: Flights
) -> None:
    house.enter(*PEOPLE)
    batch = crashed(house, logs)
    answered, unanswered = [ready.row.key for ready in batch.ready][:2]
    assert batch.flight is not None
    for key in (answered, unanswered):
        assert batch.flight.going(key)
    batch.flight.came(Accepted(answered, house.now, "250 taken, « merci »", "id-1"))
    batch.flight.abandon()
    provider = Provider()
    deliver(house, provider, logs)
    states = {row.key: row.state for row in house.outbox().values()}
    assert states.pop(unanswered) == "unknown"
    assert set(states.values()) == {"sent"}
    assert {answered, unanswered}.isdisjoint(provider.delivered)
    (told,) = [attempt for attempt in house.attempts() if attempt.key == answered]
    assert (told.outcome, told.provider_id, told.detail) == ("sent", "id-1", "250 taken, « merci »")


@pytest.mark.parametrize("kind", [LeftOpen, NeverLeft])
def test_a_log_tells_of_what_was_looked_into_too(
    house: House, logs: Flights, kind: type[LeftOpen] | type[NeverLeft]
) -> None:
    house.enter(ANNA)
    batch = crashed(house, logs)
    key = key_of(house, ANNA)
    told = LeftOpen(key, house.now + HOUR, "later") if kind is LeftOpen else NeverLeft(key, house.now, "not there")
    assert batch.flight is not None
    assert batch.flight.going(key)
    batch.flight.came(told)
    batch.flight.abandon()
    assert recover_flights(house.db, logs, house.now) == 1
    assert (house.states()[ANNA], house.outbox()[ANNA].detail) == (
        ("unknown", "later") if kind is LeftOpen else ("retry", "not there")
    )


def test_a_worker_that_did_not_see_the_end_of_its_commit_leaves_nothing_unknown(house: House, tmp_path: Path) -> None:
    """The database is at the COMMIT of the intents when the worker is killed, and carries it out."""
    opened: list[flight_logs.Flight] = []

    class Ours(Flights):
        def open(self, token: int) -> flight_logs.Flight | None:
            flight = super().open(token)
            assert flight is not None
            opened.append(flight)
            return flight

    house.enter(*PEOPLE)
    logs = Ours(tmp_path / "state", "e")
    with long_commit(house.db, lambda: crashed(house, logs), lambda: bool(opened)) as ends:
        opened[0].abandon()
        threading.Timer(0.5, ends.set).start()
        assert recover_flights(house.db, logs, house.now) == len(PEOPLE)
    assert deliver(house, Provider(), logs) == Report(claimed=len(PEOPLE), sent=len(PEOPLE))


def test_a_log_whose_worker_lives_is_left_alone(house: House, logs: Flights) -> None:
    house.enter(*PEOPLE)
    batch = crashed(house, logs)
    assert recover_flights(house.db, logs, house.now) == 0
    assert set(house.states().values()) == {"intent"}
    assert batch.flight is not None
    batch.flight.abandon()
    assert recover_flights(house.db, logs, house.now) == len(PEOPLE)
    assert recover_flights(house.db, logs, house.now) == 0


def test_of_a_worker_that_stood_still_beyond_its_lease_only_what_had_gone_is_unknown(
    house: House, logs: Flights
) -> None:
    house.enter(*PEOPLE)
    stands_still = crashed(house, logs, lease=timedelta(0))
    answered, unanswered, next_one = [ready.row.key for ready in stands_still.ready][:3]
    assert stands_still.flight is not None
    for key in (answered, unanswered):
        assert stands_still.flight.going(key)
    stands_still.flight.came(Accepted(answered, house.now))
    assert recover_flights(house.db, logs, house.now) == len(PEOPLE)
    assert recover_flights(house.db, logs, house.now) == 0
    states = {row.key: row.state for row in house.outbox().values()}
    assert (states.pop(answered), states.pop(unanswered)) == ("sent", "unknown")
    assert set(states.values()) == {"retry"}
    assert not stands_still.flight.going(next_one)
    provider = Provider()
    deliver(house, provider)
    assert {message.key for message in provider.taken} == set(states)


def test_a_worker_in_time_is_taken_nothing_from(house: House, logs: Flights) -> None:
    house.enter(ANNA)
    batch = crashed(house, logs)
    assert recover_flights(house.db, logs, house.now) == 0
    assert batch.flight is not None
    assert batch.flight.going(key_of(house, ANNA))


def test_a_log_cannot_speak_about_another_attempt(house: House, logs: Flights, tmp_path: Path) -> None:
    """Its worker's lease ran out, the messages were looked into and sent again: what the old log says is too late."""
    house.enter(ANNA)
    policy(house, WhenUnknown.AT_LEAST_ONCE)
    batch = crashed(house, logs, lease=timedelta(0))
    with house.db.begin() as c:
        assert recover_stale(c, house.now) == 1
    again = crashed(house, Flights(tmp_path / "elsewhere", "e"))
    assert [ready.row.key for ready in again.ready] == [key_of(house, ANNA)]
    assert batch.flight is not None
    batch.flight.abandon()
    assert recover_flights(house.db, logs, house.now) == 0
    assert house.states() == {ANNA: "intent"}


def test_a_log_of_before_the_last_boot_tells_nothing(house: House, logs: Flights, tmp_path: Path) -> None:
    """A power cut may have taken lines away: that nobody wrote "going" does not mean that nothing went."""
    house.enter(ANNA)
    batch = crashed(house, logs)
    assert batch.flight is not None
    batch.flight.abandon()
    (file,) = (tmp_path / "state").iterdir()
    file.write_bytes(file.read_bytes().replace(str(flight_logs.boot_id()).encode(), b"another-boot"))
    assert recover_flights(house.db, logs, house.now) == 0
    assert house.states() == {ANNA: "intent"}


def test_a_line_cut_short_is_followed_by_nothing(house: House, logs: Flights, tmp_path: Path) -> None:
    house.enter(ANNA)
    batch = crashed(house, logs)
    assert batch.flight is not None
    batch.flight.abandon()
    (file,) = (tmp_path / "state").iterdir()
    with file.open("ab") as log:
        log.write(f"going {key_of(house, ANNA)}".encode())
    assert deliver(house, Provider(), logs) == Report(claimed=1, sent=1)


def test_nothing_more_goes_by_a_log_of_which_a_line_was_cut_short(house: House, logs: Flights, tmp_path: Path) -> None:
    """The disk was full for a moment: a line behind the cut one could not be told from it."""
    house.enter(*PEOPLE)
    batch = crashed(house, logs)
    gone, cut, after = [ready.row.key for ready in batch.ready][:3]
    (file,) = (tmp_path / "state").iterdir()
    assert batch.flight is not None
    assert batch.flight.going(gone)
    with room_for(20, file):
        assert not batch.flight.going(cut)
    assert not batch.flight.going(after)
    batch.flight.came(Accepted(gone, house.now))
    batch.flight.abandon()
    provider = Provider()
    deliver(house, provider, logs)
    states = {row.key: row.state for row in house.outbox().values()}
    assert states.pop(gone) == "unknown"
    assert set(states.values()) == {"sent"}
    assert provider.delivered == dict.fromkeys(states, 1)


@pytest.mark.parametrize("cut", ["go", "going", "going 0123", 'came ["Accepted", {"key"'])
@pytest.mark.parametrize("whole", ["going KEY", 'came ["Accepted",{"key":"KEY"}]'])
def test_what_may_have_gone_after_a_line_that_cannot_be_read_is_not_sent_again(
    house: House, logs: Flights, tmp_path: Path, cut: str, whole: str
) -> None:
    house.enter(*PEOPLE)
    batch = crashed(house, logs, lease=timedelta(0))
    assert batch.flight is not None
    batch.flight.abandon()
    (file,) = (tmp_path / "state").iterdir()
    with file.open("a") as log:
        log.write(f"{cut}{whole.replace('KEY', key_of(house, ANNA))}\n")
    assert recover_flights(house.db, logs, house.now) == 0
    assert not file.exists()
    with house.db.begin() as c:
        assert recover_stale(c, house.now) == len(PEOPLE)


def test_a_log_for_whose_head_there_was_no_room_is_none(logs: Flights, tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    (empty := tmp_path / "empty").touch()
    with room_for(20, empty):
        assert logs.open(7) is None
    assert [told for _, told in logs.left_behind()] == [None]
    assert not list((tmp_path / "state").iterdir())


def test_a_log_that_may_not_be_looked_at_keeps_no_worker_from_starting_and_is_told_of_once(
    house: House, logs: Flights, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """As one that another user has left; this one leads nowhere, so that not even root may open it."""
    house.enter(*PEOPLE)
    of_another = crashed(house, logs, lease=timedelta(0))
    (theirs,) = (tmp_path / "state").iterdir()
    theirs.unlink()
    theirs.symlink_to(theirs)
    house.enter("late@contact.example")
    assert of_another.flight is not None
    of_another.flight.abandon()
    crashed(house, logs).flight.abandon()  # type: ignore[union-attr]
    assert recover_flights(house.db, logs, house.now) == 1
    assert recover_flights(house.db, logs, house.now) == 0
    assert [path.name for path in (tmp_path / "state").iterdir()] == [theirs.name]
    assert [str(theirs) in record.getMessage() for record in caplog.records if "looked at" in record.msg] == [True]


def test_where_no_log_can_be_kept_mails_go_out_and_a_crash_makes_a_batch_unknown(house: House, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    none = Flights(tmp_path / "file" / "state", "e")
    house.enter(*PEOPLE)
    assert crashed(house, none, lease=timedelta(0)).flight is None
    with house.db.begin() as c:
        assert recover_stale(c, house.now) == len(PEOPLE)
    provider = Provider()
    assert deliver(house, provider, none) == Report(claimed=len(PEOPLE), unknown=len(PEOPLE))
    assert not provider.taken
    house.enter("late@contact.example")
    assert deliver(house, provider, none).sent == 1


def test_a_lost_answer_over_a_keyed_transport_is_repeated_under_its_key_and_delivered_once(house: House) -> None:
    house.enter(ANNA)
    key = key_of(house, ANNA)
    provider = Provider(KEYED, {key: [LOST, LOST]})
    assert deliver(house, provider) == Report(claimed=1, unknown=1)
    assert touches(house, ANNA) == [TouchState.QUEUED]  # its enrolment waits
    for _ in range(3):
        house.now += 5 * MINUTE
        deliver(house, provider)
    assert house.states() == {ANNA: "sent"}
    assert (provider.delivered, len(provider.taken)) == ({key: 1}, 3)
    assert len({message.data for message in provider.taken}) == 1
    assert touches(house, ANNA) == [TouchState.SENT]


def test_a_key_that_the_provider_may_have_forgotten_is_not_used_again(house: House) -> None:
    house.enter(ANNA)
    provider = Provider(replace(KEYED, key_lifetime=HOUR), {key_of(house, ANNA): [LOST]})
    deliver(house, provider)
    house.now += HOUR
    assert deliver(house, provider) == Report(claimed=1, unknown=1)
    assert len(provider.taken) == 1
    assert touches(house, ANNA) == [TouchState.UNKNOWN]
    assert house.outbox()[ANNA].due_at is None


@pytest.mark.parametrize(("what", "taken"), [(LOST, 1), (GONE, 1)])
def test_a_lost_answer_over_a_searchable_transport_is_searched_for(house: House, what: str, taken: int) -> None:
    house.enter(ANNA)
    key = key_of(house, ANNA)
    provider = Provider(SEARCHABLE, {key: [what]})
    assert deliver(house, provider) == Report(claimed=1, unknown=1)
    house.now += MINUTE
    assert deliver(house, provider) == Report()
    assert not provider.searches  # a search that finds nothing means nothing yet
    house.now += MINUTE
    deliver(house, provider)
    deliver(house, provider)
    assert [found for found, _ in provider.searches] == [key]
    assert (house.states(), provider.delivered) == ({ANNA: "sent"}, {key: taken})
    assert touches(house, ANNA) == [TouchState.SENT]


def test_a_search_that_cannot_tell_is_asked_ever_later_and_for_a_day(house: House) -> None:
    house.enter(ANNA)
    provider = Provider(SEARCHABLE, {key_of(house, ANNA): [LOST]}, blind=True)
    deliver(house, provider)
    while (due := house.outbox()[ANNA].due_at) is not None:
        house.now = due
        deliver(house, provider)
    assert 5 <= len(provider.searches) <= 15
    assert touches(house, ANNA) == [TouchState.UNKNOWN]
    assert len(provider.taken) == 1


def test_at_most_once_leaves_a_lost_answer_unknown_and_listed(house: House) -> None:
    house.enter(ANNA)
    key = key_of(house, ANNA)
    provider = Provider(PLAIN, {key: [LOST]})
    deliver(house, provider)
    house.now += 30 * HOUR
    assert deliver(house, provider) == Report()
    with house.db.read() as c:
        (told,) = list_unknown(c)
    assert (told.key, told.address, told.again, told.said) == (key, ANNA, None, "The answer was lost.")
    assert touches(house, ANNA) == [TouchState.UNKNOWN]


@pytest.mark.parametrize("lost", [1, 2, REPEATS, REPEATS + 1])
def test_at_least_once_repeats_the_same_bytes_until_an_answer_but_not_for_ever(house: House, lost: int) -> None:
    policy(house, WhenUnknown.AT_LEAST_ONCE)
    house.enter(ANNA)
    provider = Provider(PLAIN, {key_of(house, ANNA): [LOST] * lost})
    for _ in range(lost + 2):
        deliver(house, provider)
        house.now += 3 * HOUR
    assert len(provider.taken) == min(lost, REPEATS) + 1
    assert len({message.data for message in provider.taken}) == 1
    assert house.states() == {ANNA: "unknown" if lost > REPEATS else "sent"}


def test_a_repeat_that_surely_did_not_leave_is_tried_again_and_never_told_as_if_nothing_had_left(house: House) -> None:
    policy(house, WhenUnknown.AT_LEAST_ONCE)
    house.enter(ANNA)
    provider = Provider(PLAIN, {key_of(house, ANNA): [LOST, LATER]})
    for _ in range(2):
        deliver(house, provider)
        assert house.states() == {ANNA: "unknown"}
        house.now += HOUR
    deliver(house, provider)
    assert (house.states(), len(provider.taken)) == ({ANNA: "sent"}, 2)


def test_a_repeat_that_is_refused_says_nothing_of_the_first_time(house: House) -> None:
    policy(house, WhenUnknown.AT_LEAST_ONCE)
    house.enter(ANNA)
    provider = Provider(PLAIN, {key_of(house, ANNA): [LOST, FULL]})
    deliver(house, provider)
    house.now += HOUR
    deliver(house, provider)
    assert house.states() == {ANNA: "unknown"}
    assert "repeated, it was refused" in house.outbox()[ANNA].detail
    with house.db.read() as c:
        assert [(one.key, one.again) for one in list_unknown(c)] == [(key_of(house, ANNA), None)]


@pytest.mark.parametrize(("after", "state"), [(HOUR, "refused"), (30 * HOUR, "unknown")])
def test_a_repeat_that_is_refused_under_a_key_that_is_remembered_says_that_the_first_was_not_taken(
    house: House, after: timedelta, state: str
) -> None:
    policy(house, WhenUnknown.AT_LEAST_ONCE)
    house.enter(ANNA)
    provider = Provider(KEYED, {key_of(house, ANNA): [GONE, FULL]})
    deliver(house, provider)
    house.now += after
    deliver(house, provider)
    assert provider.taken == []
    assert house.states() == {ANNA: state}


def test_what_would_not_be_the_same_message_any_more_is_never_repeated(house: House) -> None:
    policy(house, WhenUnknown.AT_LEAST_ONCE)
    house.enter(ANNA)
    provider = Provider(PLAIN, {key_of(house, ANNA): [LOST]})
    deliver(house, provider)
    house.now += MINUTE
    house.post((ANNA, ProfileChanged("p1", house.now, {"first_name": "Annabelle"})))
    house.decide()
    house.now += HOUR
    deliver(house, provider)
    assert (house.states(), len(provider.taken)) == ({ANNA: "unknown"}, 1)
    assert "would not be the same message" in house.outbox()[ANNA].detail


def test_what_comes_back_settles_an_unknown_message(house: House) -> None:
    house.enter(ANNA)
    deliver(house, Provider(PLAIN, {key_of(house, ANNA): [LOST]}))
    assert touches(house, ANNA) == [TouchState.UNKNOWN]
    house.now += MINUTE
    sign(house, house.now)
    assert house.states() == {ANNA: "sent"}
    assert touches(house, ANNA) == [TouchState.SENT]


def test_what_comes_back_before_the_crash_is_noticed_settles_it_all_the_same(house: House, logs: Flights) -> None:
    """The delivery is told seconds after the crash, when the row still says that its worker has it."""
    house.enter(ANNA)
    batch = crashed(house, logs)
    assert batch.flight is not None
    batch.flight.going(key_of(house, ANNA))
    sign(house, house.now + MINUTE)
    assert house.states() == {ANNA: "intent"}
    batch.flight.abandon()
    deliver(house, Provider(), logs)
    assert house.states() == {ANNA: "sent"}


def sign(house: House, at: datetime) -> None:
    with house.db.begin() as c:
        settle_by_sign(c, {key_of(house, ANNA): at, "of nobody": at}, at)


@pytest.mark.parametrize(
    ("was_sent", "state", "touch"), [(True, "sent", TouchState.SENT), (False, "withheld", TouchState.WITHHELD)]
)
def test_a_person_settles_what_is_unknown(house: House, was_sent: bool, state: str, touch: TouchState) -> None:
    house.enter(ANNA)
    key = key_of(house, ANNA)
    deliver(house, Provider(PLAIN, {key: [LOST]}))
    touches(house, ANNA)
    for settled in ({key}, set()):
        with house.db.begin() as c:
            assert settle_by_person(c, [key, "of nobody"], house.now, was_sent=was_sent) == settled
    assert house.states() == {ANNA: state}
    assert touches(house, ANNA) == [touch]


def test_a_person_who_says_not_sent_in_time_has_it_sent(house: House) -> None:
    house.enter(ANNA)
    key = key_of(house, ANNA)
    provider = Provider(SEARCHABLE, {key: [GONE]})
    deliver(house, provider)
    with house.db.begin() as c:
        assert settle_by_person(c, [key], house.now, was_sent=False) == {key}
    deliver(house, provider)
    assert (house.states(), provider.delivered, provider.searches) == ({ANNA: "sent"}, {key: 1}, [])


def test_a_full_disk_stops_what_could_not_be_noted(house: House) -> None:
    """Linux has a file on which every write finds the disk full."""

    class Full(Flights):
        def open(self, token: int) -> flight_logs.Flight | None:
            return flight_logs.Flight(os.open("/dev/full", os.O_WRONLY), Path("/nowhere"))

    house.enter(ANNA)
    provider = Provider()
    assert deliver(house, provider, Full(Path("/nowhere"), "e")) == Report(claimed=1, retried=1)
    assert not provider.taken


@pytest.fixture
def one_flight(logs: Flights) -> Iterator[flight_logs.Flight]:
    flight = logs.open(7)
    assert flight is not None
    yield flight
    flight.done()


@pytest.mark.parametrize("whole", [True, False])
def test_a_message_in_doubt_that_meets_a_brake_is_looked_into_once_it_is_released(house: House, whole: bool) -> None:
    house.enter(ANNA)
    provider = Provider(KEYED, {key_of(house, ANNA): [LOST]})
    assert deliver(house, provider).unknown == 1
    campaign = "" if whole else house.outbox()[ANNA].campaign
    with house.db.begin() as c:
        put_on(c, Brake(campaign, BrakeKind.PAUSED, house.now, "claire", ""))
    house.now += HOUR
    assert deliver(house, provider) == Report()
    assert house.states() == {ANNA: "unknown"}
    with house.db.begin() as c:
        release(c, campaign, {BrakeKind.PAUSED}, "claire", house.now)
    assert deliver(house, provider).sent == 1
    assert list(provider.delivered.values()) == [1]


def test_a_person_may_say_of_a_message_behind_a_brake_that_it_was_not_sent_and_it_is_sent_again(house: House) -> None:
    house.enter(ANNA)
    provider = Provider(KEYED, {key_of(house, ANNA): [LOST]})
    deliver(house, provider)
    brake = Brake(house.outbox()[ANNA].campaign, BrakeKind.PAUSED, house.now, "claire", "")
    with house.db.begin() as c:
        put_on(c, brake)
    house.now += HOUR
    deliver(house, provider)
    with house.db.begin() as c:
        settle_by_person(c, [key_of(house, ANNA)], house.now, was_sent=False)
        release(c, brake.campaign, {BrakeKind.PAUSED}, "claire", house.now)
    assert deliver(house, provider).sent == 1
