"""A filled skeleton is the mail the standard library would have read."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import SMTP, default
from html import escape

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from nurture.content.calendar import Appointment, calendar_of
from nurture.content.fills import LONGEST_VALUE
from nurture.content.problems import MissingVariable
from nurture.content.render import preview_html, render
from nurture.content.skeleton import Skeleton
from nurture.content.spec import MailSpec
from tests.content.builders import BASE_URL, TOKEN, a_heading, a_spec, a_template, compiled, compiled_body

quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

NASTY = (
    "Zoé", "Đặng Thị", "名前", "🦊🦊", "a=b==", "=20", "=?utf-8?q?x?=", "<script>alert(1)</script>", "&amp;", '"quoted"',
    "..", ".leading", "From me", "x" * 150, "é" * 120, "🦊" * 60, "O'Brien", "a\\b", "zero\u200bwidth", "a, b; c <d@e>",
    "--boundary", "tail ", "{{ contact.company }}", "%s %d {0}", "\u00a0fixed\u00a0", "e\u0301",
)  # fmt: skip
names = st.one_of(
    st.sampled_from(NASTY),
    st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=LONGEST_VALUE),
)

GREETING = compiled_body("<p>Cher {{ contact.first_name | default('client') }}, voici.</p>")
SUBJECT = "{{ contact.first_name | default('Bonjour') }}, votre livre blanc"
SHIPPED = compiled(a_spec(subject=SUBJECT))


def printed(name: str) -> str:
    """What a reader sees of a name: one line, no spaces around."""
    return re.sub(r"[ \t\n\r\f\v\x1c-\x1f\x85\u2028\u2029]+", " ", name).strip()


def parsed(data: bytes) -> EmailMessage:
    message = message_from_bytes(data, policy=default)
    assert isinstance(message, EmailMessage)
    assert not message.defects
    return message


def part(message: EmailMessage, subtype: str) -> str:
    found = message.get_body((subtype,))
    assert found is not None
    return str(found.get_content()).replace("\r\n", "\n")


def with_library(skeleton: Skeleton, text: str, html: str) -> EmailMessage:
    """The same mail, put together and written out by the standard library."""
    message = EmailMessage(policy=SMTP)
    message.set_content(text, cte="quoted-printable")
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    return parsed(message.as_bytes())


@quick
@given(names)
def test_any_name_arrives_as_it_was_in_both_parts(name: str) -> None:
    words = printed(name) or "client"
    message = parsed(render(GREETING, {"first_name": name}, a_heading()).data)
    assert f"Cher {words}, voici.\n" in part(message, "plain")
    assert f"<p>Cher {escape(words)}, voici.</p>" in re.sub(r'<p style="[^"]*">', "<p>", part(message, "html"))


@quick
@given(names)
def test_a_shipped_mail_reads_as_the_librarys_own(name: str) -> None:
    values = {"first_name": name}
    mail = render(SHIPPED, values, a_heading())
    message = parsed(mail.data)
    words = printed(name)
    text = "".join(
        piece if isinstance(piece, str) else TOKEN if piece is None else f"Bonjour {words}" if words else "Bonjour"
        for piece in SHIPPED.text
    )
    expected = with_library(SHIPPED, text, preview_html(SHIPPED, values, TOKEN))
    assert part(message, "plain") == part(expected, "plain")
    assert part(message, "html") == part(expected, "html")
    assert mail.subject == f"{words or 'Bonjour'}, votre livre blanc"
    assert str(make_header(decode_header(raw_header(mail.data, "Subject")))) == mail.subject


@quick
@given(names)
def test_no_line_is_longer_than_mail_allows(name: str) -> None:
    data = render(SHIPPED, {"first_name": name}, a_heading(recipient_name=name)).data
    head, _, body = data.partition(b"\r\n\r\n")
    assert max(map(len, body.split(b"\r\n"))) <= 76
    for line in head.split(b"\r\n"):
        # An address or an id cannot be folded; everything else stays within what RFC 5322 advises.
        assert len(line) <= 78 or line.startswith(b"List-Unsubscribe: <")
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert b"\r" not in data.replace(b"\r\n", b"")
    assert data.isascii()


@quick
@given(names)
def test_no_body_line_begins_with_a_full_stop_or_from(name: str) -> None:
    body = render(GREETING, {"first_name": name}, a_heading()).data.partition(b"\r\n\r\n")[2]
    assert not re.search(rb"(?m)^(\.|From )", body)


def raw_header(data: bytes, name: str) -> str:
    """The header as written, unfolded."""
    value = str(message_from_bytes(data)[name])
    return re.sub(r"\r?\n", "", value)


@pytest.mark.parametrize("name", ["Anne\nDupont", "Anne\r\nBcc: x@y.example", "Anne\tDupont", "Anne\u2028Dupont"])
def test_a_line_break_in_a_name_becomes_a_space_in_the_body(name: str) -> None:
    message = parsed(render(GREETING, {"first_name": name}, a_heading()).data)
    assert f"Cher {printed(name)}, voici." in part(message, "plain")
    assert "Bcc" not in message


def test_the_same_input_gives_the_same_bytes() -> None:
    values = {"first_name": "Zoé"}
    assert render(SHIPPED, values, a_heading()) == render(compiled(a_spec(subject=SUBJECT)), values, a_heading())


def test_filters_apply_in_the_order_they_are_written() -> None:
    skeleton = compiled_body("[{{ contact.first_name | trim | upper | prefix('Mme ') | suffix('!') | default('—') }}]")
    assert "[Mme ZOÉ!]" in part(parsed(render(skeleton, {"first_name": " zoé "}, a_heading()).data), "plain")
    assert "[—]" in part(parsed(render(skeleton, {"first_name": "  "}, a_heading()).data), "plain")


@pytest.mark.parametrize(
    ("written", "value", "read"),
    [
        ("title", "jean-pierre d'ARC", "Jean-Pierre D'Arc"),
        ("capitalize", "éLAN", "Élan"),
        ("lower", "ÉLAN", "élan"),
        ("truncate(5)", "abcdefgh", "abcd…"),
        ("upper", 42, "42"),
        ('date("fr")', "2027-01-31", "31 janvier 2027"),
        ('date("fr")', "2027-02-01", "1er février 2027"),
        ('date("en")', "2027-01-31", "31 January 2027"),
        ('date("en")', "soon", "soon"),
        ('date("zz")', "2027-01-31", "2027-01-31"),
    ],
)
def test_each_filter_does_what_its_name_says(written: str, value: object, read: str) -> None:
    skeleton = compiled_body(f"[{{{{ contact.company | {written} }}}}]")
    assert f"[{read}]" in part(parsed(render(skeleton, {"company": value}, a_heading()).data), "plain")


def test_a_missing_value_without_a_default_stops_this_touch_alone() -> None:
    skeleton = compiled_body("{{ contact.company }}")
    for values in ({}, {"company": None}, {"company": " "}):
        with pytest.raises(MissingVariable) as missing:
            render(skeleton, values, a_heading())
        assert (missing.value.field, missing.value.template) == ("company", "own.fr.mjml")
    assert "default" in str(missing.value)


def test_a_value_is_never_longer_than_the_cap() -> None:
    html = part(parsed(render(GREETING, {"first_name": "a" * 100_000}, a_heading()).data), "html")
    assert "a" * (LONGEST_VALUE - 1) + "…," in html


def test_every_link_carries_the_token_in_both_parts() -> None:
    message = parsed(render(SHIPPED, {}, a_heading()).data)
    for subtype in ("plain", "html"):
        assert f"{BASE_URL}/c/{TOKEN}/0" in part(message, subtype)
        assert f"{BASE_URL}/u/{TOKEN}" in part(message, subtype)
        assert "exemple.example/livre-blanc" not in part(message, subtype)
    assert f'<img src="{BASE_URL}/o/{TOKEN}.gif"' in part(message, "html")


@pytest.mark.parametrize("token", ["", "a b", "a/../b", 'a"onclick="', "é", "a\r\nb", "a" * 76, "a\n"])
def test_a_token_that_could_break_an_address_is_refused(token: str) -> None:
    with pytest.raises(ValueError, match="sign_message"):
        render(SHIPPED, {}, a_heading(token=token))


def test_a_mail_without_content_words_is_still_two_parts() -> None:
    spec: MailSpec = a_spec(template="own", marketing=False, content=None)
    skeleton = compiled(spec, {"own.fr.mjml": a_template("Un mot.", footer="fin")})
    message = parsed(render(skeleton, {}, a_heading()).data)
    assert part(message, "plain") == "Un mot.\n\nfin\n"


def test_an_appointment_is_attached_and_read_back_by_the_standard_library() -> None:
    at = datetime(2027, 1, 21, 13, tzinfo=UTC)
    event = Appointment(
        "Zéro coupure, minute par minute ; sans filet", "Un résumé, long " * 9, "https://exemple.example/webinaire",
        at, at + timedelta(minutes=45), at - timedelta(days=30), 2, SHIPPED.sender,
    )  # fmt: skip
    skeleton = replace(SHIPPED, calendar=calendar_of(event))
    message = parsed(render(skeleton, {"first_name": "Zoé"}, a_heading(calendar_uid="0a" * 16)).data)
    assert message.get_content_type() == "multipart/mixed"
    plain = parsed(render(SHIPPED, {"first_name": "Zoé"}, a_heading()).data)
    for subtype in ("plain", "html"):
        assert part(message, subtype) == part(plain, subtype)
    (attached,) = message.iter_attachments()
    assert (attached.get_filename(), attached.get_param("method")) == ("invitation.ics", "PUBLISH")
    source = attached.get_payload(decode=True)
    assert isinstance(source, bytes)
    assert all(line.endswith(b"\r") and len(line) <= 76 for line in source.split(b"\n")[:-1])
    (read,) = Calendar.from_ical(source).walk("VEVENT")
    assert (str(read["UID"]), read["SEQUENCE"], read["DTSTART"].dt, read["DTEND"].dt) == (
        "0a" * 16,
        2,
        at,
        event.ends_at,
    )
    assert (str(read["SUMMARY"]), str(read["ORGANIZER"])) == (event.title, f"mailto:{SHIPPED.sender.address}")
    assert "ATTENDEE" not in read  # RFC 5546 §3.2.1: a published entry asks nobody for an answer


def test_a_skeleton_with_an_appointment_survives_its_json_and_others_keep_their_names() -> None:
    skeleton = replace(SHIPPED, calendar=("BEGIN:VCALENDAR\r\nUID:", "\r\nEND:VCALENDAR\r\n"))
    assert Skeleton.from_json(skeleton.to_json()) == skeleton
    assert "calendar" not in SHIPPED.to_json()
