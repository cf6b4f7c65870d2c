"""A mail that cannot be made: tried three times, set aside for that contact alone, told in a sentence, and released."""

import asyncio
import time
from datetime import timedelta

import pytest

from nurture.authoring.bundle import read_bundle
from nurture.content.tokens import Tokens
from nurture.core.events import Submitted
from nurture.delivery.compose import Composer, Domains
from nurture.delivery.deliver import Delivery
from nurture.delivery.recording import Report
from nurture.engine.worlds import Worlds
from nurture.planning.apply import apply_bundle
from nurture.providers.smtp import SmtpTransport
from nurture.storage.contacts import find_contact
from nurture.storage.database import Database
from nurture.storage.inbox import post_events
from tests.cli.shell import Shell, told_well
from tests.sinks.scripted import Sink

pytestmark = pytest.mark.smtp

ANNE, BOB, CLEO = PEOPLE = ("anne@a.example", "bob@b.example", "cleo@c.example")
TEMPLATE = "email_templates/white_paper.fr.mjml"
GREETING = "{{ contact.first_name | default('') }}"


def project(shell: Shell, *people: str) -> None:
    """A campaign applied, and these contacts on their way in it; Bob has no company."""
    shell("apply", "--yes")
    rows = [f"{who},{who.partition('@')[0].title()},{'' if who == BOB else 'Acme'}\n" for who in people]
    shell.write("people.csv", "email,prénom,société\n" + "".join(rows))
    shell("contacts", "import", "people.csv", "--basis", "opt_in", "--source", "fair")
    for who in people:
        assert shell("contacts", "enrol", who, "welcome").code == 0
    shell.work()


def add_to_mail(shell: Shell, words: str) -> None:
    """Write these words into the white paper's subject."""
    text = (shell.folder / TEMPLATE).read_text()
    shell.write(
        TEMPLATE,
        text.replace("{% set subject =", "{% set ours %}" + words + "{% endset %}\n{% set subject = ours ~", 1),
    )


def submit_form(shell: Shell, *people: str) -> None:
    """Each filled a form whose address is still to be confirmed."""
    db, now = Database.open(shell.url), shell.clock.now()
    with db.begin() as c:
        found = [find_contact(c, who) for who in people]
        post_events(
            c, [(one.id, Submitted(f"form:{one.key}", now, "audit", confirm=True)) for one in found if one], now
        )
    db.close()
    shell.work()


def deliver(shell: Shell) -> tuple[Report, list[str]]:
    """What a worker would send by now, and to whom; decided afterwards."""

    async def scenario() -> tuple[Report, list[str]]:
        db = Database.open(shell.url)
        async with Sink() as sink, asyncio.timeout(30):
            transport = SmtpTransport(sink.server, connections=2)
            composer = Composer(Tokens(b"secret of the tests, long enough"), "https://x.example", Domains())
            report = await Delivery(db, Worlds(db).library, transport, composer).run_all(shell.clock.now())
            await transport.close()
        db.close()
        return report, sorted(taken.rcpt_to for taken in sink.taken)

    found = asyncio.run(scenario())
    shell.work()
    return found


def strike_out(shell: Shell) -> None:
    """The two attempts that follow the first."""
    for wait in (timedelta(hours=1), timedelta(hours=4)):
        shell.clock.advance(wait + timedelta(minutes=1))
        shell.work()
        assert deliver(shell)[0] == Report(claimed=1, withheld=1)
    shell.clock.advance(timedelta(hours=18, minutes=58))  # the next morning
    shell.work()
    assert deliver(shell)[0] == Report(), "it is set aside"


def test_a_bad_value_sets_one_contact_aside_until_a_person_has_mended_it(on_both: Shell) -> None:
    shell = on_both
    shell.add_files()
    add_to_mail(shell, "{{ contact.company }} ")
    project(shell, *PEOPLE)
    assert deliver(shell) == (Report(claimed=3, sent=2, withheld=1), [ANNE, CLEO])
    strike_out(shell)

    (one,) = shell("status", "--json").data["set_aside"]["first"]
    assert (one["address"], one["campaign"]) == (BOB, "welcome")
    assert one["problem"].startswith('The contact has no "company"')
    told = shell("status").told
    assert "1 contact set aside" in told
    assert f'{BOB} welcome {one["step"]} The contact has no "company"' in told
    for command in (("explain", BOB), ("contacts", "show", BOB)):
        told = shell(*command).told
        assert f'Set aside at {one["step"]}: The contact has no "company"' in told
        assert f"`nurture contacts resume {BOB}`" in told
    told = shell("explain", BOB).told
    assert told.count('The message could not be made: The contact has no "company"') == 3
    assert "set aside: it failed three times." in told
    assert shell("explain", ANNE, "--json").data["set_aside"] == []

    shell.write("mended.csv", f"email,société\n{BOB},Beta\n")
    shell("contacts", "import", "mended.csv", "--basis", "opt_in", "--source", "fair")
    assert shell("contacts", "resume", BOB).code == 0
    shell.work()
    assert deliver(shell) == (Report(claimed=1, sent=1), [BOB])
    assert shell("status", "--json").data["set_aside"] == {"count": 0, "first": []}


def test_whoever_is_released_in_vain_is_set_aside_again_after_three_more(on_both: Shell) -> None:
    shell = on_both
    shell.add_files()
    add_to_mail(shell, "{{ contact.company }} ")
    project(shell, BOB)
    for _ in range(2):
        assert deliver(shell)[0] == Report(claimed=1, withheld=1)
        strike_out(shell)
        assert shell("status", "--json").data["set_aside"]["count"] == 1
        shell("contacts", "resume", BOB)
        shell.work()


def test_all_set_aside_are_released_at_once_and_holds_stay(on_both: Shell) -> None:
    shell = on_both
    shell.add_files()
    project(shell, *PEOPLE)
    add_to_mail(shell, "{{ contact.last_name }} ")
    shell("apply", "--yes")
    assert deliver(shell)[0] == Report(claimed=3, withheld=3)
    for wait in (timedelta(hours=1), timedelta(hours=4)):
        shell.clock.advance(wait + timedelta(minutes=1))
        shell.work()
        assert deliver(shell)[0] == Report(claimed=3, withheld=3)
    assert shell("status", "--json").data["set_aside"]["count"] == 3
    shell("contacts", "hold", CLEO)
    shell.work()
    shell.edit(TEMPLATE, "{{ contact.last_name }}", "{{ contact.last_name | default('Madame, Monsieur') }}")
    shell("apply", "--yes")
    assert "3 contacts set aside before: they go on." in shell("contacts", "resume", "--set-aside").told
    shell.clock.advance(timedelta(hours=19))
    shell.work()
    assert deliver(shell) == (Report(claimed=2, sent=2), [ANNE, BOB])
    told = shell("status", "--json").data
    assert told["set_aside"]["count"] == 0
    assert "0 contacts set aside before" in shell("contacts", "resume", "--set-aside").told
    for wrong in ((), (ANNE, "--set-aside")):
        assert told_well(shell("contacts", "resume", *wrong), "Name one contact, or write --set-aside")


def test_a_confirmation_that_could_not_be_made_is_listed_until_it_is_mended_and_tried_again(on_both: Shell) -> None:
    shell = on_both
    shell.add_files()
    template = "email_templates/confirmation.fr.mjml"
    shell.edit(template, '"Bonjour"', '"Bonjour " ~ contact.company')
    project(shell)
    shell.write("people.csv", f"email,société\n{ANNE},Acme\n{BOB},\n{CLEO},\n")
    shell("contacts", "import", "people.csv", "--basis", "legitimate_interest", "--source", "fair")
    submit_form(shell, *PEOPLE)
    assert deliver(shell) == (Report(claimed=3, sent=1, withheld=2), [ANNE])
    listed = shell("status", "--json").data["unmade"]
    assert listed["count"] == 2
    assert {(one["purpose"], one["contact"], one["recipient"]) for one in listed["first"]} == {
        ("confirmation", who, who) for who in (BOB, CLEO)
    }
    told = shell("status").told
    assert "2 notices could not be made" in told
    assert f'confirmation about {BOB} to {BOB} The contact has no "company"' in told
    assert (
        f'The confirmation mail to {BOB} could not be made: The contact has no "company"' in shell("explain", BOB).told
    )

    assert shell("contacts", "resume", BOB).told == f"{BOB} goes on."
    shell.work()
    assert deliver(shell) == (Report(claimed=1, withheld=1), []), "in vain: listed again"
    assert shell("status", "--json").data["unmade"]["count"] == 2
    shell.edit(template, '"Bonjour " ~ contact.company', '"Bonjour"')
    shell("apply", "--yes")
    assert "2 notices that could not be made: tried again." in shell("contacts", "resume", "--set-aside").told
    assert deliver(shell) == (Report(claimed=2, sent=2), [BOB, CLEO])
    assert shell("status", "--json").data["unmade"] == {"count": 0, "first": []}
    assert shell("explain", BOB, "--json").data["unmade"] == []


def test_a_bomb_that_was_applied_all_the_same_sets_its_step_aside_and_delays_nobody(on_both: Shell) -> None:
    shell = on_both
    shell.add_files()
    project(shell, ANNE)
    add_to_mail(shell, "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}")
    db = Database.open(shell.url)
    apply_bundle(db, read_bundle(shell.folder / "campaigns", shell.folder / "email_templates"), shell.clock.now())
    db.close()
    began = time.monotonic()
    assert deliver(shell)[0] == Report(claimed=1, withheld=1)
    assert time.monotonic() - began < 6
    strike_out(shell)
    (one,) = shell("status", "--json").data["set_aside"]["first"]
    line = shell.line_of(TEMPLATE, "{% set ours %}")
    assert one["problem"].startswith(f"white_paper.fr.mjml:{line}  This takes more than 3 seconds")

    shell.edit(TEMPLATE, "range(99999)", "range(2)")
    shell.edit(TEMPLATE, "range(99999)", "range(2)")
    assert shell("apply", "--yes").code == 0
    shell("contacts", "resume", ANNE)
    shell.work()
    assert deliver(shell) == (Report(claimed=1, sent=1), [ANNE])


@pytest.mark.parametrize(
    ("bomb", "words"),
    [
        ("{{ 'a' * 500000000 }}", "This needs more than 256 MB of memory"),
        ("{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}", "more than 3 seconds"),
        ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "This calls or includes itself"),
        ("{{ ''.__class__.__mro__ }}", 'There is no "__class__" here'),
    ],
)
def test_the_check_points_at_a_bomb_in_a_template_and_in_a_subject(shell: Shell, bomb: str, words: str) -> None:
    shell.add_files()
    text = (shell.folder / TEMPLATE).read_text()
    add_to_mail(shell, bomb)
    answer = shell("check")
    assert told_well(answer, f"{TEMPLATE}:{shell.line_of(TEMPLATE, bomb)}:", words)
    assert answer.code == 1
    shell.write(TEMPLATE, text)
    assert shell("check").code == 0
    campaign = "campaigns/welcome.yaml"
    shell.edit(campaign, "- send: guide\n", f'- send: guide\n        subject: "{bomb}"\n')
    assert told_well(shell("check"), f"{campaign}:{shell.line_of(campaign, 'subject:')}:", words)


def test_a_bomb_in_the_layout_is_not_tried_in_every_mail(shell: Shell) -> None:
    shell.add_files()
    layout = "email_templates/layout.mjml"
    bomb = "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}\n"
    shell.write(layout, bomb + (shell.folder / layout).read_text())
    began = time.monotonic()
    assert told_well(shell("check"), f"{layout}:1:", "more than 3 seconds")
    assert time.monotonic() - began < 25


def test_a_template_of_ten_megabytes_is_refused_for_its_size(shell: Shell) -> None:
    shell.add_files()
    shell.write(TEMPLATE, "x" * 10_000_000)
    assert told_well(shell("check"), f"{TEMPLATE}:1:", "(C002)")
