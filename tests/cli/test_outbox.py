"""What a person sees of messages in doubt, and can say about them, on both engines."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from nurture.storage.database import Database
from nurture.storage.outbox import Intent, claim_outbox, commit_intents
from nurture.storage.results import NotKnown, commit_results
from nurture.storage.tables import outbox
from tests.cli.shell import Shell

ANNE = "anne@a.example"


@pytest.fixture
def doubtful(on_both: Shell) -> Shell:
    """Anne was sent the guide, and the answer was lost."""
    shell = on_both
    shell.add_files()
    shell("apply", "--yes")
    shell.write("people.csv", "email,prénom\nanne@a.example,Anne\n")
    shell("contacts", "import", "people.csv", "--basis", "opt_in", "--source", "fair")
    assert shell("contacts", "enrol", ANNE, "welcome").code == 0
    shell.work()
    lose(shell)
    shell.work()
    return shell


def lose(shell: Shell) -> None:
    now = shell.clock.now()
    db = Database.open(shell.url)
    with db.begin() as c:
        claim = claim_outbox(c, now + timedelta(days=9), 100, timedelta(minutes=5))
        (row,) = claim.rows
        commit_intents(c, claim.token, [Intent(row.key, "c0" * 8, f"{row.key}@exemple.example", now, "00" * 32)])
        commit_results(c, claim.token, [NotKnown(row.key, "The server did not answer in time.")], now)
    db.close()


def the_key(shell: Shell) -> str:
    return str(shell("outbox", "unknown", "--json").data[0]["key"])


def test_what_is_unknown_is_listed_with_whom_what_when_and_what_was_said(doubtful: Shell) -> None:
    (told,) = doubtful("outbox", "unknown", "--json").data
    assert (told["address"], told["campaign"], told["again"]) == (ANNE, "welcome", None)
    assert told["message_id"] == f"{told['key']}@exemple.example"
    answer = doubtful("outbox", "unknown")
    assert answer.code == 0
    assert ANNE.split("@", maxsplit=1)[0] in answer.told
    assert "by you" in " ".join(answer.told.split())


def test_nothing_unknown_is_said_so(on_both: Shell) -> None:
    answer = on_both("outbox", "unknown")
    assert (answer.code, answer.told) == (0, "No message is unknown: of each it is known whether it went out.")


@pytest.mark.parametrize(("flag", "touch"), [("--sent", "sent"), ("--not-sent", "withheld")])
def test_a_person_settles_a_message_and_the_contact_hears_of_it(doubtful: Shell, flag: str, touch: str) -> None:
    answer = doubtful("outbox", "settle", the_key(doubtful), flag)
    assert (answer.code, answer.told) == (0, f"1 message settled as {'sent' if flag == '--sent' else 'not sent'}.")
    doubtful.work()
    (found,) = doubtful("contacts", "show", ANNE, "--json").data["touches"]
    assert found["state"] == touch
    assert doubtful("outbox", "unknown", "--json").data == []


def test_a_person_who_settles_is_in_the_journal(doubtful: Shell) -> None:
    doubtful("outbox", "settle", the_key(doubtful), "--not-sent")
    doubtful.work()
    assert "had not left" in doubtful("explain", ANNE, "--lang", "en").told


def test_all_are_settled_or_none(doubtful: Shell) -> None:
    key = the_key(doubtful)
    answer = doubtful("outbox", "settle", key, "nobody", "--sent")
    assert answer.code == 1
    assert "Nothing was settled: nobody is not unknown; `nurture outbox unknown` lists" in answer.told
    assert the_key(doubtful) == key


def test_what_became_of_them_must_be_said(doubtful: Shell) -> None:
    answer = doubtful("outbox", "settle", the_key(doubtful))
    assert (answer.code, "--sent or --not-sent" in answer.told) == (2, True)


def test_what_is_still_looked_into_says_until_when(doubtful: Shell) -> None:
    db = Database.open(doubtful.url)
    with db.begin() as c:
        c.execute(update(outbox).values(due_at=doubtful.clock.now()))
    db.close()
    (told,) = doubtful("outbox", "unknown", "--json").data
    assert told["again"] is not None
