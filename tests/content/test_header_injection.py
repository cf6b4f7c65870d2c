"""No value of any kind adds a header, or decodes to a control character, for any reader of any Python."""

import base64
import re
import time
from contextlib import suppress
from email import policy
from email.errors import HeaderParseError
from email.header import decode_header
from email.parser import BytesHeaderParser
from quopri import encodestring
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nurture.content import headers
from nurture.content.encoded_words import CONTROL, Unreadable, hides_control
from nurture.content.problems import HeaderRefused, TemplateProblem
from nurture.content.render import Heading, render
from tests.content.builders import SENDER, a_heading, a_spec, compiled

BY_NAME = compiled(
    a_spec(subject="{{ contact.first_name | default('Bonjour') }}, {{ contact.company | default('x') }}")
)
FIXED = [
    "Date", "From", "MIME-Version", "Content-Language", "Content-Type", "To", "Subject", "Message-ID", "Reply-To",
    "In-Reply-To", "References", "List-Unsubscribe", "List-Unsubscribe-Post", "X-Campaign",
]  # fmt: skip

hostile = st.sampled_from(
    ["\r", "\n", "\x00", "\x0b", "\x1b", "\x7f", "\x85", "\u2028", "\u2029", "a", "é", "Bcc: x@y.example"]
)
charsets = st.sampled_from(
    ["utf-8", "UTF-8*fr", "us-ascii", "iso-8859-1", "utf-7", "utf-16", "utf-16-be", "utf-32-le", "cp037", "unicode_escape",
     "iso-2022-jp", "hz", "x-unknown", "rot13", ""]
)  # fmt: skip


@st.composite
def encoded_words(draw: st.DrawFn) -> str:
    """A word as a forger might write it, whole or cut."""
    charset, text = draw(charsets), draw(hostile)
    try:
        octets = text.encode(charset.partition("*")[0])
    except (LookupError, ValueError):
        octets = text.encode("utf-8", "replace")
    if draw(st.booleans()):
        word = f"=?{charset}?{draw(st.sampled_from('bB'))}?{base64.b64encode(octets).decode()}?="
    else:
        word = f"=?{charset}?{draw(st.sampled_from('qQ'))}?{''.join(f'={octet:02X}' for octet in octets)}?="
    begin, end = draw(st.integers(0, 3)), draw(st.integers(0, 3))
    return word[begin if draw(st.booleans()) else 0 : len(word) - (end if draw(st.booleans()) else 0)]


fragments = st.sampled_from(
    ["=?", "?=", "?q?", "?b?", "utf-8", "=0A", "=0D=0A", "DQo=", " ", "  ", "\t", "<", ">", "@", ",", '"', "\\", ":"]
)
pieces = encoded_words() | fragments | st.text(max_size=5) | hostile
values = st.lists(pieces, max_size=6).map("".join)
addresses = values | values.map(lambda local: f"{local}@x.example")
ids = values | values.map(lambda inner: f"<{inner}@x.example>")


def readings(value: str) -> list[str]:
    """The value as the standard library reads it, again and again."""
    found = [value]
    with suppress(HeaderParseError):  # it gives up
        for _ in range(3):
            found.append("".join(_shown(part, charset) for part, charset in decode_header(found[-1])))
    return found


def _shown(part: str | bytes, charset: str | None) -> str:
    if isinstance(part, str):
        return part
    with suppress(LookupError, ValueError):
        return part.decode("latin-1" if charset is None else charset.partition("*")[0], "replace")
    return part.decode("utf-8", "replace")


def assert_harmless(head: bytes, names: list[str]) -> None:
    """The headers that were meant, in the eyes of both parsers, and nothing hidden in their values."""
    message = BytesHeaderParser(policy=policy.compat32).parsebytes(head)
    assert [name for name in message.keys() if name not in names] == []  # noqa: SIM118 - a message is no mapping
    assert len(message.keys()) == len(set(message.keys()))
    assert message.defects == []
    assert BytesHeaderParser(policy=policy.default).parsebytes(head).keys() == message.keys()
    for raw in message.values():
        value = re.sub(r"\r\n(?=[ \t])", "", str(raw))
        for reading in readings(value):
            assert not CONTROL.search(reading), (value, reading)


@given(st.fixed_dictionaries({
    "recipient_name": values, "recipient_address": addresses, "message_id": ids, "reply_to": st.none() | addresses,
    "in_reply_to": st.none() | ids, "references": st.lists(ids, max_size=3), "unsubscribe_mailto": st.none() | addresses,
    "extra": st.just({}) | values.map(lambda value: {"X-Campaign": value}),
}), values, values)  # fmt: skip
@example({"references": ["<=?utf-8?q?=0A@x.example>", "<?=@y.example>"]}, "", "")
@example({"recipient_address": "=?utf-8?q?=0D=0A?=@x.example"}, "", "")
def test_no_value_adds_a_header_or_hides_a_control_character(heading: dict[str, Any], first: str, company: str) -> None:
    for chosen in (*({name: value} for name, value in heading.items()), heading):
        given_heading: Heading = a_heading(**chosen)
        try:
            mail = render(BY_NAME, {"first_name": first, "company": company}, given_heading)
        except HeaderRefused:
            continue
        assert_harmless(mail.data.partition(b"\r\n\r\n")[0] + b"\r\n\r\n", FIXED)
        assert not CONTROL.search(mail.subject)


@given(values, values, st.none() | values)
@example("=?utf-8?q?=0D?", "=?utf-8?q?=0D?", None)
def test_no_sender_or_subject_of_a_campaign_does_either(name: str, local: str, subject: str | None) -> None:
    sender = type(SENDER)(name, f"{local}@x.example" if local else SENDER.address, "1 rue")
    source = None if subject is None else "{% raw %}" + subject.replace("{%", "") + "{% endraw %}"
    try:
        skeleton = compiled(a_spec("confirmation", sender=sender, subject=source))
    except TemplateProblem:
        return
    head = render(skeleton, {}, a_heading()).data.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    assert_harmless(head, [*FIXED, "Auto-Submitted"])


@given(values)
def test_a_forms_name_in_a_confirmation_does_not_either(form: str) -> None:
    extra = {"confirm_url": "https://x.example/confirm/x", "form": form}
    try:
        skeleton = compiled(a_spec("confirmation", extra=extra, subject="{{ extra.form }}."))
    except TemplateProblem:
        return
    head = render(skeleton, {}, a_heading()).data.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    assert_harmless(head, [*FIXED, "Auto-Submitted"])


def q(octets: bytes, charset: str = "utf-8") -> str:
    return f"=?{charset}?q?{''.join(f'={octet:02X}' for octet in octets)}?="


def b(octets: bytes, charset: str = "utf-8") -> str:
    return f"=?{charset}?b?{base64.b64encode(octets).decode()}?="


@pytest.mark.parametrize(
    "value",
    [
        b(b"a\r\nBcc: x@y.example"), q(b"\r"), q(b"\n"), q(b"\x00"), q(b"\x7f"), b("a\u2028b".encode()), q("\x85".encode()),
        q(b"\x85", "iso-8859-1"), b("a\nb".encode("utf-16"), "utf-16"), b("a\nb".encode("utf-32"), "utf-32"),
        "=?utf-7?q?a+AA0ACg-b?=", "=?UTF-7*en?Q?+ICg-?=", "=?utf-7?q?+AA?= =?utf-7?q?0-?=", "=?utf-8?b?DQ?= =?utf-8?b?o=?=",
        "=?utf-8?b?D Q o=?=", "=?utf-8?b?!DQo?=", "=?utf-8?b?DQo?=", q(b"=?utf-8?q?=0A?="), b(q(b(q(b"\n").encode()).encode()).encode()),
        "=?utf-8?q?=E2=80?= =?utf-8?q?=A8?=", "=?utf-8?q?a b=0A c?=", f"Zoé{q(bytes([10]))}fin", f"=?utf-8?x?a?= {q(bytes([10]))}",
        "=?unicode_escape?q?=5Cn?=", "=?cp037?q?=25?=", "=??q?=0A?=", "=??q?=C2=85?=", "=?us-ascii?q?=E2=80=A8?=", f"=?=?{q(bytes([13]))}",
    ],
)  # fmt: skip
def test_a_control_character_is_found_however_it_is_hidden(value: str) -> None:
    with pytest.raises(HeaderRefused):
        headers.refuse_controls("Subject", value)


@pytest.mark.parametrize(
    "value",
    ["", "Bonjour", "Zoé =?", "Est-ce que 2=?3 ?", "?==?", q("Zoé".encode()), b("Été à la mer".encode()), "=?utf-8?q?Zo=C3?= =?utf-8?q?=A9?="],
)  # fmt: skip
def test_what_hides_nothing_passes(value: str) -> None:
    headers.refuse_controls("Subject", value)


@given(st.text(max_size=30), st.sampled_from("qb"), st.integers(0, 30))
def test_whatever_the_standard_library_finds_is_found(text: str, kind: str, cut: int) -> None:
    octets = text.encode("utf-8", "replace")
    halves = octets[:cut], octets[cut:]
    spelt = [
        base64.b64encode(half).decode()
        if kind == "b"
        else encodestring(half, header=True).decode().replace("=\n", "").replace("?", "=3F")
        for half in halves
    ]
    value = " ".join(f"=?utf-8?{kind}?{half}?=" for half in spelt)
    try:
        found = hides_control(value)
    except Unreadable:
        return
    if not found:
        assert not any(CONTROL.search(reading) for reading in readings(value))


@pytest.mark.parametrize(
    "filling", ["=?a?q?", "=?", "?=", "=?utf-8?q?a?= ", "=?utf-8?b?aaaa?=", "=?punycode?q?a-b?=", " "]
)
def test_a_long_value_is_looked_through_in_no_time(filling: str) -> None:
    value = (filling * headers.LONGEST_VALUE)[: headers.LONGEST_VALUE]
    began = time.monotonic()
    with suppress(HeaderRefused):
        headers.refuse_controls("Subject", value)
    assert time.monotonic() - began < 3
    with pytest.raises(HeaderRefused, match="characters"):
        headers.refuse_controls("Subject", value + "a")
