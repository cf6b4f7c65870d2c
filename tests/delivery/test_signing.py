"""Mail that nurture signs itself: believed as a server took it, signed alike however often it is tried, by the engine's hand."""

import asyncio
import hashlib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from nurture.config import Settings, SettingsProblem, load_settings
from nurture.content.dkim import Signer
from nurture.content.dkim_keys import Algorithm
from nurture.content.key_store import write_keys
from nurture.core.program import WhenUnknown
from nurture.delivery.compose import Composer
from nurture.delivery.deliver import Delivery
from nurture.delivery.recording import Report
from nurture.providers.smtp import SmtpTransport
from nurture.wiring import make_signer
from tests.delivery.harness import BASE_URL, TOKENS, House, addresses, read, run
from tests.delivery.provider import LATER, LOST, PLAIN, Provider
from tests.signing import DOMAIN, a_key, a_signer, holds
from tests.sinks.scripted import Answer, Sink

pytestmark = pytest.mark.smtp

ANNA, BRUNO = addresses(["anna", "bruno"])
HOUR = timedelta(hours=1)


def a_composer(house: House, signer: Signer) -> Composer:
    return Composer(TOKENS, BASE_URL, house.domains, signer=signer)


def deliver(house: House, provider: Provider, signer: Signer) -> Report:
    """One worker that signs, from its start until nothing is due."""
    return asyncio.run(Delivery(house.db, house.library, provider, a_composer(house, signer)).run_all(house.now))


def repeats(house: House) -> None:
    """The campaign's author would rather have a mail twice than not at all."""
    programs = {
        name: replace(one, when_unknown=WhenUnknown.AT_LEAST_ONCE) for name, one in house.world.programs.items()
    }
    house.world = replace(house.world, programs=programs)


def test_what_a_server_took_is_believed_and_is_what_the_intent_fixed(house: House) -> None:
    async def scenario() -> None:
        async with Sink({BRUNO: [Answer("RCPT", "451 4.3.0 Busy")]}) as sink:
            house.enter(ANNA, BRUNO, anna={"first_name": "Đặng Thị"})
            transport = SmtpTransport(sink.server, connections=2)
            delivery = Delivery(house.db, house.library, transport, a_composer(house, a_signer()))
            assert (await delivery.run_all(house.now)).sent == 1
            house.now += timedelta(days=1)
            house.decide()
            assert (await delivery.run_all(house.now)).sent == 2  # a retry, and a relance with its thread
            await transport.close()
            assert sorted(taken.rcpt_to for taken in sink.taken) == [ANNA, ANNA, BRUNO]
            assert any(read(taken)["References"] for taken in sink.taken)
            for taken in sink.taken:
                assert holds(taken.data) == [True, True]
                assert not {"BODY=8BITMIME", "SMTPUTF8"} & set(taken.options)
            by_hash = {hashlib.sha256(taken.data).hexdigest() for taken in sink.taken}
            assert {row.sha256 for row in house.outbox().values()} <= by_hash

    run(scenario())


@pytest.mark.parametrize("what", [LATER, LOST])
def test_a_retry_is_signed_by_the_same_bytes(house: House, what: str) -> None:
    repeats(house)
    house.enter(ANNA)
    provider = Provider(PLAIN, {str(house.outbox()[ANNA].key): [LOST, what]})
    for _ in range(3):
        deliver(house, provider, a_signer())
        house.now += 3 * HOUR
    assert house.states() == {ANNA: "sent"}
    assert len(provider.taken) > 1
    assert len({message.data for message in provider.taken}) == 1


def test_a_message_in_doubt_is_not_repeated_under_another_key(house: House) -> None:
    """Receivers tell copies by their bytes; whoever changed the key meanwhile decides."""
    repeats(house)
    house.enter(ANNA)
    provider = Provider(PLAIN, {str(house.outbox()[ANNA].key): [LOST]})
    deliver(house, provider, a_signer())
    house.now += HOUR
    deliver(house, provider, a_signer(which=1))
    assert (house.states(), len(provider.taken)) == ({ANNA: "unknown"}, 1)
    assert "would not be the same message" in house.outbox()[ANNA].detail


def test_a_message_that_surely_did_not_leave_may_be_signed_by_another_key(house: House) -> None:
    house.enter(ANNA)
    provider = Provider(PLAIN, {str(house.outbox()[ANNA].key): [LATER]})
    deliver(house, provider, a_signer(which=1))
    house.now += HOUR
    deliver(house, provider, a_signer())
    assert house.states() == {ANNA: "sent"}
    assert holds(provider.taken[0].data) == [True, True]


def test_the_settings_say_who_signs(tmp_path: Path) -> None:
    assert make_signer(Settings()) is None
    keys = [a_key(Algorithm.ED25519), a_key()]
    paths = write_keys(tmp_path / "dkim", keys)
    named = ", ".join(f"{key.selector} = {path}" for key, path in zip(keys, paths, strict=True))
    signer = make_signer(Settings(dkim_domain="Exemple.example", dkim_keys=named))
    assert signer is not None
    assert [key.algorithm for key in signer.keys] == [Algorithm.RSA, Algorithm.ED25519]
    assert holds(signer(b"From: a@exemple.example\r\n\r\nBonjour\r\n"), keys) == [True, True]


KEYS = "nurture-rsa=dkim/nurture-rsa.pem"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"DKIM_DOMAIN": DOMAIN}, "NURTURE_DKIM_KEYS: is needed .* `nurture dkim new`"),
        ({"DKIM_KEYS": KEYS}, "NURTURE_DKIM_DOMAIN: is needed"),
        ({"DKIM_DOMAIN": "exemple", "DKIM_KEYS": KEYS}, "NURTURE_DKIM_DOMAIN: 'exemple' is no domain name"),
        ({"DKIM_DOMAIN": DOMAIN, "DKIM_KEYS": "dkim/a.pem"}, "NURTURE_DKIM_KEYS: 'dkim/a.pem' is not understood"),
        ({"DKIM_DOMAIN": DOMAIN, "DKIM_KEYS": "my_key=a.pem"}, "NURTURE_DKIM_KEYS: 'my_key' is no selector"),
        ({"DKIM_DOMAIN": DOMAIN, "DKIM_KEYS": f"{KEYS},{KEYS}"}, "NURTURE_DKIM_KEYS: nurture-rsa is given twice"),
        (
            {"DKIM_DOMAIN": DOMAIN, "DKIM_KEYS": KEYS, "PROVIDER": "postmark-smtp"},
            "NURTURE_DKIM_DOMAIN: postmark-smtp signs what it sends",
        ),
    ],
)
def test_signing_that_cannot_be_meant_is_told_at_the_start(
    given: dict[str, str], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in given.items():
        monkeypatch.setenv(f"NURTURE_{name}", value)
    with pytest.raises(SettingsProblem, match=told):
        load_settings(None)
