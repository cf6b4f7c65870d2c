"""What may lie behind a final dot, and what becomes of it: each moment, byte by byte."""

import asyncio
import time
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any, cast

import pytest

from nurture.core.words import Hardness
from nurture.providers import smtp_open
from nurture.providers.smtp import SmtpTransport
from nurture.providers.smtp_connection import Connection
from nurture.providers.smtp_pool import Pool
from nurture.providers.smtp_sending import Sending
from nurture.providers.smtp_terms import Terms
from nurture.providers.transport import Accepted, Outcome, Outgoing, RefusedForGood, Stopped, TryLater, Unknown
from nurture.smtp_address import SmtpClient, SmtpSecurity
from tests.sinks.by_hand import ByHand, Conversation, Talk
from tests.sinks.scripted import client_tls

pytestmark = pytest.mark.smtp

OK = "250 2.0.0 OK"
AGREED = ("250 2.1.0 OK", "250 2.1.5 OK", "354 Go ahead")


def a_message(key: str, seconds: float = 20, body: bytes = b"Bonjour\r\n") -> Outgoing:
    return Outgoing(key, "us@exemple.example", f"{key}@contact.example", body, time.monotonic() + seconds)


def run(test: Coroutine[Any, Any, Any]) -> Any:
    async def limited() -> Any:
        async with asyncio.timeout(20):
            return await test

    return asyncio.run(limited())


def outcomes(*conversations: Conversation, keys: str = "ab", **options: Any) -> list[Outcome]:
    """Hand messages over at the same time on one connection, in the order of their keys."""

    async def scenario() -> list[Outcome]:
        async with ByHand(*conversations) as server:
            transport = SmtpTransport(server.server(), **{"connections": 1, "timeout": 5.0} | options)
            got = await asyncio.gather(*(transport.send(a_message(key)) for key in keys))
            await asyncio.gather(transport.close(), server.over())
            return list(got)

    return run(scenario())  # type: ignore[no-any-return]


async def first_message(talk: Talk) -> None:
    """Greet, take the first message whole, and hear the envelope behind its dot, all unanswered."""
    await talk.greet()
    await talk.envelope()
    await talk.hear_message()
    await talk.hear("MAIL FROM:<us@exemple.example>", "RCPT TO:<b@contact.example>", "DATA")


async def a_message_on_it(talk: Talk) -> None:
    """Greet, and take a message, with nothing behind its dot."""
    await talk.greet()
    await talk.envelope()
    await talk.hear_message()
    await talk.say(OK)


async def the_last(talk: Talk) -> None:
    """Take one more message on a connection that has agreed to it, with nothing behind its dot."""
    await talk.hear_message()
    assert await talk.hears_nothing()
    await talk.say(OK)
    await talk.hear("QUIT")


async def a_new_one(talk: Talk) -> None:
    """A connection on which one message is handed over."""
    await talk.greet()
    await talk.envelope()
    await the_last(talk)


def test_the_next_envelope_lies_behind_a_dot_and_its_body_waits_for_its_354() -> None:
    async def first(talk: Talk) -> None:
        await first_message(talk)
        await talk.say(OK, *AGREED[:2])
        assert await talk.hears_nothing()
        await talk.say(AGREED[2])
        await the_last(talk)

    assert outcomes(first) == [Accepted(OK), Accepted(OK)]


def test_two_hands_keep_a_connection_at_a_round_trip_a_message() -> None:
    keys = [f"k{n}" for n in range(6)]

    async def first(talk: Talk) -> None:
        await talk.greet()
        await talk.envelope()
        for _ in keys[1:]:
            await talk.hear_message()
            await talk.hear("MAIL", "RCPT", "DATA")  # before the message is answered
            await talk.say(OK, *AGREED)
        await the_last(talk)

    async def scenario() -> list[Outcome]:
        async with ByHand(first) as server:
            transport, left, got = SmtpTransport(server.server(), connections=1), iter(keys), []

            async def hand() -> None:
                got.extend([await transport.send(a_message(key)) for key in left])

            assert transport.capabilities.at_once == 2
            await asyncio.gather(hand(), hand())
            await asyncio.gather(transport.close(), server.over())
            return got

    assert run(scenario()) == [Accepted(OK)] * len(keys)


def test_replies_may_come_in_any_pieces() -> None:
    async def first(talk: Talk) -> None:
        await first_message(talk)
        said = "250-2.0.0 OK\r\n250 queued as Q1\r\n250 2.1.0 OK\r\n250-2.1.5\r\n250 OK\r\n354 Go ahead\r\n"
        for octet in said:
            talk.writer.write(octet.encode())
            await asyncio.sleep(0)
        await the_last(talk)

    assert outcomes(first) == [Accepted("250 2.0.0 OK queued as Q1", "Q1"), Accepted(OK)]


def test_a_message_refused_after_its_dot_does_not_hurt_the_one_behind_it() -> None:
    async def first(talk: Talk) -> None:
        await first_message(talk)
        await talk.say("554 5.7.1 Spam", *AGREED)
        await the_last(talk)

    refused, accepted = outcomes(first)
    assert refused == RefusedForGood(Hardness.POLICY, 554, "5.7.1", "554 5.7.1 Spam")
    assert accepted == Accepted(OK)


def test_a_server_that_has_not_forgotten_the_refused_one_is_told_to_and_asked_again() -> None:
    async def first(talk: Talk) -> None:
        await first_message(talk)
        await talk.say("451 4.3.0 Busy", "503 5.5.1 Nested MAIL", "503 5.5.1 No", "503 5.5.1 No")
        await talk.hear("RSET", "MAIL", "RCPT TO:<b@contact.example>", "DATA")
        await talk.say(OK, *AGREED)
        await the_last(talk)

    assert outcomes(first) == [TryLater("The server answered 451 4.3.0 Busy to the message."), Accepted(OK)]


def test_a_server_that_only_ever_says_503_is_not_asked_for_ever() -> None:
    async def first(talk: Talk) -> None:
        await talk.greet()
        for reset in ((), ("RSET",), ("RSET",)):
            await talk.hear(*reset, "MAIL", "RCPT", "DATA")
            await talk.say(*(OK for _ in reset), *["503 5.5.1 No"] * 3)
        await talk.hear("QUIT")

    assert outcomes(first, keys="a") == [TryLater("The server answered 503 5.5.1 No to MAIL.")]


def test_a_recipient_refused_behind_a_dot_is_refused_alone() -> None:
    async def first(talk: Talk) -> None:
        await first_message(talk)
        await talk.say(OK, OK, "550 5.1.1 Nobody", "503 5.5.1 No recipients")
        await talk.hear("RSET", "MAIL", "RCPT TO:<c@contact.example>", "DATA")
        await talk.say(OK, *AGREED)
        await the_last(talk)

    got = outcomes(first, keys="abc")
    assert got == [Accepted(OK), RefusedForGood(Hardness.HARD, 550, "5.1.1", "550 5.1.1 Nobody"), Accepted(OK)]


def test_a_server_that_asked_ours_and_did_not_believe_in_the_sender_says_nothing_of_the_recipient() -> None:
    async def first(talk: Talk) -> None:
        await talk.greet()
        await talk.hear("MAIL", "RCPT", "DATA")
        said = ("550-Verification failed for <us@exemple.example>", "550-No such user here", "550 Sender verify failed")
        await talk.say(OK, *said, "503 5.5.1 No recipients")
        await talk.hear("QUIT")

    (got,) = outcomes(first, keys="a")
    assert isinstance(got, RefusedForGood)
    assert got.hardness is Hardness.POLICY


def test_a_server_that_asks_for_a_message_it_has_refused_gets_none() -> None:
    async def first(talk: Talk) -> None:
        await first_message(talk)
        await talk.say(OK, OK, "550 5.1.1 Nobody", "354 Go ahead")
        assert await talk.reader.read() == b""

    accepted, refused, again = outcomes(first, a_new_one, keys="abc")
    assert (accepted, again) == (Accepted(OK), Accepted(OK))
    assert isinstance(refused, RefusedForGood)


def test_a_connection_lost_behind_a_dot_leaves_the_one_before_it_unknown_and_the_other_goes_by_another() -> None:
    async def first(talk: Talk) -> None:
        await first_message(talk)
        talk.break_off()

    unknown, accepted = outcomes(first, a_new_one)
    assert isinstance(unknown, Unknown)
    assert accepted == Accepted(OK)


def test_once_a_connection_was_lost_there_nothing_lies_behind_a_dot_for_a_while() -> None:
    """What lay unread there makes a server that closes send a reset, which may swallow the answer before."""

    async def first(talk: Talk) -> None:
        await first_message(talk)
        await talk.say(OK)

    async def careful(talk: Talk) -> None:
        await talk.greet()
        for say in (OK, OK):
            assert (await talk.envelope())[0].startswith("MAIL")
            await talk.hear_message()
            assert await talk.hears_nothing()
            await talk.say(say)
        await talk.hear("QUIT")

    assert outcomes(first, careful, keys="abc") == [Accepted(OK)] * 3


def test_once_a_kept_connection_was_dead_no_other_kept_one_is_tried() -> None:
    """As when a router forgot them all: each would cost the message a try, which has three."""

    async def forgotten(talk: Talk) -> None:
        await talk.greet()
        await talk.envelope()
        await talk.hear_message()
        await talk.say(OK)
        if not (await talk.reader.readline()).startswith(b"QUIT"):
            talk.break_off()

    async def scenario() -> Outcome:
        async with ByHand(*[forgotten] * 4, a_new_one) as server:
            transport = SmtpTransport(server.server())
            await asyncio.gather(*(transport.send(a_message(key)) for key in "abcd"))
            outcome = await transport.send(a_message("e"))
            await asyncio.gather(transport.close(), server.over())
            return outcome

    assert run(scenario()) == Accepted(OK)


@pytest.mark.parametrize("last", [(), ("421 4.3.2 Shutting down",)])
def test_a_server_that_closes_after_a_message_costs_the_one_behind_it_nothing(last: tuple[str, ...]) -> None:
    async def first(talk: Talk) -> None:
        await first_message(talk)
        await talk.say(*(last or (OK,)))

    before, behind = outcomes(first, a_new_one)
    assert before == (TryLater(f"The server answered {last[0]} to the message.") if last else Accepted(OK))
    assert behind == Accepted(OK)


def test_a_421_to_the_envelope_behind_a_dot_delays_its_message() -> None:
    async def first(talk: Talk) -> None:
        await first_message(talk)
        await talk.say(OK, "421 4.7.0 Enough for one connection")

    accepted, later, again = outcomes(first, a_new_one, keys="abc")
    assert (accepted, again) == (Accepted(OK), Accepted(OK))
    assert later == TryLater("The server answered 421 4.7.0 Enough for one connection to MAIL.")


def test_a_421_to_rcpt_is_about_the_server() -> None:
    async def first(talk: Talk) -> None:
        await first_message(talk)
        await talk.say(OK, OK, "421 4.3.2 Shutting down")

    assert outcomes(first)[1] == TryLater("The server answered 421 4.3.2 Shutting down to RCPT.", recipient=False)


def test_a_good_bye_in_the_midst_of_a_message_means_that_it_has_not_left() -> None:
    async def first(talk: Talk) -> None:
        await talk.greet()
        await talk.hear("MAIL", "RCPT", "DATA")
        await talk.say(*AGREED, "421 4.3.2 Shutting down")

    assert outcomes(first, keys="a") == [TryLater("The server said 421 4.3.2 Shutting down.")]


@pytest.mark.parametrize(("said", "kind"), [(["hello"], TryLater), ([*AGREED], Unknown)])
def test_an_answer_that_is_no_smtp_is_a_lost_connection(said: list[str], kind: type[Outcome]) -> None:
    async def first(talk: Talk) -> None:
        await talk.greet()
        await talk.hear("MAIL", "RCPT", "DATA")
        await talk.say(*said)
        if said[0] != "hello":
            await talk.hear_message()
            await talk.say("hello")

    (outcome,) = outcomes(first, keys="a")
    assert isinstance(outcome, kind)


@pytest.mark.parametrize("client", ["pipelined", "plain"])
@pytest.mark.parametrize("said", ["354 Go ahead", "150 Wait", "334 VXNlcm5hbWU6", "999 What?"])
def test_what_is_no_answer_to_a_message_leaves_it_unknown_and_ends_the_connection(said: str, client: str) -> None:
    async def first(talk: Talk) -> None:
        await talk.greet()
        await talk.envelope()
        await talk.hear_message()
        if client == "pipelined":
            await talk.hear("MAIL", "RCPT", "DATA")
        await talk.say(said)
        assert not await talk.reader.read()

    got = outcomes(first, a_new_one, client=client)
    assert got == [Unknown(f"The server answered {said} to the message, which is no answer to it."), Accepted(OK)]


@pytest.mark.parametrize(
    "said",
    [
        ("354 Go ahead", "250 2.1.5 OK", "354 Go ahead"),
        ("250 2.1.0 OK", "354 Go ahead", "250 2.1.5 OK"),
        ("250 2.1.0 OK", "250 2.1.5 OK", "250 2.0.0 OK"),
    ],
)
def test_an_envelope_that_is_answered_out_of_step_goes_no_further_on_that_connection(said: tuple[str, ...]) -> None:
    async def first(talk: Talk) -> None:
        await talk.greet()
        await talk.hear("MAIL", "RCPT", "DATA")
        await talk.say(*said)
        assert not await talk.reader.read()

    got = outcomes(first, a_new_one)
    assert isinstance(got[0], TryLater)
    assert not got[0].recipient
    assert got[1] == Accepted(OK)


def test_a_server_that_does_not_answer_rset_with_yes_gets_a_new_connection() -> None:
    async def first(talk: Talk) -> None:
        await talk.greet()
        await talk.hear("MAIL", "RCPT", "DATA")
        await talk.say("250 2.1.0 OK", "550 5.1.1 User unknown", "503 5.5.1 No recipients")
        await talk.hear("RSET", "MAIL", "RCPT", "DATA")
        await talk.say("354 Go ahead", *AGREED)
        assert not await talk.reader.read()

    refused, later = outcomes(first)
    assert isinstance(refused, RefusedForGood)
    assert isinstance(later, TryLater)


def test_a_size_of_more_figures_than_there_are_is_no_bound() -> None:
    async def first(talk: Talk) -> None:
        await talk.greet("PIPELINING", "SIZE " + "9" * 5000)
        await talk.envelope()
        await the_last(talk)

    assert outcomes(first, keys="a") == [Accepted(OK)]


def test_a_message_whose_envelope_cannot_be_made_is_heard_of_and_keeps_no_other_waiting() -> None:
    async def scenario() -> None:
        async with ByHand(a_new_one) as server:
            transport = SmtpTransport(server.server(), connections=1, timeout=5.0)
            strange = replace(a_message("a"), rcpt_to=cast(str, None))
            got = await asyncio.gather(transport.send(strange), transport.send(a_message("b")), return_exceptions=True)
            assert isinstance(got[0], TypeError)
            assert got[1] == Accepted(OK)
            await asyncio.gather(transport.close(), server.over())

    run(scenario())


def test_a_connection_is_opened_for_all_who_wait_whatever_time_the_first_has_left() -> None:
    """The first one's connection breaks when its time is nearly up; the others do not go without one for it."""
    is_answered = asyncio.Event()

    async def first(talk: Talk) -> None:
        await a_message_on_it(talk)
        await talk.hear("MAIL FROM:<us@exemple.example>", "RCPT TO:<a@contact.example>", "DATA")
        await asyncio.sleep(0.4)
        talk.break_off()

    async def slow(talk: Talk) -> None:
        await is_answered.wait()
        await talk.greet()
        await talk.envelope()
        await the_last(talk)

    async def scenario() -> None:
        async with ByHand(first, slow) as server:
            transport = SmtpTransport(server.server(), client="plain", connections=1, timeout=10.0)
            await transport.send(a_message("z"))
            tight = asyncio.create_task(transport.send(a_message("a", seconds=3)))  # of which two are kept
            await asyncio.sleep(0.1)
            other = asyncio.create_task(transport.send(a_message("b")))
            assert isinstance(await tight, Stopped | TryLater)
            is_answered.set()  # until then the connection was still being opened
            assert await other == Accepted(OK)
            await asyncio.gather(transport.close(), server.over())

    run(scenario())


def test_nothing_lies_behind_the_last_message_of_a_connection() -> None:
    async def first(talk: Talk) -> None:
        await talk.greet()
        await talk.envelope()
        await the_last(talk)

    assert outcomes(first, a_new_one, messages_per_connection=1) == [Accepted(OK), Accepted(OK)]


@pytest.mark.parametrize(
    ("extensions", "options"), [(("8BITMIME",), {}), ((), {"client": "plain"})], ids=["not offered", "plain"]
)
def test_without_pipelining_nothing_lies_behind_a_dot(extensions: tuple[str, ...], options: dict[str, Any]) -> None:
    async def first(talk: Talk) -> None:
        await talk.greet(*extensions)
        for _ in "ab":
            await _one_by_one(talk) if extensions else await talk.envelope()
            await talk.hear_message()
            assert await talk.hears_nothing()
            await talk.say(OK)
        await talk.hear("QUIT")

    assert outcomes(first, **options) == [Accepted(OK), Accepted(OK)]


async def _one_by_one(talk: Talk) -> None:
    for verb, answer in zip(("MAIL", "RCPT", "DATA"), AGREED, strict=True):
        await talk.hear(verb)
        assert await talk.hears_nothing()
        await talk.say(answer)


def test_whether_a_message_may_go_is_asked_at_its_own_dot() -> None:
    told: list[str] = []

    async def first(talk: Talk) -> None:
        await first_message(talk)
        told.append("354 to b")
        await talk.say(OK, *AGREED)
        assert await talk.reader.read() == b""  # nothing of the message that was stopped

    def may_go(message: Outgoing) -> bool:
        told.append(message.key)
        return message.key == "a"

    async def scenario() -> list[Outcome]:
        async with ByHand(first) as server:
            transport = SmtpTransport(server.server(), connections=1)
            got = await asyncio.gather(*(transport.send(a_message(key), may_go) for key in "ab"))
            await asyncio.gather(transport.close(), server.over())
            return list(got)

    accepted, stopped = run(scenario())
    assert (type(accepted), type(stopped)) == (Accepted, Stopped)
    assert told == ["a", "354 to b", "b"]


def test_the_time_of_the_one_behind_begins_with_its_turn() -> None:
    async def first(talk: Talk) -> None:
        await first_message(talk)
        await asyncio.sleep(0.4)
        await talk.say(OK)
        await asyncio.sleep(0.4)
        await talk.say(*AGREED)
        await the_last(talk)

    assert outcomes(first, timeout=0.6) == [Accepted(OK), Accepted(OK)]


def test_a_message_does_not_begin_once_its_time_is_over() -> None:
    async def first(talk: Talk) -> None:
        await first_message(talk)
        await talk.say(OK, *AGREED[:2])
        assert await talk.reader.read() == b""

    async def scenario() -> list[Outcome]:
        async with ByHand(first) as server:
            transport = SmtpTransport(server.server(), connections=1)
            got = await asyncio.gather(transport.send(a_message("a")), transport.send(a_message("b", seconds=2.3)))
            await asyncio.gather(transport.close(), server.over())
            return list(got)

    assert run(scenario()) == [Accepted(OK), TryLater("The server did not answer in time.")]


@pytest.mark.parametrize("gone", ["b", "c"])
def test_whoever_stops_waiting_takes_the_message_away(gone: str) -> None:
    """`b` lies behind a dot, so that it costs its connection; `c` still waits, and nobody hears of it."""

    async def first(talk: Talk) -> None:
        await first_message(talk)
        behind.set()
        await withdrawn.wait()
        await talk.say(OK, *AGREED)
        if gone == "c":
            await the_last(talk)
        else:
            assert await talk.reader.read() == b""

    behind, withdrawn = asyncio.Event(), asyncio.Event()

    async def scenario() -> dict[str, Outcome | BaseException]:
        async with ByHand(first, *([a_new_one] if gone == "b" else [])) as server:
            transport = SmtpTransport(server.server(), connections=1)
            tasks = {key: asyncio.create_task(transport.send(a_message(key))) for key in "abc"}
            await behind.wait()
            tasks[gone].cancel()
            await asyncio.wait([tasks[gone]])
            withdrawn.set()
            got = await asyncio.gather(*tasks.values(), return_exceptions=True)
            await asyncio.gather(transport.close(), server.over())
            return dict(zip(tasks, got, strict=True))

    got = run(scenario())
    assert isinstance(got.pop(gone), asyncio.CancelledError)
    assert list(got.values()) == [Accepted(OK), Accepted(OK)]


def test_a_question_that_fails_is_heard_by_whoever_asked_and_nothing_leaves() -> None:
    async def first(talk: Talk) -> None:
        await talk.greet()
        await talk.envelope()
        assert await talk.reader.read() == b""

    def may_go(message: Outgoing) -> bool:
        raise LookupError(message.key)

    async def scenario() -> None:
        async with ByHand(first) as server:
            transport = SmtpTransport(server.server(), connections=1)
            with pytest.raises(LookupError):
                await transport.send(a_message("a"), may_go)
            await asyncio.gather(transport.close(), server.over())

    run(scenario())


LARGE = b"A line of a large message, sixty-two bytes and its line end.\r\n" * 200_000


@pytest.mark.parametrize("client", ["pipelined", "plain"])
@pytest.mark.parametrize("security", ["none", "tls", "starttls"])
def test_a_large_message_is_with_the_kernel_before_it_is_asked_about(
    security: SmtpSecurity, client: SmtpClient
) -> None:
    """12 MB are more than any kernel takes at once, also beneath TLS; the memory beside the message itself is bounded."""
    told: list[str] = []

    async def first(talk: Talk) -> None:
        if security == "starttls":
            await talk.greet("STARTTLS")
            await talk.hear("STARTTLS")
            await talk.say("220 Go ahead")
            await talk.encrypt()
            await talk.offer()
        else:
            await talk.greet()
        await talk.envelope()
        assert len(await talk.reader.readexactly(100_000)) == 100_000
        await asyncio.sleep(0.1)
        told.append("reading")
        assert len(await talk.reader.readexactly(len(LARGE) - 100_000 + 3)) > 0
        await talk.say(OK)
        await talk.hear("QUIT")

    def may_go(message: Outgoing) -> bool:
        told.append("asked")
        return True

    async def scenario() -> Outcome:
        async with ByHand(first, security=security) as server:
            transport = SmtpTransport(server.server(), client=client, connections=1, tls=client_tls())
            outcome = await transport.send(a_message("a", body=LARGE), may_go)
            await asyncio.gather(transport.close(), server.over())
            return outcome

    assert run(scenario()) == Accepted(OK)
    assert told == ["reading", "asked"]


class Boastful(Connection):
    """Says that the kernel takes everything at once."""

    def room(self) -> int:
        return 1 << 40


def test_a_kernel_that_takes_less_than_was_thought_costs_a_connection_and_nothing_else() -> None:
    async def first(talk: Talk) -> None:
        await talk.greet()
        await talk.envelope()
        assert not (await talk.reader.read()).endswith(b"\r\n.\r\n")

    async def second(talk: Talk) -> None:
        await talk.greet()
        await talk.envelope()
        assert len(await talk.hear_message()) == len(LARGE)
        await talk.say(OK)
        await talk.hear("QUIT")

    async def scenario() -> Outcome:
        async with ByHand(first, second) as server:

            async def opened(seconds: float) -> Connection:
                found = await smtp_open.connect(server.server(), client_tls(), "us.example", seconds)
                return Boastful(found.transport, found.extensions)

            pool = Pool(opened, 1, 30.0, Terms(5.0, 100, 0.0, 600.0))
            sending = Sending(a_message("a", body=LARGE), lambda _: True, asyncio.get_running_loop().create_future())
            pool.take(sending)
            outcome = await sending.answer
            await asyncio.gather(pool.close(), server.over())
            return outcome

    assert run(scenario()) == Accepted(OK)
