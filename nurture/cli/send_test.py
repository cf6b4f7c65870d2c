"""`nurture send-test`: one mail as a contact would get it, to see it in a real mailbox before anybody else does.

It is made from the files as they lie there, applied or not, and leaves no trace in the database.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from nurture.cli.check import read_files
from nurture.cli.errors import CommandProblem
from nurture.cli.opening import read_settings, terminal_of

if TYPE_CHECKING:
    from datetime import datetime

    from nurture.config import Settings
    from nurture.content.spec import MailSpec
    from nurture.delivery.library import Library
    from nurture.providers.transport import Outcome, Outgoing

SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail that can be asked for: its names, the first one whole, and what it says."""

    names: tuple[str, ...]
    spec: "MailSpec"


def send_test(
    ctx: typer.Context,
    wanted: Annotated[str, typer.Argument(metavar="TEMPLATE_OR_STEP", help="Such as white_paper.fr, or a step's key.")],
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="Where to send it.")],
) -> None:
    """Send one sample mail. Its links lead nowhere: they belong to no contact."""
    terminal = terminal_of(ctx)
    settings = read_settings(terminal)
    library = _library(settings)
    mail = _choose(wanted, list(_mails(library)))
    message, subject = _compose(settings, library, mail.spec, _checked(address), terminal.clock.now())
    _tell(_send(settings, message))
    terminal.say(f"Sent {mail.names[0]} to {address}: “{subject}”.")


def _library(settings: "Settings") -> "Library":
    from nurture.authoring.bundle import compile_bundle
    from nurture.engine.worlds import library_of

    compiled = compile_bundle(read_files(settings), salt=b"send-test")
    if compiled.world is None:
        count = sum(problem.is_error for problem in compiled.problems)
        raise CommandProblem(f"The files have mistakes ({count}): run `nurture check`, mend them, and send again.")
    return library_of(compiled, compiled.world)


def _mails(library: "Library") -> Iterator[Mail]:
    from nurture.authoring.mails import NOTICES, mails_of, notices_of
    from nurture.delivery.specs import spec_of

    for program in library.world.current_programs():
        for step, variant in mails_of(program):
            spec = spec_of(library.world, program, step, variant)
            key = f"{step.key}?{variant}" if variant else step.key
            names = (f"{program.name}/{key}", key, f"{program.name}/{step.key}", step.key, step.content)
            template = spec.template or spec.kind
            yield Mail((*names, f"{template}.{spec.language}", f"{template}.{spec.language}.mjml", template), spec)
    written = {name.split(".")[1] for name in library.templates if name.count(".") == 2}
    languages = {kind: _written(library, kind, written) for kind in NOTICES}
    for spec in notices_of(library.world, languages):
        name = f"{spec.kind}.{spec.language}"
        yield Mail((name, f"{name}.mjml", spec.kind), spec)


def _written(library: "Library", kind: str, languages: set[str]) -> frozenset[str]:
    return frozenset(language for language in languages if f"{kind}.{language}.mjml" in library.templates)


def _choose(wanted: str, mails: list[Mail]) -> Mail:
    """The first mail of that name."""
    from difflib import get_close_matches

    found = next((mail for mail in mails if wanted in mail.names), None)
    if found is not None:
        return found
    known = dict.fromkeys(name for mail in mails for name in mail.names)
    near = get_close_matches(wanted, known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(mail.names[0] for mail in mails)}."
    raise CommandProblem(f"There is no mail {wanted!r}; {hint}")


def _checked(address: str) -> str:
    from email_validator import EmailNotValidError, validate_email

    try:
        return validate_email(address, check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise CommandProblem(f"{address!r} is no e-mail address: {error}", code=2) from None


def _compose(
    settings: "Settings", library: "Library", spec: "MailSpec", address: str, now: "datetime"
) -> "tuple[Outgoing, str]":
    import secrets
    import time

    from nurture.content.bounded import SHARED
    from nurture.content.branching import at_once, mail_of
    from nurture.content.exchange import Request
    from nurture.content.render import Heading, render
    from nurture.content.tokens import MessageToken, Tokens, sign_message
    from nurture.delivery.library import OF_EVERY_CONTACT
    from nurture.preview.readers import PERSON
    from nurture.providers.transport import Outgoing
    from nurture.wiring import make_signer, message_headers

    fields = library.contact_fields | OF_EVERY_CONTACT
    values = {name: f"[{name}]" for name in fields} | {
        **PERSON,
        "country": "FR",
        "address": address,
        "language": spec.language,
    }
    decided = at_once(mail_of(SHARED, Request(spec, library.templates, settings.base_url, fields)), values)
    key = secrets.token_hex(16)
    heading = Heading(
        recipient_name=f"{PERSON['first_name']} {PERSON['last_name']}",
        recipient_address=address,
        message_id=f"<{key}@{spec.sender.address.rpartition('@')[2]}>",
        date=now,
        token=sign_message(Tokens(secrets.token_bytes(32)), MessageToken(key, decided.name)),
        extra=message_headers(settings)(key),
    )
    mail = render(decided.skeleton, decided.with_computed(values), heading, make_signer(settings))
    return Outgoing(key, spec.sender.address, address, mail.data, time.monotonic() + SECONDS), mail.subject


def _send(settings: "Settings", message: "Outgoing") -> "Outcome":
    import asyncio

    from nurture.wiring import make_transport

    async def send() -> "Outcome":
        transport = make_transport(settings)
        await transport.open()
        try:
            return await transport.send(message)
        finally:
            await transport.close()

    return asyncio.run(send())


def _tell(outcome: "Outcome") -> None:
    """Anything but an acceptance is a problem, in the server's own words."""
    from nurture.providers.transport import Accepted, RefusedForGood, Unknown

    match outcome:
        case Accepted():
            return
        case RefusedForGood(code=code, text=text):
            raise CommandProblem(f"The server refused the mail for good ({code} {text}).")
        case Unknown(text=text):
            raise CommandProblem(
                f"The server's last answer was lost ({text}): the mail may have gone out; look for it."
            )
        case _:
            raise CommandProblem(f"The server does not take the mail now ({outcome.text}): try again later.")
