"""Whatever octets a server's answer is made of, what came of the mails is written down, and the next ones go."""

import secrets
from datetime import timedelta

import orjson
import pytest

from nurture.delivery.compose import Composer
from nurture.delivery.deliver import Delivery
from nurture.delivery.flights import Flights
from nurture.delivery.recovery import recover_flights
from nurture.providers.http_parcels import ParcelTransport
from nurture.providers.resend_api import ResendApi
from nurture.providers.smtp import SmtpTransport
from nurture.providers.transport import TransportProblem
from nurture.smtp_address import SmtpClient
from nurture.storage.results import LONGEST_DETAIL, LONGEST_PROVIDER_ID, Accepted, Deferred
from tests.builders import MONDAY, at
from tests.delivery.harness import BASE_URL, TOKENS, House, addresses, run
from tests.delivery.lives import crashed
from tests.sinks.by_hand import ByHand, Conversation, Talk
from tests.sinks.http import Say
from tests.sinks.resend import ResendSink

pytestmark = pytest.mark.smtp
NAMES = addresses(["anna", "bruno"])
BOTH_CLIENTS = pytest.mark.parametrize("client", ["pipelined", "plain"])


def taking(*answers: str, client: SmtpClient = "pipelined") -> Conversation:
    """A server that takes two messages, with these answers to their dots."""

    async def take(talk: Talk) -> None:
        await talk.greet()
        first, second = answers
        await talk.envelope()
        await talk.hear_message()
        if client == "plain":
            await talk.say(first)
            await talk.envelope()
        else:
            await talk.hear("MAIL", "RCPT", "DATA")
            await talk.say(first, "250 2.1.0 OK", "250 2.1.5 OK", "354 Go ahead")
        await talk.hear_message()
        await talk.say(second)
        await talk.reader.read()

    return take


def after(house: House, *conversations: Conversation, client: SmtpClient, logs: Flights) -> dict[str, str]:
    """The states of two mails once a worker has had these conversations."""
    house.enter(*NAMES)

    async def deliver() -> None:
        smtp = {"client": client, "connections": 1, "timeout": 5.0}
        async with (
            ByHand(*conversations) as server,
            house.delivery_to(server.server(), smtp=smtp, flights=logs) as delivery,
        ):
            await delivery.run_once(house.now)

    run(deliver())
    return house.states()


@BOTH_CLIENTS
def test_a_refusal_that_is_not_in_utf_8_is_written_down(house: House, logs: Flights, client: SmtpClient) -> None:
    async def refuse(talk: Talk) -> None:
        talk.writer.write("554 Accès refusé\r\n".encode("latin-1"))
        await talk.writer.drain()
        await talk.reader.read()

    states = after(house, refuse, refuse, client=client, logs=logs)
    assert set(states.values()) == {"retry"}
    assert "Acc\N{REPLACEMENT CHARACTER}s" in house.outbox()[NAMES[0]].detail


@BOTH_CLIENTS
def test_an_answer_with_a_nul_is_written_down(house: House, logs: Flights, client: SmtpClient) -> None:
    states = after(house, taking("250 OK\0", "250 OK: queued as a\0b", client=client), client=client, logs=logs)
    assert set(states.values()) == {"sent"}
    assert {attempt.provider_id for attempt in house.attempts()} == {None}


def test_a_servers_endless_name_for_a_message_is_no_name(house: House, logs: Flights) -> None:
    """PostgreSQL's index on names takes 2.7 KB, and a line of a reply may have eight."""
    endless = secrets.token_hex(3900)
    states = after(house, taking(f"250 queued as {endless}", "250 queued as A1"), client="pipelined", logs=logs)
    assert set(states.values()) == {"sent"}
    assert {attempt.provider_id for attempt in house.attempts()} == {None, "A1"}


def test_a_page_with_a_nul_instead_of_a_providers_answer_is_written_down(house: House, logs: Flights) -> None:
    house.enter(NAMES[0])

    async def deliver() -> None:
        async with ResendSink(script=[Say(502, b"bad\0!")]) as sink:
            transport = ParcelTransport(ResendApi("re_key"), sink.url)
            composer = Composer(TOKENS, BASE_URL, house.domains)
            await Delivery(house.db, house.library, transport, composer, flights=logs).run_once(house.now)
            await transport.close()

    run(deliver())
    assert "bad\N{REPLACEMENT CHARACTER}!" in house.outbox()[NAMES[0]].detail


def test_a_log_that_an_older_program_wrote_with_a_nul_is_written_down(house: House, logs: Flights) -> None:
    house.enter(NAMES[0])
    batch = crashed(house, logs)
    assert batch.flight is not None
    (key,) = (ready.row.key for ready in batch.ready)
    told = {"key": key, "at": house.now.isoformat(), "detail": "250 OK\0", "provider_id": "a\0b"}
    assert batch.flight._write(b"going %s\ncame %s\n" % (key.encode(), orjson.dumps(["Accepted", told])))
    batch.flight.abandon()
    assert recover_flights(house.db, logs, house.now) == 1
    (attempt,) = house.attempts()
    assert (attempt.outcome, attempt.provider_id, attempt.detail) == ("sent", None, "250 OK\N{REPLACEMENT CHARACTER}")


@pytest.mark.parametrize("name", ["", "a\0b", "a\udc80", "a\nb", "a" * (LONGEST_PROVIDER_ID + 1)])
def test_what_cannot_be_a_providers_name_for_a_message_is_none(name: str) -> None:
    assert Accepted("k", at(MONDAY), "250 OK", name).provider_id is None
    assert Accepted("k", at(MONDAY), "250 OK", "a" * LONGEST_PROVIDER_ID).provider_id is not None


def test_what_is_written_down_of_an_answer_is_short_and_storable() -> None:
    told = Deferred("k", at(MONDAY) + timedelta(hours=1), "no\0pe\udce9" + "." * 10_000).detail
    assert told.startswith("no\N{REPLACEMENT CHARACTER}pe\N{REPLACEMENT CHARACTER}...")
    assert len(told) == LONGEST_DETAIL


@BOTH_CLIENTS
def test_what_a_terminal_is_told_of_a_server_moves_no_cursor(client: SmtpClient) -> None:
    async def refuse(talk: Talk) -> None:
        talk.writer.write(b"554 \x1b[2Jno \xe9\r\n")
        await talk.writer.drain()
        await talk.reader.read()

    async def told() -> str:
        async with ByHand(refuse) as server:
            transport = SmtpTransport(server.server(), client=client, connections=1, timeout=5.0)
            with pytest.raises(TransportProblem) as problem:
                await transport.open()
            return str(problem.value)

    sentence = run(told())
    assert sentence.isprintable()
    assert "[2Jno" in sentence
