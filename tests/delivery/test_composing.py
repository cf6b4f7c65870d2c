"""What a message says beside its words: its thread, its addresses, its links, and what fixes it for ever."""

import asyncio
import hashlib
import re
from collections.abc import Awaitable
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from icalendar import Calendar
from sqlalchemy import select

from nurture.content.local_parts import LocalPart, touch_of_address
from nurture.content.skeleton import Skeleton
from nurture.content.tokens import read_message
from nurture.core.acts import Notify
from nurture.core.events import Signalled
from nurture.core.program import ProspectRule, Variant
from nurture.core.sender import Sender
from nurture.core.words import SignalKind
from nurture.delivery.compose import Domains
from nurture.delivery.library import Library
from nurture.delivery.notices import read_confirm_token, read_hand_off_token
from nurture.delivery.recording import Report
from nurture.storage.compositions import load_composition
from nurture.storage.tables import contacts, hand_offs
from tests.builders import (
    a_content,
    a_form,
    a_program,
    a_stage,
    a_world,
    days,
    engaged,
    hours,
    invite,
    relance,
    send,
    wait,
)
from tests.delivery.harness import GUIDE, TOKENS, House, addresses, read, the_world
from tests.sinks.scripted import Sink

pytestmark = pytest.mark.smtp

ANNA, BRUNO = addresses(["anna", "bruno"])
LINK = re.compile(r"https://nurture\.exemple\.example/(\w+)/([\w-]+)(?:/(\w+))?")


def run(test: Awaitable[Any]) -> Any:
    async def limited() -> Any:
        async with asyncio.timeout(30):
            return await test

    return asyncio.run(limited())


@pytest.mark.parametrize(
    ("domain", "plain"),
    [
        ("bücher.example", "xn--bcher-kva.example"),
        ("straße.example", "xn--strae-oqa.example"),
        ("βόλος.example", "xn--nxasmm1c.example"),
        ("क्‍ष.example", "xn--11b2ezcw70k.example"),  # a joiner that is part of the name
    ],
)
def test_a_mail_goes_to_the_very_domain_that_its_to_names(house: House, domain: str, plain: str) -> None:
    house.enter(f"anna@{domain}")

    async def scenario() -> None:
        async with Sink() as sink:
            await house.deliver(sink)
            (taken,) = sink.taken
            assert taken.rcpt_to == f"anna@{plain}"
            assert read(taken)["To"].addresses[0].addr_spec == f"anna@{plain}"

    run(scenario())


def test_a_sender_with_a_domain_outside_ascii_writes_and_answers_itself(house: House) -> None:
    """Its relance names the first mail, so that Message-ID, From and the envelope all have its domain."""
    programs = {
        name: replace(program, sender=Sender("Équipe", "bonjour@bücher.example"))
        for name, program in house.world.programs.items()
    }
    house.world = replace(house.world, programs=programs)
    house.domains = Domains()
    house.enter(ANNA)

    async def scenario() -> None:
        async with Sink() as sink:
            for _ in range(2):
                await house.deliver(sink)
                house.decide()
                house.now += timedelta(days=2)
                house.decide()
            first, second = sink.taken
            mails = read(first), read(second)
            assert {taken.mail_from for taken in sink.taken} == {"bonjour@xn--bcher-kva.example"}
            assert {mail["From"].addresses[0].addr_spec for mail in mails} == {"bonjour@xn--bcher-kva.example"}
            assert mails[0]["Message-ID"].endswith("@xn--bcher-kva.example>")
            assert mails[1]["In-Reply-To"] == mails[0]["Message-ID"]

    run(scenario())


def text_of(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def sent_to(house: House, *addresses: str) -> list[EmailMessage]:
    """What these contacts get at once."""

    async def scenario() -> list[EmailMessage]:
        async with Sink() as sink:
            house.enter(*addresses)
            await house.deliver(sink)
            return [read(taken) for taken in sink.taken]

    found: list[EmailMessage] = run(scenario())
    return found


def test_a_relance_is_in_the_thread_of_what_it_answers(house: House) -> None:
    async def scenario() -> None:
        async with Sink() as sink:
            house.enter(ANNA)
            await house.deliver(sink)
            house.decide()
            house.now += timedelta(days=1)
            house.decide()
            assert await house.deliver(sink) == Report(claimed=1, sent=1)
            first, second = (read(taken) for taken in sink.taken)
            assert second["In-Reply-To"] == first["Message-ID"]
            assert str(second["References"]).split() == [first["Message-ID"]]
            assert (first["Subject"], second["Subject"]) == ("Votre guide, Anna", "Re: Votre guide, Anna")
            assert second["Message-ID"] != first["Message-ID"]
            assert "In-Reply-To" not in first

    run(scenario())


def test_a_second_relance_names_the_whole_thread_and_is_marked_once(house: House) -> None:
    campaign = a_program(
        a_stage(
            "tofu",
            send("guide"),
            wait(days(1)),
            relance("guide"),
            wait(hours(24)),
            replace(relance("guide"), key="again"),
        )
    )
    house.world = a_world(campaign, catalogue={"guide": GUIDE})

    async def scenario() -> None:
        async with Sink() as sink:
            house.enter(ANNA)
            for _ in range(3):
                await house.deliver(sink)
                house.decide()
                house.now += timedelta(days=1)
                house.decide()
            first, second, third = (read(taken) for taken in sink.taken)
            ids = [message["Message-ID"] for message in (first, second, third)]
            assert str(third["References"]).split() == ids[:2]
            assert third["Subject"] == second["Subject"] == f"Re: {first['Subject']}"

    run(scenario())


def test_a_relance_keeps_the_subject_of_the_variant_that_was_sent(house: House) -> None:
    variants = (Variant("a", 5000, "Sujet A"), Variant("b", 5000, "Sujet B"))
    campaign = a_program(a_stage("tofu", send("guide", variants=variants), wait(days(1)), relance("guide")))
    house.world = a_world(campaign, catalogue={"guide": GUIDE})

    async def scenario() -> None:
        async with Sink() as sink:
            house.enter(*addresses([f"person{n}" for n in range(12)]))
            await house.deliver(sink)
            house.decide()
            house.now += timedelta(days=1)
            house.decide()
            await house.deliver(sink)
            messages = {message["Message-ID"]: message for message in map(read, sink.taken)}
            answers = [message for message in messages.values() if message["In-Reply-To"]]
            assert len(answers) == 12
            assert {message["Subject"] for message in answers} == {"Re: Sujet A", "Re: Sujet B"}
            for message in answers:
                assert message["Subject"] == f"Re: {messages[message['In-Reply-To']]['Subject']}"

    run(scenario())


def test_the_links_of_a_mail_can_be_resolved_by_any_process(house: House) -> None:
    (message,) = sent_to(house, ANNA)
    links = {kind: (token, n) for kind, token, n in LINK.findall(text_of(message))}
    named = read_message(TOKENS, links["d"][0])
    assert named is not None
    assert message["Message-ID"].startswith(f"<{named.touch}@")
    with house.db.read() as c:
        stored = load_composition(c, named.composition)
    assert stored is not None
    link = Skeleton.from_json(stored).links[int(links["d"][1])]
    assert (link.kind, link.url, link.object) == ("download", "assets/guide.pdf", "guide")


def test_replies_and_bounces_name_their_message_even_in_lower_case(house: House) -> None:
    async def scenario() -> None:
        async with Sink() as sink:
            house.enter(ANNA)
            await house.deliver(sink)
            (taken,) = sink.taken
            key = house.outbox()[ANNA].key
            reply = str(read(taken)["Reply-To"])
            for what, address, domain in (
                (LocalPart.REPLY, reply, "reply.exemple.example"),
                (LocalPart.BOUNCE, taken.mail_from, "bounce.exemple.example"),
            ):
                assert address.endswith(f"@{domain}")
                assert len(address.partition("@")[0]) <= 64
                assert touch_of_address(TOKENS, what, address.lower()) == key
                assert touch_of_address(TOKENS, what, address.upper()) == key
            assert touch_of_address(TOKENS, LocalPart.BOUNCE, reply.replace("reply+", "bounce+")) is None
            assert touch_of_address(TOKENS, LocalPart.REPLY, reply[:20] + "a" + reply[21:]) is None

    run(scenario())


def test_without_domains_of_ours_answers_go_to_the_sender(house: House) -> None:
    house.domains = Domains()

    async def scenario() -> None:
        async with Sink() as sink:
            house.enter(ANNA)
            await house.deliver(sink)
            assert "Reply-To" not in read(sink.taken[0])
            assert sink.taken[0].mail_from == "bonjour@exemple.example"

    run(scenario())


def test_the_intent_fixes_the_bytes_that_left(house: House) -> None:
    async def scenario() -> None:
        async with Sink() as sink:
            house.enter(ANNA)
            await house.deliver(sink)
            row = house.outbox()[ANNA]
            assert row.sha256 == hashlib.sha256(sink.taken[0].data).hexdigest()
            assert row.message_id == f"{row.key}@exemple.example"
            assert row.slots == {"first_name": "Anna"}
            assert row.date == house.now
            with house.db.read() as c:
                assert load_composition(c, row.composition) is not None

    run(scenario())


def test_a_confirmation_asks_with_a_link_that_names_contact_and_form(house: House) -> None:
    async def scenario() -> None:
        async with Sink() as sink:
            house.take_in(ANNA)
            house.post((ANNA, a_form("démo & café", confirm=True)))
            house.decide()
            assert await house.deliver(sink) == Report(claimed=1, sent=1)
            message = read(sink.taken[0])
            (token,) = {token for kind, token, _ in LINK.findall(text_of(message)) if kind == "confirm"}
            with house.db.read() as c:
                key = c.execute(select(contacts.c.key)).scalar_one()
            assert read_confirm_token(TOKENS, token) == (key, "démo & café")
            assert "Préparer votre démonstration" in text_of(message), "the form is called as people know it"
            assert "List-Unsubscribe" not in message
            assert message["Auto-Submitted"] == "auto-generated"
            with house.db.read() as c:  # made for one person: kept nowhere
                assert load_composition(c, house.outbox()[ANNA].composition) is None

    run(scenario())


def test_a_hand_off_gives_its_owner_the_reasons_and_a_way_to_answer(house: House) -> None:
    rule = ProspectRule(engaged(20), "sales", hours(4), "tofu", hours(24))
    campaign = a_program(a_stage("tofu", send("guide")), prospect=rule)
    house.world = a_world(campaign, catalogue={"guide": GUIDE})

    async def scenario() -> None:
        async with Sink() as sink:
            house.enter(ANNA, anna={"first_name": "Anna", "last_name": "Müller", "company": "Exemple & Fils"})
            await house.deliver(sink)
            house.decide()
            house.post((ANNA, Signalled("d1", house.now, SignalKind.DOWNLOADED, "guide")))
            house.decide()
            assert await house.deliver(sink) == Report(claimed=1, sent=1)
            taken = sink.taken[-1]
            message = read(taken)
            with house.db.read() as c:
                offered = c.execute(select(hand_offs)).one()
            assert taken.rcpt_to == offered.owner
            assert "Anna Müller" in message["Subject"]
            assert "Exemple & Fils" in text_of(message)
            assert "a téléchargé guide" in text_of(message)
            links = {(kind, what): token for kind, token, what in LINK.findall(text_of(message))}
            for what in ("accept", "reject"):
                assert read_hand_off_token(TOKENS, links["handoff", what]) == offered.key

    run(scenario())


def test_an_invitation_brings_an_entry_for_the_calendar_whose_uid_is_the_contacts_own(house: House) -> None:
    begins = house.now + timedelta(days=3)
    talk = a_content("talk", kind="webinar", starts_at=begins, ends_at=begins + timedelta(hours=1), moved=1)
    house.world = a_world(a_program(a_stage("tofu", invite("talk"))), catalogue={"talk": talk})

    async def scenario() -> None:
        async with Sink() as sink:
            house.enter(ANNA, BRUNO)
            await house.deliver(sink)
            house.decide()
            house.post((ANNA, Signalled("r1", house.now, SignalKind.REGISTERED, "talk")))
            house.decide()
            house.now = begins - timedelta(days=1)
            house.decide()
            assert await house.deliver(sink) == Report(claimed=1, sent=1)
            *first, reminder = (read(taken) for taken in sink.taken)
            invited = next(message for message in first if ANNA in message["To"])
            assert reminder["In-Reply-To"] == invited["Message-ID"]
            assert reminder["Subject"] == f"Re: {invited['Subject']}"
            assert "Vous êtes inscrit" in text_of(reminder)
            entries = [entry_of(message) for message in (*first, reminder)]
            assert {(entry["DTSTART"].dt, entry["SEQUENCE"]) for entry in entries} == {(begins, 1)}
            assert len({str(entry["UID"]) for entry in entries}) == 2
            assert str(entry_of(reminder)["UID"]) == str(entry_of(invited)["UID"])

    run(scenario())


def entry_of(message: EmailMessage) -> Any:
    """The event in the attached calendar."""
    (attached,) = message.iter_attachments()
    (event,) = Calendar.from_ical(attached.get_payload(decode=True)).walk("VEVENT")
    return event


def test_a_team_is_told_of_the_contact_with_the_words_of_the_campaign(house: House) -> None:
    campaign = a_program(a_stage("tofu", Notify("notify", "sales", "À rappeler vite")))
    house.world = a_world(campaign)

    async def scenario() -> None:
        async with Sink() as sink:
            house.enter(ANNA, anna={"first_name": "Anna", "last_name": "Müller", "phone": "+33 1 23 45"})
            assert await house.deliver(sink) == Report(claimed=2, sent=2)
            assert {taken.rcpt_to for taken in sink.taken} == {"anne@exemple.example", "bruno@exemple.example"}
            message = read(sink.taken[0])
            assert "Anna Müller" in message["Subject"]
            assert message["List-Unsubscribe"] is None
            for words in ("À rappeler vite", ANNA, "+33 1 23 45"):
                assert words in text_of(message)

    run(scenario())


def test_a_name_cannot_forge_a_header(house: House) -> None:
    (message,) = sent_to(house, ANNA)
    assert message["To"] == "Anna <anna@contact.example>"

    async def scenario() -> None:
        async with Sink() as sink:
            house.enter(BRUNO, bruno={"first_name": "B\r\nBcc: all@contact.example"})
            await house.deliver(sink)
            for taken in sink.taken:
                assert "Bcc" not in read(taken)

    run(scenario())


def test_the_same_mail_is_compiled_once_and_a_new_world_compiles_it_anew(house: House) -> None:
    async def scenario() -> None:
        async with Sink() as sink, house.delivery(sink) as delivery:
            house.enter(ANNA)
            await delivery.run_once(house.now)
            house.world = replace(the_world("Un autre sujet"), hash="w2")
            house.enter(BRUNO)
            await delivery.run_once(house.now)
            assert [read(taken)["Subject"] for taken in sink.taken] == ["Votre guide, Anna", "Un autre sujet"]

    run(scenario())


def test_a_notice_has_a_sender_even_before_the_first_campaign() -> None:
    library = Library(a_world(), {})
    assert library.sender_for("fr").address
