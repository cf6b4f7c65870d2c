"""What a caller may rely on when it hands messages to an SMTP server."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from email import message_from_bytes, policy
from typing import Any, get_args

import pytest

from nurture.core.words import Hardness
from nurture.providers.smtp import SmtpTransport
from nurture.providers.transport import (
    Accepted,
    MayGo,
    Outcome,
    Outgoing,
    RefusedForGood,
    Stopped,
    TransportProblem,
    TryLater,
    Unknown,
    always,
)
from nurture.smtp_address import SmtpClient
from tests.sinks.scripted import Answer, Behaviour, DropAfterDot, DropBeforeDot, Sink, Slow, client_tls

pytestmark = pytest.mark.smtp

ANNA = "anna@contact.example"
BRUNO = "bruno@contact.example"


@pytest.fixture(params=get_args(SmtpClient))
def client(request: pytest.FixtureRequest) -> SmtpClient:
    """Each way to hand messages over keeps the same promises."""
    chosen: SmtpClient = request.param
    return chosen


def a_message(to: str = ANNA, body: bytes = b"Bonjour\r\n", key: str = "k1", seconds: float = 20) -> Outgoing:
    head = f"From: a@exemple.example\r\nTo: {to}\r\nMessage-ID: <{key}@exemple.example>\r\n\r\n".encode()
    return Outgoing(key, "bounce@exemple.example", to, head + body, time.monotonic() + seconds)


def run(test: Awaitable[Any]) -> Any:
    async def limited() -> Any:
        async with asyncio.timeout(20):
            return await test

    return asyncio.run(limited())


async def outcomes(
    client: SmtpClient,
    sink: Sink,
    *messages: Outgoing,
    may_go: MayGo = always,
    tune: Callable[[], dict[str, Any]] = dict,
) -> list[Outcome]:
    """Hand the messages over one after the other on one connection at a time."""
    transport = SmtpTransport(
        sink.server, client=client, tls=client_tls(), **{"connections": 1, "timeout": 5.0, **tune()}
    )
    try:
        return [await transport.send(message, may_go) for message in messages]
    finally:
        await transport.close()


def one_outcome(client: SmtpClient, behaviour: Behaviour, **options: Any) -> tuple[Outcome, Sink]:
    async def scenario() -> tuple[Outcome, Sink]:
        async with Sink({ANNA: [behaviour]}, **options) as sink:
            return (await outcomes(client, sink, a_message()))[0], sink

    return run(scenario())


def test_an_accepted_message_arrives_as_it_was_with_the_servers_own_name_for_it(client: SmtpClient) -> None:
    body = b".dot first\r\n..two\r\nno dot\r\n.\r\nafter a lone dot\r\n"

    async def scenario() -> None:
        async with Sink() as sink:
            message = a_message(body=body)
            assert await outcomes(client, sink, message) == [Accepted("250 2.0.0 Ok: queued as Q1", "Q1")]
            assert [taken.data for taken in sink.taken] == [message.data]
            assert (sink.taken[0].mail_from, sink.taken[0].rcpt_to) == ("bounce@exemple.example", ANNA)

    run(scenario())


@pytest.mark.parametrize("pipelining", [True, False])
@pytest.mark.parametrize(
    ("at", "line", "expected"),
    [
        ("RCPT", "550 5.1.1 No such user", RefusedForGood(Hardness.HARD, 550, "5.1.1", "550 5.1.1 No such user")),
        ("RCPT", "550 No such user here", RefusedForGood(Hardness.HARD, 550, None, "550 No such user here")),
        ("RCPT", "550 relay not permitted", RefusedForGood(Hardness.SOFT, 550, None, "550 relay not permitted")),
        ("RCPT", "552 5.2.2 Mailbox full", RefusedForGood(Hardness.SOFT, 552, "5.2.2", "552 5.2.2 Mailbox full")),
        ("RCPT", "554 5.7.1 Denied", RefusedForGood(Hardness.POLICY, 554, "5.7.1", "554 5.7.1 Denied")),
        ("RCPT", "450 4.2.1 Greylisted", TryLater("The server answered 450 4.2.1 Greylisted to RCPT.", recipient=True)),
        ("RCPT", "452 4.2.2 Over quota", TryLater("The server answered 452 4.2.2 Over quota to RCPT.", recipient=True)),
        ("DOT", "554 5.7.1 Spam", RefusedForGood(Hardness.POLICY, 554, "5.7.1", "554 5.7.1 Spam")),
        ("DOT", "550 Not wanted", RefusedForGood(Hardness.POLICY, 550, None, "550 Not wanted")),
        ("DOT", "451 4.3.0 Busy", TryLater("The server answered 451 4.3.0 Busy to the message.")),
        ("RCPT", "530 5.7.0 Log in first", TryLater("The server answered 530 5.7.0 Log in first to RCPT.")),
    ],
)
def test_a_refusal_says_whether_to_try_again_and_whose_fault_it_is(
    client: SmtpClient, at: str, line: str, expected: Outcome, pipelining: bool
) -> None:
    outcome, sink = one_outcome(client, Answer(at, line), pipelining=pipelining)
    assert outcome == expected
    assert len(sink.taken) == (at == "DOT")


def test_a_refused_sender_is_ours_to_mend_and_costs_no_message(client: SmtpClient) -> None:
    async def scenario() -> Outcome:
        async with Sink({"bounce@exemple.example": [Answer("MAIL", "550 5.7.1 Not your domain")]}) as sink:
            return (await outcomes(client, sink, a_message()))[0]

    assert run(scenario()) == TryLater(
        "The server refuses our sender: 550 5.7.1 Not your domain. Correct the sender's address or the account."
    )


def test_a_connection_lost_before_the_final_dot_means_that_nothing_left(client: SmtpClient) -> None:
    outcome, sink = one_outcome(client, DropBeforeDot())
    assert isinstance(outcome, TryLater)
    assert sink.taken == []


def test_a_connection_lost_after_the_final_dot_is_unknown(client: SmtpClient) -> None:
    outcome, sink = one_outcome(client, DropAfterDot())
    assert isinstance(outcome, Unknown)
    assert len(sink.taken) == 1


def test_an_answer_that_comes_too_late_is_unknown(client: SmtpClient) -> None:
    async def scenario() -> None:
        async with Sink({ANNA: [Slow(3.0)]}) as sink:
            (outcome,) = await outcomes(client, sink, a_message(), tune=lambda: {"timeout": 1.0})
            assert outcome == Unknown("The server did not answer in time.")

    run(scenario())


@pytest.mark.parametrize("pipelining", [True, False])
def test_one_connection_carries_many_messages_whatever_became_of_the_last(client: SmtpClient, pipelining: bool) -> None:
    async def scenario() -> None:
        script = {ANNA: [Answer("RCPT", "550 5.1.1 Nobody"), Answer("DOT", "451 4.3.0 Busy")]}
        async with Sink(script, pipelining=pipelining) as sink:
            messages = [a_message(to, key=f"k{n}") for n, to in enumerate([BRUNO, ANNA, BRUNO, ANNA, BRUNO, BRUNO])]
            got = [type(outcome) for outcome in await outcomes(client, sink, *messages)]
            assert got == [Accepted, RefusedForGood, Accepted, TryLater, Accepted, Accepted]
            assert sink.connections == 1
            assert sink.commands.count("RSET") == 2
            assert max(sink.message_ids.values()) == 1

    run(scenario())


def test_messages_share_the_connections_they_are_given(client: SmtpClient) -> None:
    async def scenario() -> None:
        async with Sink() as sink:
            transport = SmtpTransport(sink.server, client=client, connections=3)
            got = await asyncio.gather(*(transport.send(a_message(key=f"k{n}")) for n in range(30)))
            await transport.close()
            assert all(isinstance(outcome, Accepted) for outcome in got)
            assert sink.connections == 3
            assert len(sink.message_ids) == 30

    run(scenario())


def test_a_connection_the_server_closed_meanwhile_is_replaced_and_nothing_is_lost_or_doubled(
    client: SmtpClient,
) -> None:
    async def scenario() -> None:
        async with Sink() as sink:
            transport = SmtpTransport(sink.server, client=client, connections=1)
            got = [await transport.send(a_message(key="k1"))]
            sink.break_connections()  # the client has not heard of it when it writes again
            got.append(await transport.send(a_message(key="k2")))
            await asyncio.sleep(0.05)
            sink.break_connections()
            await asyncio.sleep(0.05)  # now it has
            got.append(await transport.send(a_message(key="k3")))
            await transport.close()
            assert all(isinstance(outcome, Accepted) for outcome in got)
            assert sink.connections == 3
            assert sorted(sink.message_ids.values()) == [1, 1, 1]

    run(scenario())


def test_a_421_delays_its_message_and_the_next_gets_a_new_connection(client: SmtpClient) -> None:
    async def scenario() -> None:
        async with Sink(messages_per_connection=1) as sink:
            got = await outcomes(client, sink, a_message(key="k1"), a_message(key="k2"), a_message(key="k3"))
            assert [type(outcome) for outcome in got] == [Accepted, TryLater, Accepted]
            assert sink.connections == 2

    run(scenario())


def test_a_connection_is_given_up_before_the_server_is_tired_of_it(client: SmtpClient) -> None:
    async def scenario() -> None:
        async with Sink(messages_per_connection=2) as sink:
            messages = [a_message(key=f"k{n}") for n in range(5)]
            got = await outcomes(client, sink, *messages, tune=lambda: {"messages_per_connection": 2})
            assert all(isinstance(outcome, Accepted) for outcome in got)
            assert sink.connections == 3

    run(scenario())


@pytest.mark.parametrize("security", ["starttls", "starttls_if_offered", "tls"])
def test_encryption_is_used_wherever_it_was_asked_for(client: SmtpClient, security: Any) -> None:
    async def scenario() -> None:
        async with Sink(security=security) as sink:
            assert [type(outcome) for outcome in await outcomes(client, sink, a_message())] == [Accepted]
            assert [taken.encrypted for taken in sink.taken] == [True]

    run(scenario())


def test_required_encryption_that_is_not_offered_sends_nothing(client: SmtpClient) -> None:
    async def scenario() -> None:
        async with Sink(security="starttls", offers_tls=False) as sink:
            (outcome,) = await outcomes(client, sink, a_message())
            assert isinstance(outcome, TryLater)
            assert "does not offer STARTTLS" in outcome.text
            assert sink.taken == []

    run(scenario())


def test_a_certificate_of_nobody_known_is_refused_where_a_password_is_at_stake(client: SmtpClient) -> None:
    async def scenario() -> None:
        async with Sink(security="starttls", user=("anna", "right")) as sink:
            transport = SmtpTransport(sink.server, client=client)
            with pytest.raises(TransportProblem, match="shows a certificate that cannot be verified"):
                await transport.open()

    run(scenario())


def test_the_user_is_authenticated(client: SmtpClient) -> None:
    async def scenario() -> None:
        async with Sink(security="starttls", user=("anna", "right")) as sink:
            assert [type(outcome) for outcome in await outcomes(client, sink, a_message())] == [Accepted]
            assert [taken.user for taken in sink.taken] == ["anna"]

    run(scenario())


def test_a_wrong_password_is_told_in_a_sentence_and_does_not_show(client: SmtpClient) -> None:
    async def scenario() -> None:
        async with Sink(security="starttls", user=("anna", "right")) as sink:
            transport = SmtpTransport(replace(sink.server, password="s3cret"), client=client, tls=client_tls())
            with pytest.raises(TransportProblem) as told:
                await transport.open()
            assert "refuses the user name or password (535" in str(told.value)
            assert str(told.value).endswith("Correct NURTURE_SMTP_URL.")
            assert "s3cret" not in str(told.value)
            later = await transport.send(a_message())
            assert later == TryLater(str(told.value))
            assert sink.connections == 1  # the server is left alone for a moment

    run(scenario())


def test_a_server_that_is_not_there_is_told_in_a_sentence(client: SmtpClient) -> None:
    async def scenario() -> None:
        async with Sink() as sink:
            gone = sink.server
        with pytest.raises(
            TransportProblem, match=f"The SMTP server 127.0.0.1:{gone.port} cannot be reached"
        ) as raised:
            await SmtpTransport(gone, client=client).open()
        assert "(Connection refused)" in str(raised.value)

    run(scenario())


def test_a_message_stopped_at_the_last_instant_has_not_left(client: SmtpClient) -> None:
    async def scenario() -> None:
        async with Sink() as sink:
            stopped = {"k2"}
            messages = [a_message(key=f"k{n}") for n in (1, 2, 3)]
            got = await outcomes(client, sink, *messages, may_go=lambda message: message.key not in stopped)
            assert [type(outcome) for outcome in got] == [Accepted, Stopped, Accepted]
            assert list(sink.message_ids) == ["<k1@exemple.example>", "<k3@exemple.example>"]

    run(scenario())


def test_a_message_past_its_deadline_does_not_leave(client: SmtpClient) -> None:
    async def scenario() -> None:
        async with Sink() as sink:
            (outcome,) = await outcomes(client, sink, a_message(seconds=0.5))
            assert isinstance(outcome, Stopped)  # ours, and nothing that the server is blamed for
            assert sink.taken == []

    run(scenario())


def test_an_address_that_would_break_the_command_never_reaches_the_server(client: SmtpClient) -> None:
    async def scenario() -> None:
        async with Sink() as sink:
            for address in ("a b@contact.example", "x@contact.example>\r\nRCPT TO:<y@contact.example", "nobody", ""):
                (outcome,) = await outcomes(client, sink, replace(a_message(), rcpt_to=address))
                assert isinstance(outcome, RefusedForGood)
                assert (outcome.hardness, outcome.status) == (Hardness.HARD, "5.1.3")
            assert sink.taken == []

    run(scenario())


def test_an_international_domain_travels_in_ascii_and_an_international_name_asks_for_smtputf8(
    client: SmtpClient,
) -> None:
    async def scenario() -> None:
        async with Sink() as sink:
            await outcomes(client, sink, a_message("anna@société.example"), a_message("zoé@contact.example"))
            assert [taken.rcpt_to for taken in sink.taken] == ["anna@xn--socit-esab.example", "zoé@contact.example"]
            assert ["SMTPUTF8" in taken.options for taken in sink.taken] == [False, True]

    run(scenario())


def test_a_server_without_smtputf8_is_no_fault_of_the_contact(client: SmtpClient) -> None:
    async def scenario() -> None:
        async with Sink(smtputf8=False) as sink:
            (outcome,) = await outcomes(client, sink, a_message("zoé@contact.example"))
            assert isinstance(outcome, RefusedForGood)
            assert (outcome.hardness, outcome.status) == (Hardness.POLICY, "5.6.7")

    run(scenario())


def test_8_bit_bytes_are_announced(client: SmtpClient) -> None:
    async def scenario() -> None:
        async with Sink() as sink:
            await outcomes(client, sink, a_message(body="Été\r\n".encode()), a_message())
            assert ["BODY=8BITMIME" in taken.options for taken in sink.taken] == [True, False]
            assert (
                message_from_bytes(sink.taken[0].data, policy=policy.SMTP).get_payload(decode=True)
                == "Été\r\n".encode()
            )

    run(scenario())


def test_a_message_too_big_for_the_server_is_refused_without_being_sent(client: SmtpClient) -> None:
    async def scenario() -> None:
        async with Sink(size_limit=1000) as sink:
            (outcome,) = await outcomes(client, sink, a_message(body=b"x\r\n" * 1000))
            assert isinstance(outcome, RefusedForGood)
            assert (outcome.hardness, outcome.status) == (Hardness.POLICY, "5.3.4")
            assert sink.commands == []

    run(scenario())


def test_a_large_message_is_with_the_kernel_before_it_is_asked_whether_it_may_go(client: SmtpClient) -> None:
    async def scenario() -> None:
        async with Sink() as sink:
            message = a_message(body=b"A line of a large message, sixty-two bytes and its line end.\r\n" * 150_000)
            assert [type(outcome) for outcome in await outcomes(client, sink, message)] == [Accepted]
            assert sink.taken[0].data == message.data

    run(scenario())
