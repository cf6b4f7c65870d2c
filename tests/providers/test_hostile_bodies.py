"""Whatever is posted, a reader answers with events or with one sentence."""

from __future__ import annotations

import json
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.providers import bodies, postmark
from nurture.providers.events import NotUnderstood
from tests.providers import postmark_posts as posts

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=15,
)
FIELDS = sorted(
    {name for post in (posts.bounce(), posts.clicked(), posts.subscription(), posts.inbound()) for name in post}
)
RECORDS = ["Delivery", "Bounce", "SpamComplaint", "SubscriptionChange", "Open", "Click", "Inbound"]


def understood(body: bytes) -> None:
    for reader in (postmark.parse, postmark.parse_inbound):
        try:
            reader(body)
        except NotUnderstood:
            continue


@given(st.binary(max_size=300))
def test_no_bytes_raise_anything_but_a_sentence(body: bytes) -> None:
    understood(body)


@given(JSON)
def test_no_json_raises_anything_but_a_sentence(value: Any) -> None:
    understood(json.dumps(value).encode())


@given(st.sampled_from(RECORDS), st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=6))
def test_no_field_of_a_wrong_type_raises_anything_but_a_sentence(record: str, bent: dict[str, Any]) -> None:
    understood(json.dumps({**posts.inbound(), **posts.clicked(), "RecordType": record, **bent}).encode())


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"text"',
        b"{",
        b'{"a": NaN}',
        b"\xff\xfe{}",
        b'{"RecordType": ' + b"9" * 5_000 + b"}",
        b"[" * 100_000,
        b'{"a":' * 100_000,
    ],
)
def test_a_body_that_is_no_object_is_refused_with_a_sentence(body: bytes) -> None:
    with pytest.raises(NotUnderstood, match=r"^Postmark posted .*\.$"):
        postmark.parse(body)


def test_depth_is_counted_before_anything_is_parsed() -> None:
    def nested(depth: int) -> bytes:
        return b'{"RecordType":"Delivery","x":' + b"[" * depth + b"]" * depth + b"}"

    assert postmark.parse(nested(bodies.MAX_DEPTH - 1))
    with pytest.raises(NotUnderstood, match="nested deeper"):
        postmark.parse(nested(bodies.MAX_DEPTH))


def test_brackets_inside_texts_are_no_depth() -> None:
    assert postmark.parse(posts.as_body(posts.delivery(Details='[[[[{{{{\\"[[' * 50)))


def test_a_small_body_of_many_values_never_reaches_the_memory() -> None:
    body = b'{"RecordType":"Delivery","x":[' + b"[]," * 600_000 + b"[]]}"
    tracemalloc.start()
    with pytest.raises(NotUnderstood, match="values"):
        postmark.parse(body)
    assert tracemalloc.get_traced_memory()[1] < 1_000_000
    tracemalloc.stop()


def test_too_many_bytes_are_refused_before_they_are_read() -> None:
    event = posts.as_body(posts.bounce(Content="x" * postmark.MAX_EVENT_BYTES))
    with pytest.raises(NotUnderstood, match="bytes where at most"):
        postmark.parse(event)
    with pytest.raises(NotUnderstood, match="bytes where at most"):
        postmark.parse_inbound(b" " * (postmark.MAX_INBOUND_BYTES + 1))


def test_what_no_database_stores_never_comes_out() -> None:
    body = b'{"RecordType":"Delivery","Recipient":"a\\u0000b\\ud800c","Tag":"\\ud83d\\ude00"}'
    (event,) = postmark.parse(body)
    assert event.recipient == "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}c"
    assert event.detail["tag"] == "\N{GRINNING FACE}"
