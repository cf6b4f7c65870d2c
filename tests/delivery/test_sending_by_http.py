"""Our own mails through an HTTP API, from a form to the provider."""

import asyncio
import json
import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest

from nurture.config import Settings, SettingsProblem, load_settings
from nurture.core.events import Suppressed
from nurture.core.words import Suppression
from nurture.delivery.compose import Composer
from nurture.delivery.deliver import Delivery
from nurture.delivery.recording import Report
from nurture.providers.http_parcels import ParcelTransport
from nurture.providers.resend_api import ResendApi
from nurture.providers.transport import Accepted
from nurture.wiring import make_transport
from tests.builders import a_content, a_program, a_stage, a_world, invite
from tests.delivery.harness import BASE_URL, TOKENS, House, addresses
from tests.delivery.test_transport_contract import KEY, a_message
from tests.sinks.http import FailAfter
from tests.sinks.resend import ResendSink

pytestmark = pytest.mark.smtp


def test_a_mail_of_a_campaign_arrives_whole_and_once(house: House) -> None:
    house.enter(*addresses(["anna", "bruno"]))

    async def scenario() -> tuple[Report, list[dict[str, Any]]]:
        async with ResendSink() as sink:
            transport = ParcelTransport(ResendApi("re_key"), sink.url)
            delivery = Delivery(house.db, house.library, transport, Composer(TOKENS, BASE_URL, house.domains))
            report = await delivery.run_all(house.now)
            await transport.close()
            assert set(sink.taken.values()) == {1}
            assert [request.path for request in sink.requests] == ["/emails/batch"]
            return report, list(sink.bodies.values())

    report, bodies = asyncio.run(scenario())
    assert report.sent == 2
    for body in bodies:
        assert body["html"].lstrip().lower().startswith("<!doctype html")
        assert body["text"]
        assert body["headers"]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert body["headers"]["List-Unsubscribe"].startswith("<https://nurture.exemple.example/u/")
    assert house.states() == dict.fromkeys(addresses(["anna", "bruno"]), "sent")
    assert {row.provider_id for row in house.attempts()} == {f"resend-{body['tags'][0]['value']}" for body in bodies}


def test_an_invitation_that_a_gateway_may_have_let_through_is_never_told_as_held_back(house: House) -> None:
    """It has a file, so that it goes by itself: taken, and answered by 504; then its contact wants no more."""
    begins = house.now + timedelta(days=14)
    talk = a_content("talk", kind="webinar", starts_at=begins, ends_at=begins + timedelta(hours=1))
    house.world = a_world(a_program(a_stage("tofu", invite("talk"))), catalogue={"talk": talk})
    (anna,) = addresses(["anna"])
    house.enter(anna)

    async def deliver(sink: ResendSink) -> None:
        transport = ParcelTransport(ResendApi("re_key"), sink.url)
        await Delivery(house.db, house.library, transport, Composer(TOKENS, BASE_URL, house.domains)).run_all(house.now)
        await transport.close()

    async def scenario() -> None:
        async with ResendSink(script=[FailAfter(504)]) as sink:
            await deliver(sink)
            assert (sum(sink.taken.values()), house.states()[anna]) == (1, "unknown")
            house.post((anna, Suppressed("u1", house.now, Suppression.UNSUBSCRIBED)))
            house.now += timedelta(minutes=5)
            house.decide()
            await deliver(sink)
            assert sum(sink.taken.values()) == 1

    asyncio.run(scenario())
    assert house.states()[anna] == "unknown"


@pytest.mark.parametrize("kind", ["resend", "postmark"])
def test_a_providers_sink_counts_in_a_process_of_its_own(kind: str) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.sinks", "--kind", kind], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    url = f"http://127.0.0.1:{json.loads(process.stdout.readline())['port']}"
    own = {f"{kind}_api_url": url, "resend_key": "re_key", "postmark_token": "token"}
    settings = Settings(**{"provider": kind, **own})

    async def scenario() -> None:
        transport = make_transport(settings)
        assert isinstance(await transport.send(a_message()), Accepted)
        await transport.close()

    asyncio.run(scenario())
    counted, _ = process.communicate(timeout=10)
    assert json.loads(counted) == {KEY: 1}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"PROVIDER": "postmark"}, "NURTURE_POSTMARK_TOKEN: .* NURTURE_PROVIDER=postmark-smtp"),
        ({"PROVIDER": "resend"}, "NURTURE_RESEND_KEY: is needed"),
        ({"PROVIDER": "resend", "RESEND_KEY": "k", "BOUNCE_DOMAIN": "b.exemple.example"}, "NURTURE_BOUNCE_DOMAIN: "),
        ({"RESEND_API_URL": "http://mail.exemple.example"}, "NURTURE_RESEND_API_URL: .* unencrypted"),
    ],
)
def test_a_provider_that_cannot_be_reached_as_it_is_set_is_told_at_the_start(
    given: dict[str, str], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in given.items():
        monkeypatch.setenv(f"NURTURE_{name}", value)
    with pytest.raises(SettingsProblem, match=told):
        load_settings(None)
