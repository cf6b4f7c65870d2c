"""What the engine promises, seen from the other side: at the mail host, by the demo's calendar."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from nurture.authoring.places import holidays_of
from nurture.core.program import Program
from nurture.demo.archive import Purpose, Sent
from nurture.demo.people import Door, Person, by_address
from nurture.demo.results import all_prospects
from nurture.demo.temperaments import Mailbox
from nurture.demo.zones import zone_of
from nurture.storage.database import Database
from nurture.storage.instance import instance
from nurture.storage.tables import agenda, contacts, enrolments, journal, outbox, suppressions
from tests.demo.play import Played, play


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    return play(tmp_path_factory.mktemp("played"), contacts=60, weeks=6)


@pytest.fixture(scope="module")
def db(played: Played) -> Iterator[Database]:
    database = Database.open(played.url)
    yield database
    database.close()


@pytest.fixture(scope="module")
def touches(played: Played) -> Sequence[Sent]:
    return sorted(played.demo.course.archive.of(Purpose.TOUCH), key=lambda sent: (sent.recipient, sent.at))


@pytest.fixture(scope="module")
def people(played: Played) -> Mapping[str, Person]:
    return by_address(played.demo.people)


def campaign_of(played: Played, sent: Sent) -> Program:
    return next(p for p in played.world.current_programs() if p.sender.address == sent.sender_address)


def zone_known_of(person: Person) -> ZoneInfo:
    """A form asks for the country only: where that has several zones, the campaign's own counts."""
    unknown = person.door is Door.FORM and person.zone is not None
    return ZoneInfo("Europe/Paris") if unknown else zone_of(person)


def test_every_message_id_arrives_once(played: Played) -> None:
    arrived = Counter(sent.message_id for sent in played.demo.course.archive.kept)
    assert len(arrived) > 100
    assert set(arrived.values()) == {1}


def test_nobody_suppressed_is_written_to(played: Played, db: Database) -> None:
    with db.read() as c:
        own = instance(c)
        since = {row.address_hash: row.at for row in c.execute(select(suppressions))}
    late = [
        sent
        for sent in played.demo.course.archive.of(Purpose.TOUCH)
        if (at := since.get(own.address_hash(sent.recipient))) is not None and sent.at >= at
    ]
    assert since
    assert late == []


def test_mails_come_within_the_window_on_business_days_of_the_contacts_country(
    played: Played, touches: Sequence[Sent], people: Mapping[str, Person]
) -> None:
    assert touches
    for sent in touches:
        person, window = people[sent.recipient], campaign_of(played, sent).cadence.window
        local = sent.at.astimezone(zone_known_of(person))
        assert window.start <= local.time() < window.end, sent
        assert local.isoweekday() in window.weekdays, sent
        assert local.date() not in holidays_of(person.country), sent


def test_no_cap_is_broken(played: Played, touches: Sequence[Sent], people: Mapping[str, Person]) -> None:
    assert touches
    days: dict[str, list[date]] = defaultdict(list)
    for sent in touches:
        own = days[sent.recipient]
        own.append(sent.at.astimezone(zone_known_of(people[sent.recipient])).date())
        for cap in campaign_of(played, sent).cadence.at_most:
            first = own[-1] - timedelta(days=cap.days - 1)
            assert sum(day >= first for day in own) <= cap.count, (sent, cap)


def test_an_unknown_address_is_tried_once_and_never_again(played: Played, people: Mapping[str, Person]) -> None:
    unknown = {who for who, person in people.items() if person.mailbox is Mailbox.UNKNOWN}
    assert unknown
    assert not unknown & {sent.recipient for sent in played.demo.course.archive.kept}


def test_a_full_mailbox_gets_its_mail_in_the_end(played: Played, people: Mapping[str, Person], db: Database) -> None:
    full = {who for who, person in people.items() if person.mailbox is Mailbox.FULL_FOR_NOW}
    with db.read() as c:
        wanted = select(contacts.c.address).join(outbox, outbox.c.contact_id == contacts.c.id).distinct()
        written_to = {row.address.lower() for row in c.execute(wanted)} & full
    assert written_to
    assert written_to <= {sent.recipient for sent in played.demo.course.archive.kept}


def test_every_enrolment_ends_or_has_something_that_wakes_it(played: Played, db: Database) -> None:
    now = played.demo.clock.now()
    with db.read() as c:
        due: dict[int, datetime | None] = {row.contact_id: row.due_at for row in c.execute(select(agenda))}
        rows = c.execute(select(enrolments)).all()
        sending = set(c.execute(select(outbox.c.key).where(outbox.c.due_at.is_not(None))).scalars())
    assert len(rows) > 40
    for row in rows:
        timer = due.get(row.contact_id)
        match row.position:
            case "waiting" | "listening" | "slotted":
                assert row.due_at > now, row
                assert timer is not None, row
                assert now < timer <= row.due_at, row
            case "sending":
                assert row.details["touch"] in sending, row
            case "stopped":
                assert row.details["why"] in {"replied", "handed_off"}, row
            case position:
                assert position in {"ended", "exhausted", "blocked"}, row


def test_a_prospects_reasons_add_up(db: Database) -> None:
    with db.read() as c:
        given = all_prospects(c)
    assert given
    for prospect in given:
        first, *others = prospect.reasons
        points = [reason["detail"]["points"] for reason in others if reason["reason"] == "points"]
        weights = [reason["detail"]["weight"] for reason in others if reason["reason"] == "fit"]
        assert first["reason"] == "prospect"
        engagement = first["detail"]["engagement"]
        assert sum(points) == engagement if len(points) < 5 else sum(points) <= engagement
        assert sum(weights) == (first["detail"]["fit"] or 0)


def test_the_web_answered_everything_as_it_should(played: Played) -> None:
    assert played.demo.course.troubles == []
    assert played.demo.course.errands > 300


def test_scanners_follow_every_link_and_nobody_is_unsubscribed_by_them(
    people: Mapping[str, Person], db: Database
) -> None:
    with db.read() as c:
        own = instance(c)
        left = set(
            c.execute(select(suppressions.c.address_hash).where(suppressions.c.reason == "unsubscribed")).scalars()
        )
        machines = c.execute(select(func.count()).where(journal.c.because.contains('"machine"'))).scalar_one()
    by_hash = {own.address_hash(who): person.temperament.name for who, person in people.items()}
    assert machines > 10
    assert left
    assert {by_hash[digest] for digest in left} <= {"annoyed", "answers"}


def test_the_hold_out_is_scored_and_never_written_to(touches: Sequence[Sent], db: Database) -> None:
    with db.read() as c:
        query = select(contacts.c.address).join(enrolments, enrolments.c.contact_id == contacts.c.id)
        held_out = {address.lower() for address in c.execute(query.where(enrolments.c.held_out)).scalars()}
    assert held_out
    assert not held_out & {sent.recipient for sent in touches}
