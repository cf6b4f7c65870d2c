"""Who may post to the hook, and what our mails carry."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.providers import postmark
from tests.providers.postmark_posts import TOUCH


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


def test_the_right_user_and_password_are_let_in() -> None:
    assert postmark.authorised(basic("hook:très secret:"), "hook", "très secret:")
    assert postmark.authorised(basic("hook:pw").replace("Basic", "bAsIc"), "hook", "pw")


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Basic",
        "Basic !!!",
        "Bearer aG9vazpwdw==",
        basic("hook:pw "),
        basic("hook"),
        basic(":"),
        "Basic é",
        basic("Hook:pw"),
    ],
)
def test_anything_else_is_kept_out(header: str | None) -> None:
    assert not postmark.authorised(header, "hook", "pw")


def test_an_instance_without_credentials_lets_nobody_in() -> None:
    assert not postmark.authorised(basic(":"), "", "")
    assert not postmark.authorised(basic("hook:"), "hook", "")
    assert not postmark.authorised("Basic ", "", "")


@given(st.text(max_size=60))
def test_no_header_raises(header: str) -> None:
    assert not postmark.authorised(header, "hook", "pw")
    assert not postmark.authorised("Basic " + header, "hook", "pw")


def test_a_mail_carries_its_touch_and_postmarks_tracking_is_off() -> None:
    assert postmark.smtp_headers(TOUCH, stream="relances") == {
        "X-PM-Metadata-touch": TOUCH,
        "X-PM-Message-Stream": "relances",
        "X-PM-TrackOpens": "false",
        "X-PM-TrackLinks": "None",
        "X-PM-KeepID": "true",
    }


@pytest.mark.parametrize(
    ("touch", "stream"), [("short", "broadcast"), (TOUCH, "a\r\nBcc: x"), (TOUCH + "\n", "a"), (TOUCH, "")]
)
def test_no_header_can_be_smuggled_in(touch: str, stream: str) -> None:
    with pytest.raises(ValueError, match=r"touch key|message stream"):
        postmark.smtp_headers(touch, stream=stream)
