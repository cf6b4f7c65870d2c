"""Public addresses can be neither guessed, altered, nor used for another purpose."""

from base64 import b32encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.content.local_parts import LocalPart, signed_address, touch_of_address
from nurture.content.tokens import MAC_BYTES, MessageToken, Tokens, read_message, sign_message

TOKENS = Tokens(b"a secret of some length")
OTHER = Tokens(b"a secret of some other length")


@given(st.text(max_size=20), st.binary(max_size=60))
def test_what_was_signed_is_read_back(purpose: str, payload: bytes) -> None:
    token = TOKENS.sign(purpose, payload)
    assert TOKENS.read(purpose, token) == payload
    assert set(token) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@given(st.binary(max_size=40), st.data())
def test_a_token_altered_anywhere_is_refused(payload: bytes, data: st.DataObject) -> None:
    token = TOKENS.sign("click", payload)
    at = data.draw(st.integers(0, len(token) - 1))
    letter = data.draw(st.sampled_from("ABCXYZabcxyz019-_=+/ é\x00").filter(lambda new: new != token[at]))
    assert TOKENS.read("click", token[:at] + letter + token[at + 1 :]) is None


@given(st.text(max_size=80))
def test_anything_else_is_refused_without_an_error(token: str) -> None:
    assert TOKENS.read("click", token) is None
    assert read_message(TOKENS, token) is None


def test_a_token_serves_one_purpose_and_one_instance() -> None:
    token = TOKENS.sign("unsubscribe", b"x")
    assert TOKENS.read("confirm", token) is None
    assert OTHER.read("unsubscribe", token) is None


def test_the_end_of_a_purpose_cannot_be_moved_into_the_payload() -> None:
    token = TOKENS.sign("ab", b"c")
    forged = TOKENS.sign("a", b"bc")
    assert token[-MAC_BYTES:] != forged[-MAC_BYTES:]


def test_each_payload_has_one_spelling() -> None:
    token = TOKENS.sign("click", b"ab")
    assert TOKENS.read("click", token + "=") is None
    assert TOKENS.read("click", token + "\n") is None
    assert TOKENS.read("click", "A" * 5000) is None


@given(st.binary(min_size=16, max_size=16), st.binary(min_size=8, max_size=8))
def test_a_message_is_known_by_its_token(touch: bytes, composition: bytes) -> None:
    message = MessageToken(touch.hex(), composition.hex())
    assert read_message(TOKENS, sign_message(TOKENS, message)) == message


def test_a_token_for_another_use_names_no_message() -> None:
    assert read_message(TOKENS, TOKENS.sign("message", b"too short")) is None
    assert read_message(TOKENS, TOKENS.sign("confirm", bytes(24))) is None


@pytest.mark.parametrize("message", [MessageToken("ab", "cd"), MessageToken("zz" * 16, "00" * 8)])
def test_ids_of_another_shape_are_not_signed(message: MessageToken) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        sign_message(TOKENS, message)


def test_a_short_secret_is_refused_with_a_sentence() -> None:
    with pytest.raises(ValueError, match="at least 16"):
        Tokens(b"short")


@given(st.binary(min_size=16, max_size=16))
def test_an_address_of_ours_spells_its_token_in_base32_and_names_its_message(touch: bytes) -> None:
    tokens = Tokens(b"a secret long enough")
    address = signed_address(tokens, LocalPart.BOUNCE, touch.hex(), "bounce.exemple.example")
    signed = tokens.signed(LocalPart.BOUNCE, touch)
    assert address == f"bounce+{b32encode(signed).decode().rstrip('=').lower()}@bounce.exemple.example"
    assert touch_of_address(tokens, LocalPart.BOUNCE, address.upper()) == touch.hex()
