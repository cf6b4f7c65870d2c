"""Signatures that others believe, on the very bytes that leave, and on no others."""

import re
from email import message_from_bytes
from email.policy import default

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from dkim.canonicalization import Relaxed
from hypothesis import given, settings
from hypothesis import strategies as st

from nurture.content.dkim import SIGNED, Signer
from nurture.content.dkim_keys import STRING_OCTETS, Algorithm, DkimProblem, read_key, record_strings
from nurture.content.relaxed import relaxed_body, relaxed_fields, relaxed_lines
from nurture.content.render import render
from tests.content.builders import KINDS, LANGUAGES, a_heading, a_spec, compiled
from tests.content.test_render import SHIPPED, names
from tests.signing import DOMAIN, a_key, a_signer, holds

LONG_NAME = "Zoé Élan de la Très Longue Lignée des Acieries du Modèle et de Toutes les Provinces"
THREADED = a_heading(
    recipient_name=LONG_NAME,
    reply_to="reply+abc@reply.exemple.example",
    in_reply_to="<b@exemple.example>",
    references=("<a@exemple.example>", "<b@exemple.example>"),
    unsubscribe_mailto="unsubscribe+abc@exemple.example",
)
NOT_SIGNED = frozenset({"dkim-signature"})

# Octets with CRLF line ends, as they come to a signer.
lines = st.lists(st.text(st.sampled_from(" \t.=é<ab-"), max_size=12).map(str.encode), max_size=8)
bodies = lines.map(lambda given: b"".join(line + b"\r\n" for line in given))


def a_mail(signer: Signer | None = None) -> bytes:
    """With folded fields, a subject outside ASCII, and a thread."""
    return render(SHIPPED, {"first_name": "Đặng Thị 🦊"}, THREADED, signer).data


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_shipped_mail_is_believed_by_both_of_its_signatures(kind: str, language: str) -> None:
    skeleton = compiled(a_spec(kind, language))
    message = render(skeleton, {"first_name": "Zoé"}, THREADED, a_signer()).data
    assert holds(message) == [True, True]
    assert re.findall(rb"a=([\w-]+);", message) == [b"rsa-sha256", b"ed25519-sha256"], (
        "the one everybody knows is first"
    )


@pytest.mark.parametrize("algorithm", Algorithm)
def test_one_key_signs_alone(algorithm: Algorithm) -> None:
    assert holds(a_mail(a_signer(algorithm))) == [True]


def test_a_signature_is_only_good_for_its_key() -> None:
    message = a_mail(a_signer())
    assert holds(message, [a_key(Algorithm.RSA, 1), a_key(Algorithm.ED25519, 1)]) == [False, False]


@given(names)
@settings(max_examples=40, deadline=None)
def test_what_is_signed_piece_by_piece_is_what_is_signed_as_a_whole(name: str) -> None:
    signer, values = a_signer(Algorithm.ED25519), {"first_name": name}
    plain = render(SHIPPED, values, THREADED).data
    assert render(SHIPPED, values, THREADED, signer).data == signer(plain)
    assert signer(plain).endswith(plain)


def test_the_same_message_is_signed_by_the_same_bytes_also_by_a_key_that_is_read_again() -> None:
    again = [read_key(key.selector, key.pem()) for key in a_signer().keys]
    assert a_mail(a_signer()) == a_mail(a_signer()) == a_mail(Signer(DOMAIN, again))


def test_every_field_that_a_mail_has_is_signed() -> None:
    both = [a_mail(a_signer()), render(compiled(a_spec("hand_off")), {}, THREADED, a_signer()).data]
    for message in both:
        present = {name.lower() for name in message_from_bytes(message, policy=default).keys()}  # noqa: SIM118
        assert present - NOT_SIGNED <= {name.decode() for name in SIGNED}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"Subject: ", b"Subject: Re: "),
        (b"From: ", b"From: Another "),
        (b"From: ", b"From: other@autre.example\r\nFrom: "),  # one that the signature does not name
        (b"To: ", b"Cc: other@autre.example\r\nTo: "),
        (b"Date: ", b"Sender: other@autre.example\r\nDate: "),
        (b"List-Unsubscribe: <https://", b"List-Unsubscribe: <https://autre.example/"),
        (b"boundary=", b"charset=x; boundary="),
        (b"Reply-To: reply+abc", b"Reply-To: other"),
        (b"\r\n\r\n--", b"\r\n\r\nMore.\r\n--"),
        (b"--\r\n", b"--\r\nMore behind the end.\r\n"),
        (b"Bonjour", b"bonjour"),
    ],
)
def test_what_was_changed_or_slipped_in_is_not_believed(before: bytes, after: bytes) -> None:
    signatures, _, mail = a_mail(a_signer()).partition(b"\r\nDate: ")
    mail = b"Date: " + mail
    assert before in mail
    assert holds(signatures + b"\r\n" + mail) == [True, True]
    changed = mail.replace(before, after, 1) if before != b"--\r\n" else mail + after[4:]
    assert holds(signatures + b"\r\n" + changed) == [False, False]


def test_what_servers_on_the_way_may_do_is_forgiven() -> None:
    message = a_mail(a_signer())
    head, _, body = message.partition(b"\r\n\r\n")
    refolded = head.replace(b"\r\nSubject: ", b"\r\nSUBJECT:\r\n\t ").replace(b"\r\nTo: ", b"\r\nTO:   ")
    received = b"Received: from a.example by b.example; Mon, 23 Nov 2026 09:00:01 +0000\r\nX-Seen: yes\r\n"
    assert refolded != head
    squeezed = body.replace(b"  ", b" ").replace(b"\r\n", b" \r\n") + b"\r\n\r\n"
    assert holds(received + refolded + b"\r\n\r\n" + squeezed) == [True, True]


def test_no_line_of_a_signed_mail_is_too_long_nor_outside_ascii() -> None:
    message = a_mail(a_signer())
    assert message.isascii()
    assert max(map(len, message.split(b"\r\n"))) <= 78 + len("List-Unsubscribe: <>") + len(THREADED.token)
    assert b"\n" not in message.replace(b"\r\n", b"")


@given(bodies)
@settings(max_examples=300, deadline=None)
def test_bodies_are_relaxed_as_others_relax_them(body: bytes) -> None:
    assert relaxed_body(body) == Relaxed.canonicalize_body(body)


@given(lines, lines)
@settings(max_examples=100, deadline=None)
def test_a_body_may_be_relaxed_in_parts(first: list[bytes], second: list[bytes]) -> None:
    one, two = (b"".join(line + b"\r\n" for line in part) for part in (first, second))
    assert relaxed_lines(one) + relaxed_lines(two) == relaxed_lines(one + two)


words = st.text(st.sampled_from("ab=<>:;é"), min_size=1, max_size=8).map(str.encode)
gaps = st.sampled_from([b" ", b"  ", b"\t", b"\r\n ", b"\r\n\t ", b" \r\n  "])
values = st.lists(st.tuples(gaps, words), max_size=6).map(lambda parts: b"".join(gap + word for gap, word in parts))
fields = st.lists(
    st.tuples(st.sampled_from([b"From", b"X-Long-Name", b"SUBJECT", b"To ", b"a\t"]), values), min_size=1, max_size=6
)


@given(fields)
@settings(max_examples=300, deadline=None)
def test_fields_are_relaxed_as_others_relax_them(given_fields: list[tuple[bytes, bytes]]) -> None:
    head = b"\r\n".join(b"%b:%b" % field for field in given_fields)
    theirs = Relaxed.canonicalize_headers(given_fields)
    assert relaxed_fields(head) == [(name, value.removesuffix(b"\r\n")) for name, value in theirs]


def test_a_body_of_spaces_is_relaxed_in_linear_time() -> None:
    assert relaxed_body(b" " * 2_000_000 + b"x\r\n" + b"\r\n" * 500_000) == b" x\r\n"


def test_a_record_is_published_in_strings_that_dns_can_hold() -> None:
    strings = record_strings(a_key().record())
    assert len(strings) == 2
    assert max(map(len, strings)) <= STRING_OCTETS
    assert "".join(strings) == a_key().record()
    assert record_strings(a_key(Algorithm.ED25519).record()) == [a_key(Algorithm.ED25519).record()]


def pem(private: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, password: bytes = b"") -> bytes:
    locked = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, locked)


def a_short_key() -> rsa.RSAPrivateKey:
    """So short that nothing makes it any more: from two primes."""
    p, q, e = 2**256 - 189, 2**255 - 19, 65537
    d = pow(e, -1, (p - 1) * (q - 1))
    public = rsa.RSAPublicNumbers(e, p * q)
    numbers = rsa.RSAPrivateNumbers(p, q, d, d % (p - 1), d % (q - 1), rsa.rsa_crt_iqmp(p, q), public)
    return numbers.private_key(unsafe_skip_rsa_key_validation=True)


def test_a_key_that_cannot_sign_is_told_from_one_that_can() -> None:
    private = a_key().private
    public = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    refused = {
        public: "a public key",
        pem(ec.generate_private_key(ec.SECP256R1())): "RSA and ed25519",
        pem(a_key().private, b"secret"): "a password",
        b"nacl-key-in-base64": "no private key in PEM",
        b"": "no private key in PEM",
        a_key().pem()[:-200]: "no private key in PEM",
        pem(a_short_key()): "of 511 bits",
    }
    for given_pem, words in refused.items():
        with pytest.raises(DkimProblem, match=words):
            read_key("s", given_pem)
    assert read_key("s", a_key().pem()).record() == a_key().record()


def test_two_keys_of_a_kind_are_refused() -> None:
    with pytest.raises(DkimProblem, match="two keys for rsa-sha256"):
        Signer(DOMAIN, [a_key(), a_key(which=1)])
