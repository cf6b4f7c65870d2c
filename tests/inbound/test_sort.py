"""From what came in to events: matched by every way, each fact once, and no receipt at another's mercy."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select, update

from nurture.clock import ManualClock
from nurture.content.local_parts import LocalPart, signed_address
from nurture.core.effects import SendNotice
from nurture.core.events import (
    AutoReplied,
    Bounced,
    Delivered,
    Event,
    Replied,
    Signalled,
    Suppressed,
    Unsuppressed,
)
from nurture.core.words import Hardness, Intent, Suppression
from nurture.inbound.intake import Intake
from nurture.inbound.sort import Sorter
from nurture.inbound.sources import POSTMARK, POSTMARK_INBOUND
from nurture.providers.bodies import key_of
from nurture.storage.database import Database
from nurture.storage.receipts import Receipt, claim_receipts, receive
from nurture.storage.tables import contacts, events, outbox, receipts
from tests.providers import postmark_posts as posts
from tests.storage.conftest import db, postgres_db, postgres_tables, sqlite_db, sqlite_template
from tests.storage.scenes import a_touch, decide, queue
from tests.web.house import NOW, House

__all__ = ["db", "postgres_db", "postgres_tables", "sqlite_db", "sqlite_template"]

KEY = posts.TOUCH
LATER = NOW + timedelta(hours=3)


@pytest.fixture
def house(db: Database) -> Iterator[House]:
    """A contact who was sent a mail, on both engines."""
    yield from _built(db)


@pytest.fixture
def sqlite_house(sqlite_db: Database) -> Iterator[House]:
    """The same where the database does not matter."""
    yield from _built(sqlite_db)


def _built(db: Database) -> Iterator[House]:
    clock = ManualClock(NOW)
    intake = Intake(db, clock)
    house = House(db, clock, intake)
    house.sent(house.contact(), KEY)
    clock.move_to(LATER)
    yield house
    intake.close()


def take_in(house: House, *bodies: bytes, source: str = POSTMARK) -> list[Event]:
    """Take these in, sort, and answer what the contact hears of it."""
    with house.db.begin() as c:
        receive(c, [Receipt(source, key_of(body), body) for body in bodies], house.clock.now())
    return [event for event in house.sort() if event.kind != "sent"]


def post(house: House, *items: posts.Post) -> list[Event]:
    return take_in(house, *(posts.as_body(item) for item in items))


def mail(house: House, **more: Any) -> list[Event]:
    return take_in(house, posts.as_body(posts.inbound(**more)), source=POSTMARK_INBOUND)


def states(house: House) -> list[tuple[str, str]]:
    return [(row["state"], row["problem"]) for row in house.rows(select(receipts).order_by(receipts.c.id))]


def headers(**named: str) -> list[dict[str, str]]:
    return [{"Name": name.replace("_", "-"), "Value": value} for name, value in named.items()]


# What the provider says of our mail


@pytest.mark.parametrize(
    ("said", "kind", "more"),
    [
        (posts.delivery(), Delivered, {}),
        (posts.bounce(), Bounced, {"hardness": Hardness.HARD}),
        (posts.bounce("SoftBounce", Details="smtp;452 4.2.2 full"), Bounced, {"hardness": Hardness.SOFT}),
        (posts.bounce("Blocked"), Bounced, {"hardness": Hardness.POLICY}),
        (posts.complaint(), Suppressed, {"reason": Suppression.COMPLAINED}),
        (posts.subscription(), Suppressed, {"reason": Suppression.UNSUBSCRIBED}),
        (posts.subscription(True, "HardBounce"), Bounced, {"hardness": Hardness.HARD}),
        (posts.bounce("AutoResponder"), AutoReplied, {"return_on": None}),
    ],
)
def test_a_providers_event_reaches_the_contact(
    house: House, said: posts.Post, kind: type, more: dict[str, Any]
) -> None:
    (event,) = post(house, said)
    assert (type(event), event.touch) == (kind, KEY)  # type: ignore[union-attr]
    assert {name: getattr(event, name) for name in more} == more
    assert event.at <= LATER
    assert states(house) == [("sorted", "")]


def test_writing_to_an_address_again_lifts_its_bounce_and_no_objection(house: House) -> None:
    (event,) = post(house, posts.subscription(False, None))
    assert event == Unsuppressed(event.key, event.at, Suppression.BOUNCED)


def test_the_providers_opens_and_clicks_are_not_counted_beside_our_own(house: House) -> None:
    assert post(house, posts.opened(), posts.clicked()) == []
    house.sorter = Sorter(house.db, house.tokens, own_tracking=False)
    heard = post(house, posts.opened(ReceivedAt="2027-03-01T09:00:00Z"), posts.clicked(posts.GMAIL, ReceivedAt="2027-03-01T09:00:00Z"))  # fmt: skip
    signals = [event for event in heard if isinstance(event, Signalled)]
    assert sorted((e.signal, e.object, e.confidence) for e in signals) == [
        ("clicked", "guide", "machine"),
        ("opened", "guide", "human"),
    ]


def test_an_event_is_dated_by_the_provider_and_never_later_than_we_heard_of_it(house: House) -> None:
    early, late = post(house, posts.delivery(DeliveredAt="2027-03-01T09:30:00Z"), posts.delivery(DeliveredAt="2031-01-01T00:00:00Z"))  # fmt: skip
    assert {early.at, late.at} == {NOW + timedelta(minutes=90), LATER}


def test_without_our_id_the_providers_own_finds_the_message(house: House) -> None:
    (event,) = post(house, posts.delivery(Metadata={}, MessageID="pm-0f0f"))
    assert event.touch == KEY  # type: ignore[union-attr]


def test_the_same_post_again_is_the_same_event(house: House) -> None:
    post(house, posts.bounce())
    again = post(house, posts.bounce(Tag="sent again with other bytes"))
    assert len(again) == 1
    assert len(states(house)) == 2


# Siblings, strangers and the unknown


def test_a_bad_receipt_does_not_keep_its_siblings(house: House) -> None:
    heard = take_in(house, b"{", posts.as_body(posts.delivery()), b'{"RecordType": "Weather"}', b"\xff" * 100)
    assert [type(event) for event in heard] == [Delivered]
    by_state = sorted(state for state, _ in states(house))
    assert by_state == ["not_understood", "not_understood", "not_understood", "sorted"]
    assert all(problem.endswith(".") for state, problem in states(house) if state == "not_understood")
    kept = {bytes(row["body"]) for row in house.rows(select(receipts))}
    assert b"{" in kept


def test_what_cannot_be_stored_is_set_aside_alone(house: House) -> None:
    poisoned = posts.bounce(ID=1, BouncedAt="0001-01-01T00:00:00Z", Details="smtp;550 \x00 gone")
    heard = post(house, posts.delivery(), poisoned, posts.complaint(ID=7))
    assert {type(event) for event in heard} >= {Delivered, Suppressed}


def test_about_an_unknown_message_nothing_is_made_up_and_it_is_matched_once_known(house: House) -> None:
    other = "1e" * 16
    assert post(house, posts.bounce(Metadata={"touch": other}, MessageID="nobody")) == []
    assert [state for state, _ in states(house)] == ["parked"]
    assert len(house.rows(select(contacts))) == 1
    queue(house.db, 1, a_touch(other, at=LATER), LATER)
    house.clock.advance(timedelta(minutes=2))
    (event,) = [event for event in house.sort() if isinstance(event, Bounced)]
    assert (event.touch, states(house)) == (other, [("sorted", "")])


def test_an_unknown_message_is_given_up_after_a_week(sqlite_house: House) -> None:
    house = sqlite_house
    post(house, posts.bounce(Metadata={}, MessageID="nobody"))
    for _ in range(30):
        house.clock.advance(timedelta(hours=6))
        house.sort()
    ((state, problem),) = states(house)
    assert (state, "seven days" in problem) == ("not_understood", True)


def test_a_notice_that_bounces_blames_the_contact_only_if_it_went_there(house: House) -> None:
    offer, asked = "aa" * 16, "cc" * 16
    decide(house.db, 1, SendNotice(offer, "hand_off", "dd" * 16, "fr", "anne@exemple.example"), now=LATER)
    decide(house.db, 1, SendNotice(asked, "confirmation", "audit", "fr"), now=LATER)
    assert not any(isinstance(e, Bounced) for e in post(house, posts.bounce(Metadata={"touch": offer}, ID=1)))
    assert states(house) == [("sorted", "")]
    (event,) = [e for e in post(house, posts.bounce(Metadata={"touch": asked}, ID=2)) if isinstance(e, Bounced)]
    assert (event.hardness, event.touch) == (Hardness.HARD, None)


# Replies


def test_a_reply_is_found_by_what_it_answers(house: House) -> None:
    (event,) = mail(house, To="bonjour@exemple.example", ToFull=[], OriginalRecipient="", MailboxHash="")
    assert event == Replied(event.key, LATER, Intent.INTERESTED, KEY)


def test_a_reply_is_found_by_its_references(house: House) -> None:
    named = headers(Message_ID="<a@b.example>", References=f"<first@exemple.example> <{KEY}@exemple.example>")
    (event,) = mail(house, Headers=named, ToFull=[], MailboxHash="")
    assert event.touch == KEY  # type: ignore[union-attr]


@pytest.mark.parametrize("spelling", [str.lower, str.upper])
def test_a_reply_is_found_by_the_token_of_its_address(house: House, spelling: Any) -> None:
    address = spelling(signed_address(house.tokens, LocalPart.REPLY, KEY, "reponses.exemple.example"))
    to = [{"Email": address, "Name": "", "MailboxHash": ""}]
    (event,) = mail(house, Headers=[], ToFull=to, To=address, OriginalRecipient=address, MailboxHash="")
    assert (type(event), event.touch) == (Replied, KEY)  # type: ignore[union-attr]


def test_a_reply_is_never_found_by_the_text_it_quotes(house: House) -> None:
    quoted = f"Oui !\n\n> Message-ID: <{KEY}@exemple.example>\n> reply+{KEY}@exemple.example"
    forged = f"reply+{KEY}@reponses.exemple.example"
    to = [{"Email": forged, "Name": "", "MailboxHash": KEY}]
    heard = mail(house, Headers=[], ToFull=to, To=forged, OriginalRecipient=forged, MailboxHash=KEY, TextBody=quoted)
    assert heard == []
    assert [state for state, _ in states(house)] == ["parked"]


def test_an_absence_holds_the_person_until_the_return(house: House) -> None:
    named = [*posts.inbound()["Headers"], *headers(Auto_Submitted="auto-replied")]
    (event,) = mail(
        house,
        Headers=named,
        Subject="Réponse automatique : Votre livre blanc",
        TextBody="Bonjour, je suis en congés et de retour le 15 mars 2027. Interessé par tout !",
    )
    assert isinstance(event, AutoReplied)
    assert (event.return_on.isoformat() if event.return_on else "", event.touch) == ("2027-03-15", KEY)


def test_who_asks_to_be_left_alone_is(house: House) -> None:
    heard = mail(house, TextBody="Merci de me désinscrire de votre liste.", StrippedTextReply="")
    assert {type(event) for event in heard} == {Replied, Suppressed}
    (stop,) = [event for event in heard if isinstance(event, Suppressed)]
    assert (stop.reason, stop.touch) == (Suppression.UNSUBSCRIBED, KEY)


def test_a_mail_to_the_unsubscribe_address_says_enough(house: House) -> None:
    address = signed_address(house.tokens, LocalPart.UNSUBSCRIBE, KEY, "reponses.exemple.example")
    to = [{"Email": address, "Name": "", "MailboxHash": ""}]
    (event,) = mail(house, Headers=[], ToFull=to, To=address, OriginalRecipient=address, TextBody="", HtmlBody="", StrippedTextReply="", Subject="unsubscribe")  # fmt: skip
    assert (type(event), event.reason) == (Suppressed, Suppression.UNSUBSCRIBED)  # type: ignore[union-attr]


def test_a_colleagues_answer_to_a_hand_off_is_no_word_of_the_contacts(house: House) -> None:
    offer = "aa" * 16
    decide(house.db, 1, SendNotice(offer, "hand_off", "dd" * 16, "fr", "anne@exemple.example"), now=LATER)
    named = headers(In_Reply_To=f"<{offer}@exemple.example>")
    heard = mail(house, Headers=named, ToFull=[], MailboxHash="", TextBody="Merci de me désinscrire.")
    assert not any(isinstance(event, Replied | Suppressed) for event in heard)


# Twice is once, and order does not matter


POSTS = [posts.delivery(), posts.bounce(), posts.complaint(), posts.subscription(), posts.bounce("SoftBounce", ID=99)]


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations([*range(len(POSTS)), *range(len(POSTS))]), batch=st.sampled_from([1, 2, 200]))
def test_shuffled_and_repeated_posts_are_the_same_events(sqlite_house: House, order: list[int], batch: int) -> None:
    house = sqlite_house
    house.sorter = Sorter(house.db, house.tokens, batch=batch)
    for n in order:
        post(house, POSTS[n])
    heard = sorted((event.kind, event.key) for event in house.sort() if event.kind != "sent")
    assert len(heard) == len(POSTS)
    assert heard == sorted({(kind, key) for kind, key in heard})


@dataclass(frozen=True)
class Pausing(Database):
    """A database that something happens to before each time it is only read: between a sorter's claim and its commit."""

    meanwhile: Callable[[], None]

    @contextmanager
    def read(self) -> Iterator[Connection]:
        self.meanwhile()
        with Database.read(self) as c:
            yield c


def test_a_sorter_whose_lease_was_taken_over_posts_nothing(house: House) -> None:
    """Paused between its claim and its commit: what another took over is told by that one alone."""
    taken: list[int] = []

    def take_over() -> None:
        with house.db.begin() as c:
            claim = claim_receipts(c, house.clock.now(), 10, timedelta(minutes=1))
            taken.extend(stored.id for stored in claim.receipts)

    slow = Sorter(Pausing(house.db.engine, house.db.url, take_over), house.tokens, lease=timedelta(0))
    with house.db.begin() as c:
        receive(c, [Receipt(POSTMARK, "r1", posts.as_body(posts.delivery()))], house.clock.now())
    assert slow.run_once(house.clock.now()) == 1
    assert len(taken) == 1
    with house.db.read() as c:
        assert c.execute(select(events.c.key).where(events.c.kind == "delivered")).all() == []


def test_a_webhook_about_an_unknown_message_settles_it(house: House) -> None:
    with house.db.begin() as c:
        c.execute(update(outbox).values(state="unknown", doubts=1, due_at=None))
    heard = take_in(house, posts.as_body(posts.delivery()))
    assert [event.kind for event in heard] == ["delivered"]
    with house.db.read() as c:
        assert c.execute(select(outbox.c.state, outbox.c.doubts)).all() == [("sent", 0)]
