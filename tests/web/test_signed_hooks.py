"""Resend's hook: only what it signed gets in, once."""

import pytest
from sqlalchemy import select

from nurture.core.events import Bounced
from nurture.providers.svix import sign
from nurture.storage.tables import receipts
from tests.providers.test_resend import TOUCH, a_post
from tests.web.house import House

pytestmark = pytest.mark.anyio
BOUNCE = a_post("email.bounced", bounce={"type": "Permanent", "message": "no such person"})


def signed(house: House, body: bytes, key: bytes = b"a secret of the tests") -> dict[str, str]:
    stamp = str(int(house.clock.now().timestamp()))
    return {
        "svix-id": "msg_1",
        "svix-timestamp": stamp,
        "svix-signature": sign("msg_1", stamp, body, key).decode(),
    }


async def test_a_bounce_reaches_the_contact_once_however_often_it_is_posted(house: House) -> None:
    house.sent(house.contact(), TOUCH)
    for _ in range(2):
        answer = await house.post("/hooks/resend", content=BOUNCE, headers=signed(house, BOUNCE))
        assert answer.status_code == 200
    assert len(house.rows(select(receipts))) == 1
    assert Bounced in {type(event) for event in house.sort()}


async def test_a_forged_post_is_kept_out(house: House) -> None:
    for headers in ({}, signed(house, BOUNCE, b"guessed")):
        answer = await house.post("/hooks/resend", content=BOUNCE, headers=headers)
        assert answer.status_code == 401
    assert house.rows(select(receipts)) == []
