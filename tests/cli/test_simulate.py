"""`nurture simulate` at the terminal: what it shows, what it asks for, and what it leaves alone."""

import pytest

from tests.cli.shell import Shell, told_well

FEW = ("simulate", "--contacts", "60", "--weeks", "4")


@pytest.fixture
def edited(empty: Shell) -> Shell:
    """Files, and no database yet."""
    empty.add_files()
    return empty


def test_files_are_tried_out_before_there_is_a_database(edited: Shell) -> None:
    answer = edited(*FEW)
    assert answer.code == 0
    for words in ("4 weeks from 2027-03-01 with 60 contacts, 60 of them made up", "Mails a day", "Funnel: files",
                  "Who is held by what", "When content runs out", "Prospects a week"):  # fmt: skip
        assert words in answer.told
    assert "Until then contacts are made up, and rates are assumptions." in answer.told
    assert not (edited.folder / "nurture.db").exists()


def test_the_same_seed_says_the_same(edited: Shell) -> None:
    one, same, other = (edited(*FEW, "--json", "--seed", seed).data for seed in ("5", "5", "6"))
    assert one == same != other
    assert one["figures"]["mails"]["low"] <= one["figures"]["mails"]["value"] <= one["figures"]["mails"]["high"]


def test_the_page_is_written(edited: Shell) -> None:
    answer = edited(*FEW, "--html", "report.html", "--lang", "fr", "--from", "2027-01-04")
    assert "The report as a page: report.html" in answer.told
    text = (edited.folder / "report.html").read_text(encoding="utf-8")
    assert "Simulation de campagnes" in text
    assert "4 janv. 2027" in text


def test_other_files_are_compared(edited: Shell) -> None:
    for name in ("campaigns", "email_templates"):
        (edited.folder / "next").mkdir(exist_ok=True)
        (edited.folder / name).rename(edited.folder / "next" / name)
    edited.add_files()
    edited.edit("next/campaigns/welcome.yaml", "- relance: guide", "- wait: 1 day")
    answer = edited(*FEW, "--compare", "next")
    assert answer.code == 0, answer.told
    assert "Side by side" in answer.told
    assert "Funnel: next" in answer.told
    found = edited(*FEW, "--compare", "next", "--json").data
    mails = next(row for row in found["figures"] if row["what"] == "mails")
    assert mails["difference"]["value"] == mails["one"] - mails["other"] > 0


def test_contacts_of_the_database_are_simulated_from_where_they_are(on_both: Shell) -> None:
    shell = on_both
    shell.add_files()
    assert shell("apply", "--yes").code == 0
    shell.write("people.csv", "email,prénom\nanne@a.example,Anne\nbob@b.example,Bob\n")
    shell("contacts", "import", "people.csv", "--basis", "opt_in", "--source", "fair")
    shell("contacts", "enrol", "anne@a.example", "welcome")
    shell.work()
    before = [shell("explain", who, "--json").data for who in ("anne@a.example", "bob@b.example")]
    found = shell("simulate", "--weeks", "4", "--json").data
    assert (found["contacts"], found["made_up"]) == (2, 0)
    tofu = next(row for row in found["stages"] if row["stage"] == "tofu")
    assert (tofu["before"], tofu["entered"]) == (1, 0)
    assert found["figures"]["mails"]["value"] >= 1, "the one that lies in the outbox"
    assert [shell("explain", who, "--json").data for who in ("anne@a.example", "bob@b.example")] == before
    shell.edit("campaigns/welcome.yaml", "wait: 3 days", "wait: 9 days")
    answer = shell("simulate", "--weeks", "4", "--arrivals", "20/week", "--compare", "applied")
    assert answer.code == 0, answer.told
    assert "Funnel: applied" in answer.told


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--contacts", "many"], "--contacts 'many' is not understood: write `real`, or a number from 1 to 1000000."),
        (["--contacts", "0"], "--contacts '0' is not understood"),
        (["--arrivals", "200"], "--arrivals '200' is not understood: write it like 200/week or 30/day."),
        (["--contacts", "real"], "yet: run `nurture db upgrade`."),
        (["--applied"], "yet: run `nurture db upgrade`."),
        (["--compare", "nowhere"], "There is no folder nowhere/campaigns: name a folder that has campaigns/ in it."),
        (["--rates", "nowhere.yaml"], "nowhere.yaml does not exist: check the path."),
        (["--contacts", "5", "--html", "nowhere/report.html"], "The folder of nowhere/report.html does not exist"),
    ],
)
def test_what_cannot_be_is_told_in_a_sentence(edited: Shell, options: list[str], sentence: str) -> None:
    answer = edited("simulate", *options)
    assert answer.code == 1
    assert sentence in answer.told
    assert told_well(answer)


def test_real_contacts_are_where_they_are_now(shell: Shell) -> None:
    shell.add_files()
    assert "The database has no contacts: simulate with --contacts 1000" in shell("simulate", "--contacts", "real").told
    assert "No campaign has been applied to this database yet" in shell("simulate", "--applied").told
    shell("apply", "--yes")
    shell.write("people.csv", "email\nanne@a.example\n")
    shell("contacts", "import", "people.csv", "--basis", "opt_in", "--source", "fair")
    assert "leave out --from" in shell("simulate", "--from", "2027-05-01").told
    assert "with itself: leave out --applied" in shell("simulate", "--applied", "--compare", "applied").told


def test_mistakes_in_files_are_shown_where_they_are(edited: Shell) -> None:
    edited.edit("campaigns/welcome.yaml", "send: guide", "send: giude")
    answer = edited(*FEW)
    assert answer.code == 1
    assert 'did you mean "guide"?' in answer.out
    assert "Nothing was simulated." in answer.told


def test_mistakes_in_rates_are_shown_where_they_are(edited: Shell) -> None:
    edited.write("rates.yaml", "people:\n  replied: lots\n")
    answer = edited(*FEW, "--rates", "rates.yaml")
    assert answer.code == 1
    assert "rates.yaml:2:12  a share is written like 50%" in answer.out
    assert "rates.yaml has mistakes. Nothing was simulated." in answer.told


def test_rates_change_what_comes_of_it(edited: Shell) -> None:
    edited.write("rates.yaml", "people: {unsubscribed: 60%}\n")
    found = edited(*FEW, "--rates", "rates.yaml", "--json").data
    assert found["figures"]["unsubscribed"]["value"] > 15
    assert {"name": "unsubscribed", "value": 0.6, "source": "given"} in found["rates"]
