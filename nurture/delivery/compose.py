"""One message of the outbox as bytes: which mail, for whom, in which thread, and what fixes it for ever."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, assert_never

from nurture.content.bounded import SHARED, BoundedCompiler
from nurture.content.branching import Branching, Decided, Undecided
from nurture.content.fills import clean
from nurture.content.known import Value
from nurture.content.local_parts import LocalPart, signed_address
from nurture.content.problems import HeaderRefused, MissingVariable, TemplateProblem
from nurture.content.render import Heading, render
from nurture.content.tokens import MessageToken, Tokens, sign_message
from nurture.core.acts import Notify
from nurture.core.ids import derive
from nurture.core.invite import Invite
from nurture.core.program import Mailing, Program, Send, Step
from nurture.core.state import ContactState
from nurture.delivery.compositions import Compositions, Thread
from nurture.delivery.library import Library, values_of
from nurture.delivery.notices import confirmation, full_name, hand_off, notify
from nurture.delivery.specs import CannotCompose, find_step
from nurture.domains import ascii_domain
from nurture.storage.hand_offs import Prospect
from nurture.storage.outbox import Intent, OutboxRow
from nurture.storage.threads import SentMessage
from nurture.storage.words import TO_COLLEAGUES, Purpose

if TYPE_CHECKING:
    from nurture.content.dkim import Signer

MOST_STOPPED = 3
"""Contacts of one batch whose mails may each take up their seconds, before others that branch wait for the next."""

PIECE = 2047  # octets; more, and hashlib lets go of the lock

NO_HEADERS: Mapping[str, str] = {}


def no_headers(key: str) -> Mapping[str, str]:
    """For a provider that wants nothing in a message."""
    return NO_HEADERS


@dataclass(frozen=True, slots=True)
class Domains:
    """Where what comes back is received. Without a domain, replies and bounces go to the sender's own address."""

    reply: str | None = None
    bounce: str | None = None
    unsubscribe: str | None = None


@dataclass(frozen=True, slots=True)
class Sources:
    """What composing a batch needs from the database, beside each contact."""

    threads: Mapping[str, SentMessage] = field(default_factory=dict)
    prospects: Mapping[str, Prospect] = field(default_factory=dict)
    addresses: Mapping[int, str] = field(default_factory=dict)  # of the contacts that mails to colleagues are about


@dataclass(frozen=True, slots=True)
class Composed:
    """A message ready to be handed over, and the intent to commit before."""

    intent: Intent
    mail_from: str
    rcpt_to: str
    data: bytes
    compiled: Decided
    is_shared: bool  # made from words that are the same for many contacts


class Composer:
    """Makes messages from rows of the outbox. Used by one thread at a time."""

    def __init__(
        self,
        tokens: Tokens,
        base_url: str,
        domains: Domains,
        headers: Callable[[str], Mapping[str, str]] = no_headers,
        compiler: BoundedCompiler = SHARED,
        signer: "Signer | None" = None,
    ) -> None:
        """`headers` are what the provider wants in the message of a key; `signer` is ours, where nobody else signs."""
        self._tokens = tokens
        self._base_url = base_url.rstrip("/")
        self._domains = domains
        self._headers = headers
        self._signer = signer
        self._compositions = Compositions(self._base_url, compiler=compiler)

    def compose(
        self, library: Library, row: OutboxRow, state: ContactState, sources: Sources, now: datetime
    ) -> Composed:
        """The message for this contact.

        Raises CannotCompose, with a sentence, where it cannot be made, and Undecided where `decide` is to come first.
        """
        try:
            match row.purpose:
                case Purpose.TOUCH:
                    return self._touch(library, row, state, sources, now)
                case Purpose.CONFIRMATION | Purpose.HAND_OFF | Purpose.NOTIFY:
                    return self._notice(library, row, state, sources, now)
                case _:
                    assert_never(row.purpose)
        except (MissingVariable, HeaderRefused, TemplateProblem) as problem:
            raise CannotCompose(str(problem)) from problem

    def decide(self, undecided: Sequence[Undecided]) -> None:
        """Have mails that branch learn what they are for these contacts, many at once. Raises NoCompiler.

        What takes too long is stopped, yet only so often in all: the mails that do not branch are waiting meanwhile.
        """
        of_mail: dict[Branching, list[Mapping[str, Value]]] = {}
        for one in undecided:
            of_mail.setdefault(one.mail, []).append(one.values)
        left = MOST_STOPPED
        for mail, people in of_mail.items():
            if left > 0:
                left -= mail.learn(people, left)

    def _touch(
        self, library: Library, row: OutboxRow, state: ContactState, sources: Sources, now: datetime
    ) -> Composed:
        program, step = _step_of(library, row)
        if program is None or not isinstance(step, Mailing):
            raise _unknown_step(row)
        thread = _thread(library, row, program, step, sources)
        which = row.part if isinstance(step, Invite) else row.variant
        values = values_of(state, row.address)
        compiled = self._compositions.of_step(library, program, step, which, thread).of(values)
        heading = self._heading(row, state, compiled, now, _references(row, program, sources), program)
        if compiled.skeleton.calendar:
            heading = replace(heading, calendar_uid=derive(library.world.salt, "calendar", state.key, row.content))
        return self._rendered(row, values, compiled, heading, is_shared=True)

    def _notice(
        self, library: Library, row: OutboxRow, state: ContactState, sources: Sources, now: datetime
    ) -> Composed:
        language = row.language or state.language or next((p.language for p in library.world.current_programs()), "fr")
        if row.purpose is Purpose.CONFIRMATION:
            spec = confirmation(library, self._tokens, self._base_url, state, row.subject, language)
        elif row.purpose is Purpose.NOTIFY:
            program, step = _step_of(library, row)
            if program is None or not isinstance(step, Notify):
                raise _unknown_step(row)
            about = sources.addresses.get(row.contact_id, "")
            spec = notify(library, state, about, step, program, row.subject, row.address)
        else:
            prospect = sources.prospects.get(row.subject)
            if prospect is None:
                raise CannotCompose(f"The hand-off {row.subject} is not known any more.")
            spec = hand_off(library, self._tokens, self._base_url, state, prospect, language)
        values = values_of(state, row.address)
        compiled = self._compositions.of_notice(library, spec, values)
        heading = self._heading(row, state, compiled, now, ())
        return self._rendered(row, values, compiled, heading, is_shared=False)

    def _heading(
        self,
        row: OutboxRow,
        state: ContactState,
        compiled: Decided,
        now: datetime,
        references: tuple[str, ...],
        program: Program | None = None,
    ) -> Heading:
        tracked = program is not None and program.sender.tracked_replies
        return Heading(
            recipient_name=clean(full_name(state)) or "" if row.purpose not in TO_COLLEAGUES else "",
            recipient_address=row.address,
            message_id=f"<{message_id(row.key, compiled.skeleton.sender.address)}>",
            date=now,
            token=sign_message(self._tokens, MessageToken(row.key, compiled.name)),
            reply_to=self._signed(LocalPart.REPLY, row.key, self._domains.reply) if tracked else None,
            in_reply_to=references[-1] if references else None,
            references=references,
            unsubscribe_mailto=self._signed(LocalPart.UNSUBSCRIBE, row.key, self._domains.unsubscribe),
            extra=self._headers(row.key),
        )

    def _signed(self, what: LocalPart, key: str, domain: str | None) -> str | None:
        return signed_address(self._tokens, what, key, domain) if domain is not None else None

    def _rendered(
        self, row: OutboxRow, known: Mapping[str, object], compiled: Decided, heading: Heading, *, is_shared: bool
    ) -> Composed:
        values = compiled.with_computed(known)
        mail = render(compiled.skeleton, values, heading, self._signer)
        intent = Intent(
            key=row.key,
            composition=compiled.name,
            message_id=heading.message_id[1:-1],
            date=heading.date,
            sha256=_fingerprint(mail.data),
            slots={name: values.get(name) for name in compiled.skeleton.asks_for},
        )
        sender = compiled.skeleton.sender.address
        mail_from = self._signed(LocalPart.BOUNCE, row.key, self._domains.bounce) or sender
        return Composed(intent, mail_from, row.address, mail.data, compiled, is_shared)


def _fingerprint(data: bytes) -> str:
    """SHA-256, in pieces for which hashlib keeps the interpreter's lock: among busy threads getting it back costs more."""
    found, whole = hashlib.sha256(), memoryview(data)
    for at in range(0, len(whole), PIECE):
        found.update(whole[at : at + PIECE])
    return found.hexdigest()


def message_id(key: str, sender: str) -> str:
    """The Message-ID of a message, without its angle brackets: derived, so that a message always bears the same."""
    return f"{key}@{ascii_domain(sender.rpartition('@')[2])}"


def _step_of(library: Library, row: OutboxRow) -> tuple[Program | None, Step | None]:
    """The step that asked for the message, in the version that it was asked by."""
    program = library.world.programs.get((row.campaign, row.version))
    return program, find_step(program, row.step) if program is not None else None


def _unknown_step(row: OutboxRow) -> CannotCompose:
    return CannotCompose(
        f"Step {row.step} of campaign {row.campaign}, version {row.version}, is not known: apply its files again."
    )


def _thread(library: Library, row: OutboxRow, own: Program, step: Mailing, sources: Sources) -> Thread | None:
    """What a relance or a reminder answers: the first mail of its thread, whose subject all others keep.

    By the version that sent it; once nobody is in that any more, by the contact's own, if it still has the step.
    """
    first = sources.threads.get(row.thread) if row.thread is not None and not isinstance(step, Send) else None
    while first is not None and first.thread is not None and first.thread in sources.threads:
        first = sources.threads[first.thread]
    if first is None:
        return None
    program = library.world.programs.get((first.campaign, first.version), own)
    answered = find_step(program, first.step)
    if program.name != first.campaign or not isinstance(answered, Mailing):
        return None  # its files are gone; the relance then bears its own subject
    return Thread(program, answered, first.part if isinstance(answered, Invite) else first.variant)


def _references(row: OutboxRow, program: Program, sources: Sources) -> tuple[str, ...]:
    """The parent's References and its id, oldest first (RFC 5322 §3.6.4)."""
    chain: list[str] = []
    key = row.thread
    while key is not None and len(chain) < 20:
        message = sources.threads.get(key)
        name = message.message_id if message is not None else None
        chain.append(f"<{name or message_id(key, program.sender.address)}>")
        key = message.thread if message is not None else None
    return tuple(reversed(chain))
