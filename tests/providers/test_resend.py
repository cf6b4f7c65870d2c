"""What Resend's posts mean, and which are believed."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from nurture.providers.events import Hardness, Kind, NotUnderstood
from nurture.providers.resend import parse
from nurture.providers.svix import sign, signed_id

KEY = b"a secret of the tests"
SECRET = "whsec_" + base64.b64encode(KEY).decode()
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
TOUCH = "0123456789abcdef0123456789abcdef"


def a_post(kind: str, tags: object = None, **data: Any) -> bytes:
    common = {"email_id": "e-1", "to": ["anna@contact.example"], "tags": tags or [{"name": "touch", "value": TOUCH}]}
    return json.dumps({"type": kind, "created_at": "2026-03-02T08:59:00Z", "data": common | data}).encode()


def headers(body: bytes, at: datetime = NOW, key: bytes = KEY) -> dict[str, str]:
    stamp = str(int(at.timestamp()))
    signature = sign("msg_1", stamp, body, key).decode()
    return {"svix-id": "msg_1", "svix-timestamp": stamp, "svix-signature": f"v1,b2xk {signature}"}


def test_a_post_signed_by_one_of_its_signatures_is_believed() -> None:
    assert signed_id(headers(b"{}"), b"{}", SECRET, NOW) == "msg_1"


@pytest.mark.parametrize("age", [timedelta(minutes=4), timedelta(hours=30)])
def test_a_repeated_post_may_bear_its_first_time(age: timedelta) -> None:
    assert signed_id(headers(b"{}", NOW - age), b"{}", SECRET, NOW) == "msg_1"


def test_anything_else_is_not_believed() -> None:
    good = headers(b"{}")
    assert signed_id(good, b"{ }", SECRET, NOW) is None
    assert signed_id(headers(b"{}", key=b"other"), b"{}", SECRET, NOW) is None
    assert signed_id(good | {"svix-id": "msg_2"}, b"{}", SECRET, NOW) is None
    assert signed_id(good | {"svix-timestamp": "soon"}, b"{}", SECRET, NOW) is None
    assert signed_id(headers(b"{}", NOW + timedelta(minutes=6)), b"{}", SECRET, NOW) is None
    assert signed_id(headers(b"{}", NOW - timedelta(days=4)), b"{}", SECRET, NOW) is None
    assert signed_id({}, b"{}", SECRET, NOW) is None


def test_without_a_secret_nobody_is_believed() -> None:
    assert signed_id(headers(b"{}", key=b""), b"{}", "", NOW) is None
    assert signed_id(headers(b"{}", key=b""), b"{}", "whsec_", NOW) is None


@pytest.mark.parametrize("tags", [[{"name": "touch", "value": TOUCH}], {"touch": TOUCH}])
def test_a_delivery_is_matched_by_our_key_and_by_resends_id(tags: object) -> None:
    (event,) = parse(a_post("email.delivered", tags), "msg_1")
    assert (event.kind, event.key, event.touch, event.provider_message_id, event.recipient) == (
        Kind.DELIVERED,
        "resend:msg_1",
        TOUCH,
        "e-1",
        "anna@contact.example",
    )


@pytest.mark.parametrize(
    ("bounce", "hardness"),
    [
        ({"type": "Permanent", "subType": "General"}, Hardness.HARD),
        ({"type": "Transient", "subType": "MailboxFull"}, Hardness.SOFT),
        ({"type": "Undetermined"}, Hardness.SOFT),
        ({"type": "Transient", "subType": "ContentRejected"}, Hardness.POLICY),
        ({"type": "Permanent", "diagnosticCode": ["smtp; 550 5.7.1 blocked"]}, Hardness.POLICY),
        ({"type": "Permanent", "diagnosticCode": ["smtp; 550 5.1.0 Sender denied"]}, Hardness.POLICY),
    ],
)
def test_a_bounce_is_as_hard_as_it_says_and_policy_is_nobodys_fault(bounce: Any, hardness: Hardness) -> None:
    (event,) = parse(a_post("email.bounced", bounce=bounce), "msg_1")
    assert event.bounce is not None
    assert event.bounce.hardness is hardness


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("email.complained", Kind.COMPLAINED),
        ("email.failed", Kind.FAILED),
        ("email.delivery_delayed", Kind.DEFERRED),
        ("email.suppressed", Kind.REJECTED),
    ],
)
def test_each_type_has_its_kind(said: str, kind: Kind) -> None:
    assert parse(a_post(said), "m")[0].kind is kind


def test_a_click_tells_its_link() -> None:
    (event,) = parse(a_post("email.clicked", click={"link": "https://a.example", "userAgent": "curl/8"}), "m")
    assert (event.kind, event.url, event.machine) == (Kind.CLICKED, "https://a.example", True)


def test_what_is_not_known_is_said() -> None:
    with pytest.raises(NotUnderstood, match="no_such"):
        parse(b'{"type": "no_such"}', "m")
