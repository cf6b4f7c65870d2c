"""What each of Postmark's posts is taken to mean."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from nurture.providers import postmark
from nurture.providers.events import Bounce, Hardness, Kind, NotUnderstood, ProviderEvent
from tests.providers import postmark_posts as posts


def read(post: posts.Post) -> ProviderEvent:
    (event,) = postmark.parse(posts.as_body(post))
    return event


def test_a_delivery_is_known_by_our_touch_and_by_postmarks_id() -> None:
    event = read(posts.delivery())
    assert (event.kind, event.touch, event.provider_message_id) == (Kind.DELIVERED, posts.TOUCH, posts.PM_ID)
    assert event.recipient == "camille@exemple.example"
    assert event.at == datetime(2026, 11, 23, 8, 0, 1, 907025, tzinfo=UTC)
    assert event.detail["stream"] == "broadcast"
    assert event.bounce is None
    assert not event.machine


def test_a_hard_bounce_says_which_address_is_dead_and_why() -> None:
    event = read(posts.bounce())
    assert event.kind is Kind.BOUNCED
    assert event.at == datetime(2026, 11, 23, 8, 0, 0, 123456, tzinfo=UTC)
    assert event.bounce == Bounce(
        Hardness.HARD,
        "5.1.1",
        "smtp;550 5.1.1 The email account that you tried to reach does not exist",
        "The server was unable to deliver your message (ex: unknown user, mailbox not found).",
    )


@pytest.mark.parametrize(
    ("named", "kind", "hardness"),
    [
        ("HardBounce", Kind.BOUNCED, Hardness.HARD),
        ("BadEmailAddress", Kind.BOUNCED, Hardness.HARD),
        ("SoftBounce", Kind.BOUNCED, Hardness.SOFT),
        ("DnsError", Kind.BOUNCED, Hardness.SOFT),
        ("Unknown", Kind.BOUNCED, Hardness.SOFT),
        ("Blocked", Kind.BOUNCED, Hardness.POLICY),
        ("SpamNotification", Kind.BOUNCED, Hardness.POLICY),
        ("VirusNotification", Kind.BOUNCED, Hardness.POLICY),
        ("DMARCPolicy", Kind.BOUNCED, Hardness.POLICY),
        ("Transient", Kind.DEFERRED, None),
        ("Unsubscribe", Kind.UNSUBSCRIBED, None),
        ("Subscribe", Kind.SUBSCRIBED, None),
        ("SpamComplaint", Kind.COMPLAINED, None),
        ("AutoResponder", Kind.AUTORESPONDED, None),
        ("AddressChange", Kind.AUTORESPONDED, None),
        ("ChallengeVerification", Kind.AUTORESPONDED, None),
        ("ManuallyDeactivated", Kind.REJECTED, None),
        ("Unconfirmed", Kind.REJECTED, None),
        ("SMTPApiError", Kind.FAILED, None),
        ("TemplateRenderingFailed", Kind.FAILED, None),
        ("OpenRelayTest", Kind.UNKNOWN, None),
        ("InboundError", Kind.UNKNOWN, None),
        ("AddedNextYear", Kind.UNKNOWN, None),
    ],
)
def test_every_type_of_bounce_has_its_meaning(named: str, kind: Kind, hardness: Hardness | None) -> None:
    event = read(posts.bounce(named, Details="no code in it"))
    assert (event.kind, event.bounce.hardness if event.bounce else None) == (kind, hardness)
    assert event.detail["type"] == named


@pytest.mark.parametrize(
    "details",
    ["smtp;550 5.7.26 unauthenticated mail is prohibited", "smtp;550 5.1.0 Sender address rejected: User unknown"],
)
def test_a_policy_refusal_is_never_the_contacts_fault_whatever_postmark_calls_it(details: str) -> None:
    event = read(posts.bounce("HardBounce", Details=details))
    assert event.bounce is not None
    assert event.bounce.hardness is Hardness.POLICY


def test_a_bounce_that_does_not_say_its_type_is_shown_to_the_operator() -> None:
    with pytest.raises(NotUnderstood, match="without a Type"):
        read(posts.bounce(Type=None))


def test_a_complaint_is_a_complaint() -> None:
    event = read(posts.complaint())
    assert (event.kind, event.key, event.bounce) == (Kind.COMPLAINED, "postmark:bounce:42", None)


@pytest.mark.parametrize(
    ("reason", "kind", "hardness"),
    [
        ("HardBounce", Kind.BOUNCED, Hardness.HARD),
        ("SpamComplaint", Kind.COMPLAINED, None),
        ("ManualSuppression", Kind.UNSUBSCRIBED, None),
        ("AddedNextYear", Kind.UNSUBSCRIBED, None),
        (None, Kind.UNSUBSCRIBED, None),
    ],
)
def test_a_suppression_at_postmark_is_one_here_for_its_reason(
    reason: str | None, kind: Kind, hardness: Hardness | None
) -> None:
    event = read(posts.subscription(reason=reason))
    assert (event.kind, event.bounce.hardness if event.bounce else None) == (kind, hardness)
    assert event.detail["origin"] == "Recipient"


def test_a_lifted_suppression_is_told_apart_from_a_new_one() -> None:
    assert read(posts.subscription(suppressed=False, reason=None)).kind is Kind.SUBSCRIBED


@pytest.mark.parametrize("said", [None, "false", 0, 1, "true"])
def test_a_suppression_is_never_guessed(said: object) -> None:
    with pytest.raises(NotUnderstood, match="suppressed"):
        read(posts.subscription(suppressed=said))


@pytest.mark.parametrize(
    ("user_agent", "machine"), [(posts.PERSON, False), (posts.APPLE, True), (posts.GMAIL, True), ("", True)]
)
def test_an_open_by_a_privacy_proxy_is_a_machines(user_agent: str, machine: bool) -> None:
    event = read(posts.opened(user_agent))
    assert (event.kind, event.machine) == (Kind.OPENED, machine)
    assert event.detail["first_open"] == "true"


def test_a_click_keeps_its_link_and_whether_a_scanner_made_it() -> None:
    event = read(posts.clicked())
    assert (event.kind, event.url, event.machine) == (Kind.CLICKED, "https://exemple.example/livre-blanc?a=1", False)
    assert read(posts.clicked("Barracuda Sentinel (EE)")).machine


def test_where_a_person_is_stays_with_postmark() -> None:
    assert "192.0.2.7" not in repr(read(posts.opened()))
    assert "Lyon" not in repr(read(posts.opened()))


def test_the_same_post_twice_has_one_key_and_another_post_another() -> None:
    once, again = read(posts.opened()), read(posts.opened())
    later = read(posts.opened(ReceivedAt="2026-11-23T08:10:01Z"))
    assert once.key == again.key != later.key
    assert once.key.startswith("postmark:sha256:")


def test_a_bounce_reworded_on_its_second_way_is_the_same_bounce() -> None:
    assert read(posts.bounce()).key == read(posts.bounce(Subject="other")).key == "postmark:bounce:4323372036854775807"


def test_the_metadata_is_found_in_any_case_and_only_when_it_is_a_touch_of_ours() -> None:
    assert read(posts.delivery(Metadata={"Touch": posts.TOUCH})).touch == posts.TOUCH
    for other in ("", "abc", posts.TOUCH.upper(), posts.TOUCH + "\n0", 7, None, ["x"]):
        assert read(posts.delivery(Metadata={"touch": other})).touch is None
    assert read(posts.delivery(Metadata="none")).touch is None


@pytest.mark.parametrize("said", [None, "", "yesterday", 5, "0001-01-01T00:00:00+05:00", "9999-12-31T23:59:59-05:00"])
def test_a_time_that_cannot_be_read_is_no_time(said: object) -> None:
    assert read(posts.delivery(DeliveredAt=said)).at is None


def test_every_time_is_in_utc() -> None:
    for said in ("2026-11-23T08:00:00", "2026-11-23T10:00:00+02:00"):
        at = read(posts.delivery(DeliveredAt=said)).at
        assert at == datetime(2026, 11, 23, 8, tzinfo=UTC)
        assert at.utcoffset() == timedelta(0)


def test_a_received_mail_on_the_wrong_hook_is_still_told_apart() -> None:
    event = read(posts.inbound())
    assert (event.kind, event.key) == (Kind.INBOUND, "postmark:inbound:73e6d360-66eb-11e1-8e72-a8904824019b")


def test_a_record_nobody_knows_is_shown_to_the_operator() -> None:
    with pytest.raises(NotUnderstood, match="'SomethingNew'"):
        read(posts.delivery(RecordType="SomethingNew"))
    with pytest.raises(NotUnderstood, match="'none'"):
        read({"hello": "world"})
