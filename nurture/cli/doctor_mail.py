"""The doctor's look at the mail: whether the server takes it, and whether receivers will believe it."""

import asyncio
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from nurture.cli import doctor_dkim
from nurture.cli.doctor_web import LOCAL
from nurture.cli.findings import Finding, fail, ok, warn
from nurture.domains import spelt_ascii

if TYPE_CHECKING:
    from nurture.config import Settings
    from nurture.core.program import Program
    from nurture.smtp_address import SmtpServer

SECONDS = 10.0
ENCRYPTED = frozenset({"tls", "starttls"})


def examine(settings: "Settings") -> Iterator[Finding]:
    """The server, the domains, and what comes back."""
    if settings.sends_by_smtp:
        yield asyncio.run(_server(settings))
        yield from _encryption(settings.smtp)
    else:
        yield asyncio.run(_api(settings))
    programs = _programs(settings)
    yield from _domains(settings, programs)
    yield from doctor_dkim.examine(settings, sender_domains(programs))
    yield from _what_comes_back(settings, programs)


async def _server(settings: "Settings") -> Finding:
    from nurture.providers.smtp import SmtpTransport
    from nurture.providers.transport import TransportProblem

    server = settings.smtp
    transport = SmtpTransport(server, client=settings.smtp_client, timeout=SECONDS, ehlo_name=settings.mail_domain)
    try:
        await transport.open()
    except TransportProblem as problem:
        said, _, remedy = str(problem).rstrip(".").rpartition(". ")
        return fail("smtp", said or remedy, remedy if said else "")
    finally:
        await transport.close()
    signed_in = f", signed in as {server.username}" if server.username else ""
    encrypted = ", encrypted" if server.security in ENCRYPTED else ""
    return ok("smtp", f"{server.host}:{server.port} takes mail{encrypted}{signed_in}")


async def _api(settings: "Settings") -> Finding:
    from nurture.providers.transport import TransportProblem
    from nurture.wiring import make_transport

    transport = make_transport(settings)
    try:
        await transport.open()
    except TransportProblem as problem:
        said, _, remedy = str(problem).rstrip(".").rpartition(". ")
        return fail(settings.provider, said or remedy, remedy if said else "")
    finally:
        await transport.close()
    return ok(settings.provider, "the API answers; only a mail proves its key: nurture send-test")


def _encryption(server: "SmtpServer") -> Iterator[Finding]:
    if server.security not in ENCRYPTED and server.host not in LOCAL:
        yield warn(
            "smtp",
            f"mail travels to {server.host} unencrypted, or may",
            "use smtps://, or take starttls= out of NURTURE_SMTP_URL",
        )


def _programs(settings: "Settings") -> "Sequence[Program]":
    """The campaigns of the files here; none when they have mistakes, which is told elsewhere."""
    from nurture.authoring.bundle import compile_bundle, read_bundle

    compiled = compile_bundle(read_bundle(settings.campaigns_dir, settings.templates_dir), salt=b"doctor")
    return compiled.world.current_programs() if compiled.world is not None else ()


def _domains(settings: "Settings", programs: "Sequence[Program]") -> Iterator[Finding]:
    """DMARC wants the From domain to be that of SPF's envelope or DKIM's signature, or to share its organisation."""
    senders = sender_domains(programs)
    strangers = [name for name in senders if not doctor_dkim.aligned(name, settings.mail_domain)]
    if strangers:
        yield warn(
            "domain",
            f"campaigns write from {', '.join(strangers)}, and NURTURE_MAIL_DOMAIN is {settings.mail_domain}",
            "set it to the sender's domain, whose SPF and DKIM records name your mail server",
        )
    elif senders:
        yield ok("domain", f"{settings.mail_domain} fits {', '.join(senders)}")


def sender_domains(programs: "Sequence[Program]") -> list[str]:
    """The domains that campaigns write from, as settings name domains: in ASCII."""
    return sorted({spelt_ascii(program.sender.address.rpartition("@")[2].lower()) for program in programs})


def _what_comes_back(settings: "Settings", programs: "Sequence[Program]") -> Iterator[Finding]:
    wanting = [program.name for program in programs if program.sender.tracked_replies]
    if wanting and settings.reply_domain is None:
        yield warn(
            "replies",
            f"tracked for {', '.join(wanting)}, they would go to the sender's own mailbox, unread by nurture",
            "set NURTURE_REPLY_DOMAIN to a domain whose mail comes back to nurture",
        )
    if settings.bounce_domain is None and settings.provider == "smtp":
        yield warn(
            "bounces",
            "bounces go to the sender's own mailbox, unread by nurture",
            "set NURTURE_BOUNCE_DOMAIN to a domain whose mail comes back to nurture",
        )
    if settings.provider in ("postmark", "postmark-smtp") and not settings.postmark_webhook_password:
        yield warn(
            "hooks",
            "Postmark's events are refused: the hooks have no password",
            "set NURTURE_POSTMARK_WEBHOOK_USER and NURTURE_POSTMARK_WEBHOOK_PASSWORD, and write them into its webhook's address",
        )
    if settings.provider == "resend" and settings.resend_webhook_secret is None:
        yield warn(
            "hooks",
            "Resend's events are refused: the hook has no secret",
            "set NURTURE_RESEND_WEBHOOK_SECRET to what Resend shows for the webhook at /hooks/resend",
        )
    if settings.provider == "resend" and settings.reply_domain is None:
        yield warn(
            "replies",
            "Resend gives each mail a Message-ID of its own, so that a reply cannot be matched by it",
            "set NURTURE_REPLY_DOMAIN, whose signed addresses say which mail is answered",
        )
