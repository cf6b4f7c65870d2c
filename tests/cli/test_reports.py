"""What people are told of the state of things: status, prospects, why a contact is where it is."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, select, update

from nurture.core.events import ProfileChanged, Replied, Sent, Signalled
from nurture.core.words import Intent, SignalKind
from nurture.storage.contacts import find_contact
from nurture.storage.database import Database
from nurture.storage.inbox import post_events
from nurture.storage.receipts import NotUnderstood, Receipt, claim_receipts, receive, settle_receipts
from nurture.storage.tables import agenda, deliveries, outbox
from tests.authoring.builders import CAMPAIGN
from tests.cli.shell import Shell, told_well


@pytest.fixture
def lived(on_both: Shell) -> Shell:
    """Anne was sent the guide and downloaded it; Bob replied with interest, and is a prospect."""
    shell = on_both
    shell.add_files()
    shell("apply", "--yes")
    shell.write("people.csv", "email,prénom,société\nanne@a.example,Anne,Acme\nbob@b.example,Bob,[bold]Beta\n")
    shell("contacts", "import", "people.csv", "--basis", "opt_in", "--source", "fair")
    for who in ("anne@a.example", "bob@b.example"):
        assert shell("contacts", "enrol", who, "welcome").code == 0
    shell.work()
    happen(shell)
    return shell


def happen(shell: Shell) -> None:
    """What delivery, the web and a mailbox would report."""
    now = shell.clock.advance(timedelta(hours=1))
    (touch,) = shell("contacts", "show", "anne@a.example", "--json").data["touches"]
    db = Database.open(shell.url)
    with db.begin() as c:
        anne, bob = find_contact(c, "anne@a.example"), find_contact(c, "bob@b.example")
        assert anne is not None
        assert bob is not None
        download = Signalled("d1", now + timedelta(minutes=1), SignalKind.DOWNLOADED, "guide")
        post_events(c, [(anne.id, Sent("s1", now, touch["key"])), (anne.id, download)], now)
        post_events(c, [(bob.id, Replied("r1", now, Intent.INTERESTED))], now)
    db.close()
    shell.clock.advance(timedelta(minutes=5))
    shell.work()


def test_the_status_says_for_how_many_a_stage_has_nothing_left(on_both: Shell) -> None:
    on_both.add_files()
    on_both.edit(CAMPAIGN, "      - send: guide\n      - wait: 3 days\n      - relance: guide\n", "      - tag: seen\n")
    assert on_both("apply", "--yes").code == 0
    on_both.write("people.csv", "email\nanne@a.example\nbob@b.example\n")
    on_both("contacts", "import", "people.csv", "--basis", "existing-customer", "--source", "fair")
    for who in ("anne@a.example", "bob@b.example"):
        on_both("contacts", "enrol", who, "welcome")
    on_both.work()
    assert "Out of content: 2 contacts (welcome tofu 2)" in on_both("status").told


def test_the_status_counts_contacts_funnel_outbox_and_hand_offs(lived: Shell) -> None:
    found = lived("status", "--json").data
    assert found["contacts"] == {"lead": 1, "prospect": 1}
    assert {(one["campaign"], one["stage"], one["count"]) for one in found["enrolments"]} == {
        ("welcome", "bofu", 1),
        ("welcome", "tofu", 1),
    }
    assert found["hand_offs"] == {"offered": 1}
    assert found["due"] == 0
    assert list(found["applied"]) == ["welcome"]
    told = lived("status").told
    assert "Contacts: 2 (1 lead, 1 prospect)" in told
    assert "Due now: 0 contacts" in told


def test_the_status_tells_how_many_mails_left_on_each_day_of_a_week(lived: Shell) -> None:
    db = Database.open(lived.url)
    with db.begin() as c:
        held = c.execute(select(outbox.c.key, outbox.c.contact_id)).first()
        assert held is not None
        about = {"contact_id": held.contact_id, "outcome": "sent", "detail": ""}
        left = [datetime(2027, 3, 1, 1, tzinfo=UTC) - timedelta(days=days) for days in (0, 0, 3, 30)]
        c.execute(
            insert(deliveries), [about | {"key": held.key, "attempt": 90 + n, "at": at} for n, at in enumerate(left)]
        )
    db.close()
    assert lived("status", "--json").data["sent"] == {"2027-02-26": 1, "2027-03-01": 2}
    assert "Mails that left within 7 days (UTC): 3 (1 on 2027-02-26, 2 on 2027-03-01)" in lived("status").told


def test_prospects_are_listed_with_the_reasons_to_call(lived: Shell) -> None:
    (prospect,) = lived("prospects", "--json").data
    assert (prospect["address"], prospect["state"], prospect["owner"]) == (
        "bob@b.example",
        "offered",
        "claire@exemple.example",
    )
    assert prospect["reasons"][0].startswith("Prospect: engagement")
    told = lived("prospects", "--lang", "fr").told
    assert "Bob · [bold]Beta · bob@b.example" in told
    assert "- Prospect : engagement" in told


def test_why_a_contact_is_where_it_is_is_explained(lived: Shell) -> None:
    line = lived.line_of("campaigns/welcome.yaml", "send: guide")
    told = lived("explain", "anne@a.example").told
    assert "Put into welcome by a person." in told
    assert f"“guide” goes to the outbox. [welcome campaigns/welcome.yaml:{line}]" in told
    assert "The contact downloaded guide" in told
    assert "Moves on from tofu to bofu." in told
    french = lived("explain", "anne@a.example", "--lang", "fr").told
    assert "Passe de tofu à bofu." in french
    assert "Le contact a téléchargé guide" in french


def test_the_entries_of_the_ledger_sum_up_to_the_engagement(lived: Shell) -> None:
    found = lived("explain", "anne@a.example", "--json").data
    ledger = found["ledger"]
    assert sum(entry["remaining"] for entry in ledger["entries"]) == ledger["total"] == found["engagement"] == 10_000
    lived.clock.advance(timedelta(days=30))
    faded = lived("explain", "anne@a.example", "--json").data
    assert sum(entry["remaining"] for entry in faded["ledger"]["entries"]) == faded["engagement"] == 5_000


def test_what_holds_a_contact_and_what_comes_next_is_told(lived: Shell) -> None:
    lived.clock.advance(timedelta(hours=12))  # beyond the sending hours
    lived.write("more.csv", "email\ncarl@c.example\n")
    lived("contacts", "import", "more.csv", "--basis", "opt_in", "--source", "fair")
    lived("contacts", "enrol", "carl@c.example", "welcome")
    lived.work()
    found = lived("explain", "carl@c.example", "--json").data
    (campaign,) = found["campaigns"]
    line = lived.line_of("campaigns/welcome.yaml", "send: guide")
    assert (campaign["position"], campaign["place"]) == ("slotted", f"campaigns/welcome.yaml:{line}")
    assert campaign["until"] == found["next_at"] == "2027-03-02T07:00:00+00:00"
    told = lived("explain", "carl@c.example").told
    assert "outside sending hours, until" in told
    assert "Next: 2027-03-02 07:00 UTC." in told


def test_a_hold_is_told_with_its_end(lived: Shell) -> None:
    lived("contacts", "hold", "anne@a.example", "--until", "2027-03-10")
    lived.work()
    found = lived("explain", "anne@a.example", "--json").data
    assert found["holds"] == [{"kind": "paused", "until": "2027-03-10T00:00:00+00:00"}]
    assert "On hold: paused, until 2027-03-10 00:00 UTC." in lived("explain", "anne@a.example").told


def test_every_decision_of_the_journal_has_a_sentence(lived: Shell) -> None:
    for who in ("anne@a.example", "bob@b.example"):
        for language in ("fr", "en"):
            journal = lived("explain", who, "--json", "--lang", language).data["journal"]
            assert journal, who
            assert [entry["n"] for entry in journal] == list(range(1, len(journal) + 1))
            for entry in journal:
                assert entry["because"]
                assert entry["happened"] not in ("", entry["event"])
                assert all(reason["sentence"] != reason["reason"] for reason in entry["because"])


def test_words_of_strangers_neither_colour_nor_move_the_screen(shell: Shell, sqlite_db: Database) -> None:
    shell.write("people.csv", "email,company\nanne@a.example,Acme\n")
    shell("contacts", "import", "people.csv", "--basis", "opt_in", "--source", "fair")
    with sqlite_db.begin() as c:
        anne = find_contact(c, "anne@a.example")
        assert anne is not None
        fields = {"company": "[red]Acme[/red]", "job_title": "\x1b[2J\x1b]0;owned\x07"}
        post_events(c, [(anne.id, ProfileChanged("p", shell.clock.now(), fields))], shell.clock.now())
    shell.add_files()
    shell("apply", "--yes")
    shell.work()
    answer = shell("contacts", "show", "anne@a.example")
    assert "\x1b" not in answer.out
    assert "[red]Acme[/red]" in answer.out


def test_before_anything_happened_everything_is_told_calmly(shell: Shell) -> None:
    assert "No campaign has been applied yet: run `nurture apply`." in shell("status").told
    assert "No prospects yet" in shell("prospects").told
    assert shell("prospects", "--json").data == []
    assert told_well(shell("explain", "anne@a.example"), "There is no contact")


def test_keys_are_shown_once_listed_and_revoked(on_both: Shell) -> None:
    made = on_both("keys", "create", "website")
    assert made.out.startswith("nurture_")
    assert told_well(on_both("keys", "create", "website"), "There is a key named 'website' already")
    listed = on_both("keys", "list")
    assert "website" in listed.told
    assert made.out.strip() not in listed.told
    assert on_both("keys", "revoke", "website").code == 0
    assert told_well(on_both("keys", "revoke", "website"), "revoked already")
    assert told_well(on_both("keys", "revoke", "other"), "There is no key named 'other'")
    assert on_both("keys", "list", "--json").data[0]["revoked_at"] == "2027-03-01T08:00:00+00:00"


def test_the_database_is_made_upgraded_and_taken_back(empty: Shell) -> None:
    assert empty("db", "upgrade").code == 0
    assert empty("db", "upgrade").code == 0
    found = empty("db", "current", "--json")
    assert (found.code, found.data["pending"]) == (0, [])
    assert told_well(empty("db", "downgrade", "nowhere", "--yes"), "nowhere")
    assert empty("db", "downgrade", "base", "--yes").code == 0
    behind = empty("db", "current", "--json")
    assert (behind.code, behind.data["revision"]) == (1, None)
    assert told_well(empty("status"), "run `nurture db upgrade`")


def test_the_tables_are_taken_back_on_a_server_too(
    empty: Shell, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NURTURE_DATABASE_URL", postgres_url)
    assert told_well(empty("status"), "run `nurture db upgrade`")
    assert empty("db", "upgrade").code == 0
    assert empty("status").code == 0
    assert empty("db", "downgrade", "base", "--yes").code == 0


def test_messages_that_may_have_gone_out_are_listed_for_a_person(lived: Shell) -> None:
    db = Database.open(lived.url)
    with db.begin() as c:
        c.execute(update(outbox).values(state="unknown", due_at=None, message_id="m1@exemple.example"))
        c.execute(update(agenda).values(strikes=3, problem="cannot be decided: ValueError: no"))
    db.close()
    found = lived("status", "--json").data
    assert {one["message_id"] for one in found["unknown"]} == {"m1@exemple.example"}
    told = lived("status").told
    assert "may or may not have gone out" in told
    assert "… and" not in told, "all of them are named"
    assert "anne@a.example tofu/send:guide#1 Message-ID m1@exemple.example" in told
    assert "3 times: cannot be decided: ValueError: no" in told


def test_what_was_received_and_not_understood_is_listed_with_the_reason(lived: Shell) -> None:
    db = Database.open(lived.url)
    with db.begin() as c:
        now = lived.clock.now()
        receive(c, [Receipt("postmark", "k1", b"{"), Receipt("postmark", "k2", b"[]")], now)
        held = claim_receipts(c, now, 10, timedelta(minutes=1))
        sentences = [NotUnderstood(one.id, f"No JSON in {one.receipt.key}.") for one in held.receipts]
        settle_receipts(c, held, sentences, now)
    db.close()
    assert {one["problem"] for one in lived("status", "--json").data["not_understood"]} == {
        "No JSON in k1.",
        "No JSON in k2.",
    }
    told = lived("status").told
    assert "not understood, kept as it came: 2" in told
    assert "postmark receipt" in told
    assert "No JSON in k1." in told


def test_the_next_steps_are_told_with_dates_gates_and_places(lived: Shell) -> None:
    lived.write("more.csv", "email\ncarl@c.example\n")
    lived("contacts", "import", "more.csv", "--basis", "opt_in", "--source", "fair")
    lived.clock.advance(timedelta(hours=12))  # beyond the sending hours
    lived("contacts", "enrol", "carl@c.example", "welcome")
    lived.work()
    before = lived("explain", "carl@c.example", "--json").data
    found = lived("explain", "carl@c.example", "--next", "--json").data
    mails = [(step["at"], step["place"]) for step in found["steps"] if step["reason"] == "queued"]
    guide = lived.line_of("campaigns/welcome.yaml", "send: guide")
    assert mails[0] == ("2027-03-02T07:00:00+00:00", f"campaigns/welcome.yaml:{guide}")
    assert mails[1] == ("2027-03-05T07:00:00+00:00", f"campaigns/welcome.yaml:{guide + 2}")
    assert found["afterwards"] == {"welcome": "No content left in stage tofu."}
    assert lived("explain", "carl@c.example", "--json").data == before, "looking ahead changes nothing"
    told = lived("explain", "carl@c.example", "--next").told
    assert "If nothing happens" in told
    assert "Then, in welcome: No content left in stage tofu." in told


def test_the_score_on_another_date_is_told_with_what_was_left_then(lived: Shell) -> None:
    today = lived.clock.now().date()

    def total(day: int) -> int:
        on = (today + timedelta(days=day)).isoformat()
        found = lived("explain", "anne@a.example", "--at", on, "--json").data
        assert found["at"] == on
        assert sum(entry["remaining"] for entry in found["entries"]) == found["total"]
        return int(found["total"])

    assert [total(-1), total(0), total(30), total(200)] == [0, 10_000, 5_000, 0]
    assert "nothing has counted yet" in lived("explain", "anne@a.example", "--at", "2027-01-01").told
    assert "Left on" in lived("explain", "anne@a.example", "--at", today.isoformat()).told
