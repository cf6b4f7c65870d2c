"""Header lines say what was meant, and nobody's value can add one."""

import re
from datetime import UTC, datetime, timedelta, timezone
from email import message_from_bytes
from email.header import decode_header, make_header
from email.headerregistry import Address
from email.policy import default
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.content import headers
from nurture.content.problems import HeaderRefused
from nurture.content.render import render
from tests.content.builders import BASE_URL, NOW, TOKEN, a_heading, a_spec, compiled
from tests.content.test_render import names

MARKETING = compiled()
HAND_OFF = compiled(a_spec("hand_off"))
BY_NAME = compiled(a_spec(subject="{{ contact.first_name | default('Bonjour') }}, un mot"))

controls = st.sampled_from(["\r\n", "\n", "\r", "\x00", "\x0b", "\x1b", "\x7f", "\x85", "\u2028", "\u2029", "\t"])
around = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=20)


def head(skeleton: Any, **heading: Any) -> Any:
    return message_from_bytes(render(skeleton, {}, a_heading(**heading)).data, policy=default)


def decoded(line: str) -> str:
    return str(make_header(decode_header(re.sub(r"\r\n", "", line).partition(": ")[2])))


def test_a_marketing_mail_can_be_left_with_one_click() -> None:
    message = head(MARKETING, unsubscribe_mailto="stop@exemple.example")
    assert message["List-Unsubscribe"] == f"<{BASE_URL}/u/{TOKEN}>, <mailto:stop@exemple.example>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert head(MARKETING)["List-Unsubscribe"] == f"<{BASE_URL}/u/{TOKEN}>"
    assert "Auto-Submitted" not in message


def test_a_notice_to_the_team_is_no_mailing() -> None:
    message = head(HAND_OFF, unsubscribe_mailto="stop@exemple.example")
    assert "List-Unsubscribe" not in message
    assert "List-Unsubscribe-Post" not in message
    assert message["Auto-Submitted"] == "auto-generated"


def test_a_relance_stands_in_its_thread() -> None:
    thread = [f"<{number:032x}@exemple.example>" for number in range(60)]
    message = head(MARKETING, in_reply_to=thread[-1], references=thread, reply_to="reply+abc@exemple.example")
    assert message["In-Reply-To"] == thread[-1]
    assert message["References"].split() == thread
    assert message["Message-ID"] == f"<{'0a' * 16}@exemple.example>"
    assert message["Reply-To"].addresses == (Address(username="reply+abc", domain="exemple.example"),)


def test_the_date_is_the_touchs_own_in_utc() -> None:
    paris = NOW.astimezone(timezone(timedelta(hours=1)))
    assert head(MARKETING, date=paris)["Date"].datetime == NOW
    assert render(MARKETING, {}, a_heading(date=paris)) == render(MARKETING, {}, a_heading())
    with pytest.raises(ValueError, match="time zone"):
        render(MARKETING, {}, a_heading(date=datetime(2026, 11, 23, tzinfo=UTC).replace(tzinfo=None)))


@given(names)
def test_any_display_name_is_read_back(name: str) -> None:
    line = headers.mailbox("To", name, "zoe@acieries.example")
    assert all(len(part) <= 78 for part in line.split("\r\n"))
    address = message_from_bytes(f"{line}\r\n".encode("ascii"), policy=default)["To"].addresses[0]
    assert address.addr_spec == "zoe@acieries.example"
    phrase = re.sub(r"\r\n", "", line)[4:].rpartition("zoe@")[0].removesuffix("<").strip(" ")
    if phrase.startswith('"'):
        phrase = re.sub(r"\\(.)", r"\1", phrase[1:-1])
    assert str(make_header(decode_header(phrase))) == name.strip()


@given(names.map(lambda name: name.strip(" ")))
def test_any_subject_is_read_back(subject: str) -> None:
    line = headers.unstructured("Subject", subject)
    assert all(len(part) <= 78 for part in line.split("\r\n"))
    assert decoded(line) == subject


def test_a_long_plain_subject_is_folded_and_reads_the_same() -> None:
    subject = "a few words " * 30 + "end"
    line = headers.unstructured("Subject", subject)
    assert line.count("\r\n") > 1
    assert re.sub(r"\r\n", "", line) == f"Subject: {subject}"


@given(around, controls, around)
def test_no_control_character_enters_any_header(before: str, control: str, after: str) -> None:
    value = before + control + after
    for field in ("recipient_name", "recipient_address", "message_id", "reply_to", "in_reply_to", "unsubscribe_mailto"):
        with pytest.raises(HeaderRefused):
            render(MARKETING, {}, a_heading(**{field: value}))
    with pytest.raises(HeaderRefused):
        render(MARKETING, {}, a_heading(references=[value]))
    with pytest.raises(HeaderRefused):
        render(MARKETING, {}, a_heading(extra={"X-Campaign": value}))
    with pytest.raises(HeaderRefused):
        render(BY_NAME, {"first_name": value}, a_heading())


@pytest.mark.parametrize(
    "hidden",
    [
        "=?utf-8?q?Zo=C3=A9=0D=0ABcc=3A_x=40y.example?=",
        "=?utf-8?b?Wm9lDQpCY2M6IHhAeS5leGFtcGxl?=",
        "Zoé =?iso-8859-1?q?a=0Ab?= fin",
        "=?utf-8?q?=3D=3Futf-8=3Fq=3F=0A=3F=3D?=",
    ],
)
def test_a_line_break_hidden_in_an_encoded_word_is_found(hidden: str) -> None:
    with pytest.raises(HeaderRefused, match="control character"):
        render(MARKETING, {}, a_heading(recipient_name=hidden))


def test_an_innocent_encoded_word_stays_the_letters_it_is() -> None:
    line = headers.mailbox("To", "=?utf-8?q?Zo=C3=A9?=", "zoe@acieries.example")
    assert "=?utf-8?q?=3D=3F" in line


@pytest.mark.parametrize("name", ["Bcc", "to", "Message-Id", "LIST-UNSUBSCRIBE", "X Space", "X:Y", "", "É", "X\r\nBcc"])
def test_an_extra_header_cannot_replace_or_forge_ours(name: str) -> None:
    with pytest.raises(HeaderRefused):
        render(MARKETING, {}, a_heading(extra={name: "x"}))


def test_an_extra_header_is_carried() -> None:
    assert head(MARKETING, extra={"X-Campagne": "Été à la mer"})["X-Campagne"] == "Été à la mer"


@pytest.mark.parametrize(
    ("address", "sent"),
    [
        ("zoe@bücher.example", "zoe@xn--bcher-kva.example"),
        ("zoe@BÜCHER.example", "zoe@xn--bcher-kva.example"),
        ("a.b+c=d@x.example", "a.b+c=d@x.example"),
    ],
)
def test_an_international_domain_goes_out_in_ascii(address: str, sent: str) -> None:
    assert headers.addr_spec("To", address) == sent


@pytest.mark.parametrize(
    "address",
    ["", "zoe", "@x.example", "zoe@", "zoé@x.example", "a b@x.example", "a@b@c.example", "a@-x.example", "a@x..example",
     "<a@x.example>", "a@x.example,b@y.example", "a" * 65 + "@x.example", "a@" + "x." * 130 + "example", ".a@x.example"],
)  # fmt: skip
def test_what_is_no_address_is_refused_with_a_sentence(address: str) -> None:
    with pytest.raises(HeaderRefused, match="The header To was refused"):
        render(MARKETING, {}, a_heading(recipient_address=address))


@pytest.mark.parametrize("one", ["", "key@x.example", "<key>", "<a b@x>", "<a@x><b@y>", "<a@x> ", "<é@x.example>"])
def test_what_is_no_message_id_is_refused(one: str) -> None:
    with pytest.raises(HeaderRefused):
        render(MARKETING, {}, a_heading(message_id=one))
