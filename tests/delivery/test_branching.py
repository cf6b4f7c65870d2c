"""Mails that branch on what is known of a contact, from the outbox to the mailbox."""

import time
from datetime import timedelta

import pytest

from nurture.content.bounded import BoundedCompiler
from nurture.content.skeleton import Skeleton
from nurture.core.words import Gate
from nurture.delivery.compose import Composer
from nurture.delivery.deliver import Delivery
from nurture.delivery.recording import Report
from nurture.providers.smtp import SmtpTransport
from nurture.storage.compositions import load_composition
from tests.builders import a_form
from tests.content.builders import a_template
from tests.delivery.harness import BASE_URL, TOKENS, House, addresses, read, run, the_world
from tests.sinks.scripted import Answer, Sink, Taken

pytestmark = pytest.mark.smtp

ANNA, BRUNO, CLARA = addresses(["anna", "bruno", "clara"])
BODY = """
{% if contact.company == "Banque" %}<p>Pour les banques.</p>
<p><a href="https://exemple.example/banques">Lire</a></p>
{% elif contact.company %}<p>Pour {{ contact.company | replace("SA", "") | trim }}, {{ contact.first_name }}.</p>
{% else %}<p>Pour tous.</p>{% endif %}
"""
BOMB = """
{% if contact.first_name == "Poison" %}
{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}{% endif %}
"""
UNINTERRUPTED = '{% if contact.first_name == "Poison" %}{% set n = 9 %}{{ 9 ** (9 ** n) }}{% endif %}'
GREEDY = '{% if contact.first_name == "Poison" %}{% set n = 500000000 %}{{ "a" * n }}{% endif %}'
DEADLY = '{% if contact.first_name == "Poison" %}{% for i in range(20000) %}<div>{% endfor %}{% endif %}'


def branching(house: House, more: str = "") -> None:
    """The white paper says something else to a bank."""
    house.templates["white_paper.fr.mjml"] = a_template(BODY + more)


def parts(taken: Taken) -> tuple[str, str]:
    message = read(taken)
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    return text.get_content(), html.get_content()


def test_each_is_sent_the_words_for_them(house: House) -> None:
    branching(house)
    house.world = the_world(
        "{{ 'Banques' if contact.company == 'Banque' else 'Votre guide' }}, {{ contact.first_name }}"
    )

    async def scenario() -> None:
        async with Sink() as sink:
            house.enter(
                ANNA,
                BRUNO,
                CLARA,
                anna={"first_name": "Anna", "company": "Banque"},
                bruno={"first_name": "Bruno", "company": "<Aciers> SA"},
            )
            assert await house.deliver(sink) == Report(claimed=3, sent=3)
            mails = {taken.rcpt_to: taken for taken in sink.taken}
            text, html = parts(mails[ANNA])
            assert "Pour les banques." in text
            assert "Pour les banques." in html
            assert "https://exemple.example/banques" not in html, "the link of a branch is counted too"
            assert read(mails[ANNA])["Subject"] == "Banques, Anna"
            text, html = parts(mails[BRUNO])
            assert "Pour <Aciers>, Bruno." in text
            assert "Pour &lt;Aciers&gt;, Bruno." in html
            text, html = parts(mails[CLARA])
            assert "Pour tous." in text
            assert read(mails[CLARA])["Subject"] == "Votre guide, Clara"
            assert all("/u/" in parts(mail)[1] for mail in mails.values())

    run(scenario())


@pytest.mark.parametrize("bomb", [BOMB, UNINTERRUPTED, GREEDY, DEADLY], ids=["loops", "power", "memory", "nesting"])
def test_one_poisonous_contact_stands_alone(house: House, bomb: str) -> None:
    branching(house, bomb)
    people = addresses([f"person{n}" for n in range(16)])
    poisoned = people[7]
    fields = {who.partition("@")[0]: {"first_name": who.partition("@")[0]} for who in people}

    async def scenario() -> None:
        async with Sink() as sink:
            house.enter(*people, **(fields | {"person7": {"first_name": "Poison"}}))
            began = time.monotonic()
            assert await house.deliver(sink) == Report(claimed=16, sent=15, withheld=1)
            assert time.monotonic() - began < 10
            row = house.outbox()[poisoned]
            assert row.gate == Gate.FAULT
            assert "white_paper.fr.mjml" in row.detail
            assert {taken.rcpt_to for taken in sink.taken} == set(people) - {poisoned}

    run(scenario())


def test_a_mail_that_is_bad_for_everybody_costs_its_bound_a_few_times_only(house: House) -> None:
    branching(house, BOMB.replace('== "Poison"', '!= ""'))
    people = addresses([f"person{n}" for n in range(16)])

    async def scenario() -> None:
        async with Sink() as sink:
            house.enter(*people)
            began = time.monotonic()
            report = await house.deliver(sink)
            assert time.monotonic() - began < 12
            assert report == Report(claimed=16, withheld=16)
            assert not sink.taken

    run(scenario())


def test_a_retry_makes_the_same_message(house: House) -> None:
    branching(house)

    async def scenario() -> None:
        async with Sink(script={BRUNO: [Answer("DOT", "451 4.3.0 later")]}) as sink:
            house.enter(BRUNO, bruno={"first_name": "Bruno", "company": "Acier SA"})
            assert await house.deliver(sink) == Report(claimed=1, retried=1)
            row = house.outbox()[BRUNO]
            assert sorted(row.slots.values()) == ["Acier", "Bruno"]
            house.now = row.due_at
            assert await house.deliver(sink) == Report(claimed=1, sent=1)
            first, second = sink.taken
            assert first.data == second.data
            assert row.sha256 == house.outbox()[BRUNO].sha256

    run(scenario())


def test_a_link_within_a_branch_leads_where_it_was_to_lead(house: House) -> None:
    branching(house)

    async def scenario() -> None:
        async with Sink() as sink:
            house.enter(ANNA, anna={"first_name": "Anna", "company": "Banque"})
            await house.deliver(sink)
            with house.db.read() as c:
                stored = load_composition(c, house.outbox()[ANNA].composition)
            assert stored is not None
            assert "https://exemple.example/banques" in {link.url for link in Skeleton.from_json(stored).links}

    run(scenario())


def test_a_relance_keeps_the_subject_that_the_contact_was_sent(house: House) -> None:
    branching(house)
    house.world = the_world("{{ 'Banques' if contact.company == 'Banque' else 'Votre guide' }}")

    async def scenario() -> None:
        async with Sink() as sink:
            house.enter(ANNA, BRUNO, anna={"first_name": "Anna", "company": "Banque"})
            await house.deliver(sink)
            house.now += timedelta(days=1)
            house.decide()
            house.now += timedelta(minutes=1)
            await house.deliver(sink)
            subjects = {(taken.rcpt_to, read(taken)["Subject"]) for taken in sink.taken[2:]}
            assert subjects == {(ANNA, "Re: Banques"), (BRUNO, "Re: Votre guide")}

    run(scenario())


def test_a_notice_may_branch_too(house: House) -> None:
    name = "confirmation.fr.mjml"
    more = "{% if contact.first_name == 'Anna' %}{% set opening = ['Bonjour Anna !'] %}{% endif %}"
    house.templates[name] = house.templates[name] + more

    async def scenario() -> None:
        async with Sink() as sink:
            house.take_in(ANNA, BRUNO)
            house.post(*((who, a_form("démo & café", confirm=True)) for who in (ANNA, BRUNO)))
            house.decide()
            assert await house.deliver(sink) == Report(claimed=2, sent=2)
            texts = {taken.rcpt_to: parts(taken)[0] for taken in sink.taken}
            assert {who for who, text in texts.items() if "Bonjour Anna" in text} == {ANNA}

    run(scenario())


def test_slots_alone_start_no_process_for_their_contacts(house: House) -> None:
    async def scenario() -> None:
        async with Sink() as sink:
            house.enter(ANNA)
            compiler = BoundedCompiler()
            composer = Composer(TOKENS, BASE_URL, house.domains, compiler=compiler)
            transport = SmtpTransport(sink.server, connections=1)
            delivery = Delivery(house.db, house.library, transport, composer)
            assert await delivery.run_once(house.now) == Report(claimed=1, sent=1)
            compiler.close()
            house.enter(BRUNO, CLARA)
            assert await delivery.run_once(house.now) == Report(claimed=2, sent=2)
            assert compiler.pid is None
            await transport.close()

    run(scenario())


def test_what_was_decided_for_one_is_not_asked_for_the_next(house: House) -> None:
    branching(house)

    async def scenario() -> None:
        async with Sink() as sink:
            house.enter(ANNA, anna={"first_name": "Anna", "company": "Banque"})
            compiler = BoundedCompiler()
            composer = Composer(TOKENS, BASE_URL, house.domains, compiler=compiler)
            transport = SmtpTransport(sink.server, connections=1)
            delivery = Delivery(house.db, house.library, transport, composer)
            assert await delivery.run_once(house.now) == Report(claimed=1, sent=1)
            compiler.close()
            house.enter(BRUNO, bruno={"first_name": "Bruno", "company": "Banque"})
            assert await delivery.run_once(house.now) == Report(claimed=1, sent=1)
            assert compiler.pid is None, "whoever works for a bank is sent what is known for banks"
            await transport.close()

    run(scenario())
