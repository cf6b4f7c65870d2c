"""Greeting, encryption and signing in, by each client; and the sentence for the operator where one of them fails."""

import asyncio
import hmac
from base64 import b64decode, b64encode
from collections.abc import Coroutine
from typing import Any, get_args

import pytest

from nurture.providers.smtp import SmtpTransport
from nurture.providers.smtp_tls import may_tell_password
from nurture.providers.transport import Accepted, Outcome, TransportProblem
from nurture.smtp_address import SmtpClient, SmtpSecurity, SmtpServer
from tests.delivery.test_smtp_transport import a_message
from tests.sinks.by_hand import SERVES, ByHand, Conversation, Talk
from tests.sinks.scripted import client_tls

pytestmark = pytest.mark.smtp

OK = "250 2.0.0 OK"
NOT_LOCAL = "127.0.0.2"  # of the loopback, and by no name that is known to be


@pytest.fixture(params=get_args(SmtpClient))
def client(request: pytest.FixtureRequest) -> SmtpClient:
    """Each way to hand messages over keeps the same promises."""
    chosen: SmtpClient = request.param
    return chosen


def run(test: Coroutine[Any, Any, Any]) -> Any:
    async def limited() -> Any:
        async with asyncio.timeout(20):
            return await test

    return asyncio.run(limited())


def handed_over(
    client: SmtpClient,
    *conversations: Conversation,
    login: tuple[str | None, str | None] = (None, None),
    timeout: float = 5.0,
    **server: Any,
) -> Outcome | str:
    """What comes of opening a connection and sending one message; the operator's sentence if there is no connection."""

    async def scenario() -> Outcome | str:
        async with ByHand(*conversations, **server) as at:
            transport = SmtpTransport(
                at.server(*login), client=client, tls=client_tls(), timeout=timeout, ehlo_name="us.example"
            )
            try:
                await transport.open()
                return await transport.send(a_message())
            except TransportProblem as problem:
                return str(problem).replace(str(at.server().port), "PORT")
            finally:
                await asyncio.gather(transport.close(), at.over())

    return run(scenario())  # type: ignore[no-any-return]


async def take(talk: Talk) -> None:
    """Take one message."""
    await talk.envelope()
    await talk.hear_message()
    await talk.say(OK)
    await talk.hear("QUIT")


def test_a_greeting_and_an_answer_may_have_many_lines(client: SmtpClient) -> None:
    async def server(talk: Talk) -> None:
        await talk.say("220-hand.example ESMTP", "220-We do not authorize the use of this system", "220 to send spam")
        await talk.offer()
        assert talk.heard == ["EHLO us.example"]
        await take(talk)

    assert handed_over(client, server) == Accepted(OK)


def test_a_server_that_knows_no_ehlo_is_greeted_as_of_old_and_told_one_command_at_a_time(client: SmtpClient) -> None:
    async def server(talk: Talk) -> None:
        await talk.say("220 hand.example")
        await talk.hear("EHLO")
        await talk.say("502 5.5.1 What?")
        await talk.hear("HELO us.example")
        await talk.say("250 hand.example")
        assert await talk.hear("MAIL") == ["MAIL FROM:<bounce@exemple.example>"]  # no SIZE
        for verb in ("RCPT", "DATA"):
            assert await talk.hears_nothing()
            await talk.say(OK)
            await talk.hear(verb)
        await talk.say("354 Go ahead")
        await talk.hear_message()
        await talk.say(OK)
        await talk.hear("QUIT")

    assert handed_over(client, server) == Accepted(OK)


@pytest.mark.parametrize("said", ["554 5.7.1 Your address is blocked", "421 4.3.2 Too many connections"])
def test_a_server_that_does_not_let_us_in_says_why(client: SmtpClient, said: str) -> None:
    async def server(talk: Talk) -> None:
        await talk.say(said)

    assert handed_over(client, server) == f"The SMTP server 127.0.0.1:PORT does not let us in ({said})."


def test_a_server_that_says_nothing_is_not_waited_for_beyond_the_time_out(client: SmtpClient) -> None:
    async def server(talk: Talk) -> None:
        assert await talk.reader.read() == b""

    told = handed_over(client, server, timeout=0.2)
    assert told == (
        "The SMTP server 127.0.0.1:PORT did not answer within 0.2 s. Check NURTURE_SMTP_URL and the firewall."
    )


def test_a_server_that_closes_instead_of_greeting_cannot_be_reached(client: SmtpClient) -> None:
    async def server(talk: Talk) -> None:
        talk.break_off()

    assert "127.0.0.1:PORT cannot be reached (" in str(handed_over(client, server))


def test_something_that_is_no_mail_server_cannot_be_reached(client: SmtpClient) -> None:
    async def server(talk: Talk) -> None:
        await talk.say("HTTP/1.1 400 Bad Request")

    told = str(handed_over(client, server, timeout=0.5))
    assert told.startswith("The SMTP server 127.0.0.1:PORT ")


def test_what_was_said_in_the_clear_behind_starttls_is_forgotten(client: SmtpClient) -> None:
    """Whoever stands between could otherwise put words into the server's mouth (RFC 3207 §6)."""

    async def server(talk: Talk) -> None:
        await talk.greet("STARTTLS", "SIZE 1")
        await talk.hear("STARTTLS")
        await talk.say("220 Go ahead", "250-evil.example", "250 SIZE 1")
        await talk.encrypt()
        await talk.offer()
        await take(talk)

    assert handed_over(client, server, security="starttls") == Accepted(OK)


def test_what_the_server_can_do_is_asked_again_under_tls(client: SmtpClient) -> None:
    async def server(talk: Talk) -> None:
        await talk.greet("STARTTLS", "SIZE 1")
        await talk.hear("STARTTLS")
        await talk.say("220 Go ahead")
        await talk.encrypt()
        await talk.offer()
        assert talk.heard == ["EHLO us.example", "STARTTLS", "EHLO us.example"]
        await take(talk)

    assert handed_over(client, server, security="starttls") == Accepted(OK)


def test_encryption_that_was_offered_and_is_refused_is_told(client: SmtpClient) -> None:
    async def server(talk: Talk) -> None:
        await talk.greet("STARTTLS")
        await talk.hear("STARTTLS")
        await talk.say("454 4.7.0 TLS not available")

    told = handed_over(client, server, security="starttls")
    assert "does not let us in (454 4.7.0 TLS not available)" in str(told)


def test_a_server_without_tls_where_tls_is_spoken_from_the_start_is_told(client: SmtpClient) -> None:
    async def server(talk: Talk) -> None:
        await talk.say("220 hand.example")
        await talk.reader.read()

    async def scenario() -> str:
        async with ByHand(server) as at:
            plain = at.server()
            tls = SmtpServer(plain.host, plain.port, "tls")
            with pytest.raises(TransportProblem) as told:
                await SmtpTransport(tls, client=client, timeout=5.0).open()
            await at.over()
            return str(told.value)

    told = run(scenario())
    assert "does not speak TLS as asked (" in told
    assert told.endswith("Choose smtp:// or smtps:// to fit its port.")


NAME, PASSWORD = "zoé@exemple.example", "mot de passe"


def told_by_plain(words: str) -> None:
    assert b64decode(words).decode().split("\0") == ["", NAME, PASSWORD]


async def plain(talk: Talk) -> None:
    (said,) = await talk.hear("AUTH PLAIN ")
    told_by_plain(said.removeprefix("AUTH PLAIN "))


async def login(talk: Talk) -> None:
    (said,) = await talk.hear("AUTH LOGIN")
    if said == "AUTH LOGIN":
        await talk.say("334 VXNlcm5hbWU6")
        (name,) = await talk.hear("")
    else:
        name = said.removeprefix("AUTH LOGIN ")
    await talk.say("334 UGFzc3dvcmQ6")
    (password,) = await talk.hear("")
    assert (b64decode(name).decode(), b64decode(password).decode()) == (NAME, PASSWORD)


async def cram_md5(talk: Talk) -> None:
    challenge = b"<1896.697170952@hand.example>"
    await talk.hear("AUTH CRAM-MD5")
    await talk.say(f"334 {b64encode(challenge).decode()}")
    (answer,) = await talk.hear("")
    expected = f"{NAME} {hmac.new(PASSWORD.encode(), challenge, 'md5').hexdigest()}"
    assert b64decode(answer).decode() == expected


@pytest.mark.parametrize(
    ("offer", "way"),
    [("AUTH PLAIN LOGIN", plain), ("AUTH=PLAIN", plain), ("AUTH LOGIN", login), ("AUTH CRAM-MD5 NTLM", cram_md5)],
)
def test_the_user_signs_in_by_what_the_server_offers(client: SmtpClient, offer: str, way: Conversation) -> None:
    async def server(talk: Talk) -> None:
        await talk.greet(*SERVES, offer)
        await way(talk)
        await talk.say("235 2.7.0 Welcome")
        await take(talk)

    assert handed_over(client, server, login=(NAME, PASSWORD)) == Accepted(OK)


def test_a_way_to_sign_in_that_is_offered_and_not_there_is_not_the_end() -> None:
    async def server(talk: Talk) -> None:
        await talk.greet(*SERVES, "AUTH PLAIN LOGIN")
        await plain(talk)
        await talk.say("504 5.5.4 Unrecognized authentication type")
        await login(talk)
        await talk.say("235 2.7.0 Welcome")
        await take(talk)

    assert handed_over("pipelined", server, login=(NAME, PASSWORD)) == Accepted(OK)


def test_a_password_that_was_refused_is_not_tried_again() -> None:
    async def server(talk: Talk) -> None:
        await talk.greet(*SERVES, "AUTH PLAIN LOGIN CRAM-MD5")
        await plain(talk)
        await talk.say("535 5.7.8 Wrong")
        assert await talk.reader.read() == b""

    told = handed_over("pipelined", server, login=(NAME, PASSWORD))
    assert told == (
        "The SMTP server 127.0.0.1:PORT refuses the user name or password (535 5.7.8 Wrong). Correct NURTURE_SMTP_URL."
    )


@pytest.mark.parametrize("said", ["454 4.7.0 Temporary authentication failure", "421 4.3.2 Shutting down"])
def test_a_sign_in_that_fails_for_now_is_not_told_as_a_wrong_password(client: SmtpClient, said: str) -> None:
    async def server(talk: Talk) -> None:
        await talk.greet(*SERVES, "AUTH PLAIN")
        await plain(talk)
        await talk.say(said)
        await talk.reader.read()

    told = handed_over(client, server, login=(NAME, PASSWORD))
    assert told == f"The SMTP server 127.0.0.1:PORT cannot sign us in just now ({said}). It is tried again."


@pytest.mark.parametrize("offer", [(), ("AUTH GSSAPI",)])
def test_a_server_that_takes_no_user_name_is_told(client: SmtpClient, offer: tuple[str, ...]) -> None:
    async def server(talk: Talk) -> None:
        await talk.greet(*SERVES, *offer)
        await talk.reader.read()

    told = str(handed_over(client, server, login=(NAME, PASSWORD)))
    assert told.startswith("The SMTP server 127.0.0.1:PORT takes no user name on this connection.")


def test_a_password_is_not_told_in_the_clear_because_somebody_took_the_offer_of_encryption_away(
    client: SmtpClient,
) -> None:
    async def server(talk: Talk) -> None:
        await talk.greet(*SERVES, "AUTH PLAIN")
        assert b"AUTH" not in await talk.reader.read()

    told = handed_over(client, server, login=(NAME, PASSWORD), host=NOT_LOCAL, security="starttls_if_offered")
    assert told == (
        f"The SMTP server {NOT_LOCAL}:PORT does not offer STARTTLS, and the password is not told in the clear. "
        "Add ?starttls=never to NURTURE_SMTP_URL only on a network you trust."
    )


@pytest.mark.parametrize(
    ("host", "security", "encrypted", "may"),
    [
        ("mail.exemple.example", "starttls_if_offered", True, True),
        ("mail.exemple.example", "starttls_if_offered", False, False),
        ("mail.exemple.example", "none", False, True),
        ("localhost", "starttls_if_offered", False, True),
    ],
)
def test_a_password_travels_in_the_clear_only_where_that_was_said(
    host: str, security: SmtpSecurity, encrypted: bool, may: bool
) -> None:
    assert may_tell_password(SmtpServer(host, 587, security, NAME, PASSWORD), encrypted=encrypted) is may
