"""Where providers post: let in, stored raw, answered 200; understood later.

A body that is authentic but not understood is still answered 200: a refusal would only bring it again.
"""

from collections.abc import Sequence
from typing import Final

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException

from nurture.inbound.sources import POSTMARK, POSTMARK_INBOUND, RESEND
from nurture.providers import resend
from nurture.providers.bodies import key_of
from nurture.providers.postmark import MAX_EVENT_BYTES, MAX_INBOUND_BYTES, authorised
from nurture.providers.svix import signed_id
from nurture.storage.receipts import Receipt
from nurture.web.calls import Answer, Call, Handler, answer, raw
from nurture.web.desk import Desk
from nurture.web.lanes import Lane

STORED: Final = answer(200, b"stored", raw({"Content-Type": "text/plain; charset=utf-8"}))
SIGN_IN: Final = {"WWW-Authenticate": 'Basic realm="nurture", charset="UTF-8"'}


def lanes(desk: Desk) -> Sequence[Lane]:
    """/hooks/postmark, /hooks/postmark/inbound and /hooks/resend"""
    return [
        Lane("/hooks/postmark", post=_hook(desk, POSTMARK, MAX_EVENT_BYTES)),
        Lane("/hooks/postmark/inbound", post=_hook(desk, POSTMARK_INBOUND, MAX_INBOUND_BYTES)),
        Lane("/hooks/resend", post=_signed_hook(desk)),
    ]


def _hook(desk: Desk, source: str, at_most: int) -> Handler:
    access = desk.services.hooks

    async def handler(call: Call) -> Answer:
        if not authorised(call.header(b"authorization"), access.user, access.password):
            raise HTTPException(401, headers=SIGN_IN)
        body = await call.body(at_most)
        # The same bytes are the same fact: that is how a provider repeats itself.
        await desk.services.intake.accept([Receipt(source, key_of(body), body)])
        return STORED

    return handler


def _signed_hook(desk: Desk) -> Handler:
    async def handler(call: Call) -> Answer:
        body = await call.body(resend.MAX_EVENT_BYTES)
        now = await desk.now()
        name = signed_id(Headers(scope=call.scope), body, desk.services.hooks.resend_secret, now)
        if name is None:
            raise HTTPException(401)
        await desk.services.intake.accept([Receipt(RESEND, name, body)])
        return STORED

    return handler
