"""Our own mails, read back fast, say what the standard library reads in them; what is not ours is left to it."""

from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from email.headerregistry import Address
from email.message import EmailMessage

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from nurture.content.calendar import Appointment, calendar_of
from nurture.content.render import render
from nurture.providers import http_parts
from nurture.providers.http_parts import Parts, parts_of
from nurture.providers.own_mail import read_own
from tests.content.builders import KINDS, LANGUAGES, NOW, SENDER, a_heading, a_spec, compiled
from tests.content.test_render import NASTY, SHIPPED, names

THREADED = a_heading(
    reply_to="reply+abc@reply.exemple.example",
    in_reply_to="<b@exemple.example>",
    references=tuple(f"<{n:032x}@exemple.example>" for n in range(5)),
    unsubscribe_mailto="unsubscribe+abc@exemple.example",
    extra={"X-PM-Message-Stream": "broadcast"},
)


def as_the_library_reads(data: bytes) -> Parts:
    """The same parts, without our reader: a field that it leaves to others is put on top, and dropped again."""
    read = parts_of(b"Content-Id: <other@exemple.example>\r\n" + data)
    return replace(read, headers=tuple(field for field in read.headers if field[0] != "Content-Id"))


def alike(data: bytes, name: str) -> bool:
    """Whether both read the same, and ours the recipient's `name`.

    Of a name in several encoded words some Pythons make one with a space at each joint, where RFC 2047 §6.2 wants none.
    """
    ours, theirs = parts_of(data), as_the_library_reads(data)
    assert ours.recipient == str(Address(name, addr_spec="zoe.elan@acieries.example"))
    return ours == replace(theirs, recipient=ours.recipient)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_shipped_mail_is_read_as_the_library_reads_it(kind: str, language: str) -> None:
    data = render(compiled(a_spec(kind, language)), {"first_name": "Zoé"}, THREADED).data
    assert read_own(data) is not None
    assert alike(data, THREADED.recipient_name)


def test_a_mail_with_a_calendar_is_read_as_the_library_reads_it() -> None:
    appointment = Appointment("Un webinaire", "Vingt minutes", "", NOW, NOW + timedelta(hours=1), NOW, 0, SENDER)
    skeleton = replace(compiled(a_spec("invitation")), calendar=calendar_of(appointment))
    data = render(skeleton, {"first_name": "Zoé"}, replace(THREADED, calendar_uid="abc")).data
    assert read_own(data) is not None
    assert alike(data, THREADED.recipient_name)
    assert [file.name for file in parts_of(data).attachments] == ["invitation.ics"]


@given(names, names)
@example('Élan, "Zoé"', "Müller (Anna)")
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_a_contact_is_called_both_read_the_same(name: str, other: str) -> None:
    data = render(SHIPPED, {"first_name": name}, replace(THREADED, recipient_name=other)).data
    if read_own(data) is not None:
        assert alike(data, other.strip())


def test_usual_names_are_read_by_ours() -> None:
    usual = [name for name in NASTY if " ".join(name.split()) == name and name.isprintable()]
    assert len(usual) > len(NASTY) // 2
    for name in usual:
        data = render(SHIPPED, {"first_name": name}, replace(THREADED, recipient_name=name)).data
        assert read_own(data) is not None, name
        assert alike(data, name), name


MAIL = render(SHIPPED, {"first_name": "Zoé"}, THREADED).data


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"To: ", b"Cc: x@exemple.example\r\nTo: "),
        (b"Subject: =?utf-8?q?", b"Subject: =?latin-1?q?"),
        (b"Subject: =?utf-8?q?", b"Subject: a =?utf-8?q?"),
        (b"\r\n ", b"\r\n\t"),
        (b'text/plain; charset="utf-8"', b'text/plain; charset="latin-1"'),
        (b"quoted-printable", b"8bit"),
        (b"Content-Type: text/plain", b"Content-Type: image/gif; x=y"),
        (b"multipart/alternative", b"multipart/alternative; x=y"),
        (b"--\r\n", b"--\r\nAn epilogue.\r\n"),
        (b"Bonjour", b"Bonjour\n"),
        (b"Bonjour", "é".encode()),
    ],
)
def test_what_is_not_in_a_form_of_ours_is_left_to_the_library(before: bytes, after: bytes) -> None:
    assert before in MAIL
    changed = MAIL.replace(before, after, 1) if before != b"--\r\n" else MAIL + after[4:]
    assert read_own(changed) is None


def test_another_programs_mail_is_left_to_the_library() -> None:
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"], mail["To"], mail["Subject"] = "a@exemple.example", "b@exemple.example", "Été"
    mail.set_content("Bonjour")
    mail.add_alternative("<p>Bonjour</p>", subtype="html")
    data = mail.as_bytes()
    assert read_own(data) is None
    assert http_parts.parts_of(data).subject == str(message_from_bytes(data, policy=policy.default)["Subject"])


@given(st.binary(max_size=300))
@settings(max_examples=100, deadline=None)
def test_no_octets_bring_it_down(data: bytes) -> None:
    read_own(data)
    read_own(MAIL[:700] + data + MAIL[700:])
