"""What goes to a provider's HTTP API is what a recipient would have read, and its answers are told apart."""

import base64
import json
from datetime import timedelta
from email import policy
from email.message import EmailMessage
from typing import Any

import pytest

from nurture.core.words import Hardness
from nurture.providers.http import Answer
from nurture.providers.http_parts import parts_of
from nurture.providers.postmark_api import PostmarkApi, sighting
from nurture.providers.resend_api import ResendApi
from nurture.providers.transport import (
    Accepted,
    CannotTell,
    NotSeen,
    Outgoing,
    RefusedForGood,
    Seen,
    TransportProblem,
    TryLater,
    Unknown,
)

KEY = "0123456789abcdef0123456789abcdef"
SUBJECT = "Été : « migrer » sans interruption, vingt pages à lire avant la rentrée des équipes"
TEXT = "Bonjour Zoé,\n\nVoilà le guide.\n"
HTML = "<p>Bonjour Zoé – <a href='https://a.example/?x=1&amp;y=2'>lire</a></p>\n"
HEADERS = {
    "Message-ID": f"<{KEY}@exemple.example>",
    "In-Reply-To": "<a@exemple.example>",
    "References": " ".join(f"<{'a' * 32}{n}@exemple.example>" for n in range(5)),
    "List-Unsubscribe": f"<https://nurture.exemple.example/u/{'t' * 120}>",
    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    "Auto-Submitted": "auto-generated",
}


def a_mail(date: str = "Mon, 02 Mar 2026 09:00:00 +0000", **more: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = "Hélène Martin <helene@exemple.example>"
    mail["To"] = "Zoé <zoe@contact.example>"
    mail["Reply-To"] = "r+abc@reply.exemple.example"
    mail["Subject"] = SUBJECT
    mail["Date"] = date
    for name, value in (HEADERS | more).items():
        mail[name] = value
    mail.set_content(TEXT)
    mail.add_alternative(HTML, subtype="html")
    return mail


def outgoing(mail: EmailMessage) -> Outgoing:
    return Outgoing(KEY, "b@exemple.example", "zoe@contact.example", mail.as_bytes(policy=policy.SMTP), 0.0)


def answer(code: int, body: dict[str, Any] | None = None, **headers: str) -> Answer:
    return Answer(code, {n.replace("_", "-"): v for n, v in headers.items()}, body or {}, json.dumps(body))


def test_the_parts_are_what_a_recipient_reads() -> None:
    mail = a_mail()
    mail.add_attachment(b"\x00pdf", maintype="application", subtype="pdf", filename="été.pdf")
    parts = parts_of(outgoing(mail).data)
    assert (parts.subject, parts.text, parts.html) == (SUBJECT, TEXT, HTML)
    assert parts.sender == "Hélène Martin <helene@exemple.example>"
    assert parts.recipient == "Zoé <zoe@contact.example>"
    assert parts.reply_to == "r+abc@reply.exemple.example"
    assert dict(parts.headers) == HEADERS
    (file,) = parts.attachments
    assert (file.name, file.media_type, base64.b64decode(file.content)) == ("été.pdf", "application/pdf", b"\x00pdf")


@pytest.mark.parametrize("name", ["Cc", "Bcc"])
def test_what_would_be_dropped_is_refused(name: str) -> None:
    with pytest.raises(TransportProblem, match="no copies"):
        parts_of(outgoing(a_mail(**{name: "other@contact.example"})).data)


def test_a_part_nobody_asked_for_is_refused() -> None:
    mail = a_mail()
    mail.add_attachment(b"gif", maintype="image", subtype="gif", disposition="inline", filename="a.gif")
    with pytest.raises(TransportProblem, match="image/gif"):
        parts_of(outgoing(mail).data)


@pytest.mark.parametrize("api", [ResendApi("k"), PostmarkApi("t", "broadcast")])
def test_a_retry_on_another_day_has_the_same_bytes(api: ResendApi | PostmarkApi) -> None:
    later = a_mail(date="Tue, 03 Mar 2026 10:00:00 +0000")
    later.set_boundary("another")
    assert api.request(outgoing(a_mail())) == api.request(outgoing(later))


def test_resend_gets_the_key_as_key_and_as_tag() -> None:
    content, headers = ResendApi("k").request(outgoing(a_mail()))
    body = json.loads(content)
    assert headers == {"Idempotency-Key": KEY}
    assert body["tags"] == [{"name": "touch", "value": KEY}]
    assert (body["subject"], body["text"], body["html"], body["headers"]) == (SUBJECT, TEXT, HTML, HEADERS)


def test_postmark_gets_by_fields_what_its_smtp_reads_in_headers() -> None:
    extra = {"X-PM-Metadata-touch": KEY, "X-PM-Message-Stream": "relances", "X-PM-KeepID": "true"}
    extra |= {"X-PM-TrackOpens": "false", "X-PM-TrackLinks": "None"}
    body = json.loads(PostmarkApi("t", "broadcast").request(outgoing(a_mail(**extra)))[0])
    assert (body["Metadata"], body["MessageStream"], body["TrackOpens"]) == ({"touch": KEY}, "relances", False)
    assert {item["Name"]: item["Value"] for item in body["Headers"]} == HEADERS | {"X-PM-KeepID": "true"}


FROM = "Invalid `from` field."


@pytest.mark.parametrize(
    ("said", "outcome", "hardness"),
    [
        (answer(200, {"id": "e-1"}), Accepted, None),
        (answer(200, {"id": ""}), Unknown, None),
        (answer(200, {"id": 5}), Unknown, None),
        (answer(200), Unknown, None),
        (answer(204), Unknown, None),
        (answer(422, {"name": "validation_error", "message": "Invalid `to` field."}), RefusedForGood, Hardness.HARD),
        (answer(422, {"name": "invalid_attachment", "message": "no"}), RefusedForGood, Hardness.POLICY),
        (answer(422, {"name": "invalid_from_address", "message": FROM}), TryLater, None),
        (answer(401, {"name": "missing_api_key"}), TryLater, None),
        (answer(403, {"name": "validation_error", "message": "The domain is not verified."}), TryLater, None),
        (answer(429, {"name": "rate_limit_exceeded"}), TryLater, None),
        (answer(500, {}), Unknown, None),
        (answer(504, {"name": "application_error"}), Unknown, None),
        (answer(409, {"name": "concurrent_idempotent_requests"}), Unknown, None),
        (answer(409, {"name": "invalid_idempotent_request"}), Unknown, None),
    ],
)
def test_what_resend_answers_is_told_apart(said: Answer, outcome: type, hardness: Hardness | None) -> None:
    found = ResendApi("k").outcome(said)
    assert type(found) is outcome
    assert getattr(found, "hardness", None) is hardness


@pytest.mark.parametrize(
    ("said", "outcome", "hardness"),
    [
        (answer(200, {"ErrorCode": 0, "MessageID": "m-1"}), Accepted, None),
        (answer(200, {"ErrorCode": 0}), Unknown, None),
        (answer(200, {"ErrorCode": False, "MessageID": "m-1"}), Unknown, None),
        (answer(200, {"ErrorCode": "0", "MessageID": "m-1"}), Unknown, None),
        (answer(200, {"MessageID": "m-1"}), Unknown, None),
        (answer(200), Unknown, None),
        (answer(422, {"ErrorCode": 406, "Message": "inactive"}), RefusedForGood, Hardness.HARD),
        (answer(422, {"ErrorCode": 300, "Message": "Invalid 'To' address."}), RefusedForGood, Hardness.HARD),
        (answer(422, {"ErrorCode": 300, "Message": "Invalid 'From' address."}), TryLater, None),
        (answer(422, {"ErrorCode": 300, "Message": "Too many attachments."}), RefusedForGood, Hardness.POLICY),
        (answer(422, {"ErrorCode": 400, "Message": "Sender Signature not found."}), TryLater, None),
        (answer(401, {"ErrorCode": 10}), TryLater, None),
        (answer(429), TryLater, None),
        (answer(500), Unknown, None),
        (answer(503), Unknown, None),
        (answer(204), Unknown, None),
    ],
)
def test_what_postmark_answers_is_told_apart(said: Answer, outcome: type, hardness: Hardness | None) -> None:
    found = PostmarkApi("t", "broadcast").outcome(said)
    assert type(found) is outcome
    assert getattr(found, "hardness", None) is hardness


def test_a_provider_that_asks_for_a_pause_gets_it() -> None:
    found = ResendApi("k").outcome(answer(429, retry_after="7"))
    assert isinstance(found, TryLater)
    assert found.after == timedelta(seconds=7)


def test_a_search_is_only_believed_when_it_is_about_our_key() -> None:
    mine, other = ({"MessageID": "m-1", "Metadata": {"touch": key}} for key in (KEY, "f" * 32))
    assert sighting(answer(200, {"TotalCount": 1, "Messages": [mine]}), KEY) == Seen("m-1")
    assert sighting(answer(200, {"TotalCount": 0, "Messages": []}), KEY) == NotSeen()
    for unsure in ({"TotalCount": 9, "Messages": [other]}, {"TotalCount": 1, "Messages": []}, {}):
        assert isinstance(sighting(answer(200, unsure), KEY), CannotTell)
    assert isinstance(sighting(answer(500), KEY), CannotTell)
