"""The doctor finds what keeps an instance from its work, and a test mail arrives as a contact would see it."""

import email
import email.policy
import socket

import pytest

from nurture.cli.doctor_database import is_mended
from nurture.cli.doctor_dkim import aligned
from tests.cli.mail_server import mail_server
from tests.cli.shell import Shell, told_well
from tests.postgres import Server


def found(shell: Shell) -> dict[str, tuple[str, str]]:
    """What the doctor says of each point: level and finding."""
    return {one["what"]: (one["level"], one["found"]) for one in shell("doctor", "--json").data}


def test_an_instance_without_anything_is_told_all_that_is_missing(
    empty: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NURTURE_SMTP_URL", f"smtp://127.0.0.1:{_free_port()}")
    answer = empty("doctor")
    assert answer.code == 1
    assert "Traceback" not in answer.told
    levels = {what: level for what, (level, _) in found(empty).items()}
    assert (levels["database"], levels["files"], levels["smtp"]) == ("fail", "fail", "fail")
    assert "→ run `nurture db upgrade`" in answer.told


def test_bad_settings_are_findings_too(empty: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NURTURE_PORT", "many")
    answer = empty("doctor", "--json")
    assert answer.code == 1
    assert answer.data[0]["level"] == "fail"
    assert "NURTURE_PORT: is not a whole number" in answer.data[0]["found"]


def test_a_sound_instance_passes(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    shell.add_files()
    shell("apply", "--yes")
    with mail_server() as server:
        monkeypatch.setenv("NURTURE_SMTP_URL", f"smtp://127.0.0.1:{server.server.port}")
        monkeypatch.setenv("NURTURE_PORT", str(_free_port()))
        monkeypatch.setenv("NURTURE_BASE_URL", "https://nurture.exemple.example")
        monkeypatch.setenv("NURTURE_SECRET", "s" * 40)
        monkeypatch.setenv("NURTURE_MAIL_DOMAIN", "mail.exemple.example")
        monkeypatch.setenv("NURTURE_REPLY_DOMAIN", "reply.exemple.example")
        monkeypatch.setenv("NURTURE_BOUNCE_DOMAIN", "bounce.exemple.example")
        answer = shell("doctor", "--json")
    troubles = [one for one in answer.data if one["level"] != "ok" and one["what"] != "sqlite"]
    assert (answer.code, troubles) == (0, [])


@pytest.mark.postgres
def test_a_database_of_another_alphabet_is_no_place_for_contacts(
    empty: Shell, postgres_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = postgres_server.create_database(encoding="LATIN1")
    monkeypatch.setenv("NURTURE_DATABASE_URL", url)
    assert empty("db", "upgrade").code == 0
    assert found(empty)["letters"] == ("fail", "the database keeps texts as LATIN1")
    postgres_server.drop_database(url)


def test_what_would_embarrass_is_warned_of(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    shell.add_files()
    shell("apply", "--yes")
    shell.edit("campaigns/welcome.yaml", "wait: 3 days", "wait: 4 days")
    (shell.folder / "campaigns/assets/guide.pdf").unlink()
    monkeypatch.setenv("NURTURE_BASE_URL", "http://nurture.exemple.example")
    monkeypatch.setenv("NURTURE_SMTP_URL", f"smtp://127.0.0.1:{_free_port()}")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setenv("NURTURE_PORT", str(taken.getsockname()[1]))
        seen = found(shell)
    assert seen["base url"][0] == "fail"
    assert seen["downloads"][0] == "fail"
    assert seen["applied"] == ("warn", "welcome; the files here have been edited since")
    assert seen["port"][0] == "warn"
    assert seen["secret"][0] == "warn"


def test_which_sqlite_is_free_of_the_wal_reset_bug() -> None:
    mended = [(3, 44, 6), (3, 44, 9), (3, 50, 7), (3, 51, 3), (3, 52, 0), (4, 0, 0)]
    broken = [(3, 40, 1), (3, 44, 5), (3, 45, 0), (3, 50, 6), (3, 51, 0), (3, 51, 2)]
    assert all(map(is_mended, mended))
    assert not any(map(is_mended, broken))


def test_domains_that_share_an_organisation_are_aligned() -> None:
    assert aligned("exemple.example", "mail.exemple.example")
    assert aligned("exemple.example", "exemple.example")
    assert not aligned("exemple.example", "autre.example")
    assert not aligned("anexemple.example", "exemple.example")


@pytest.mark.parametrize("wanted", ["white_paper.fr", "tofu/send:guide#1", "welcome/tofu/send:guide#1", "guide"])
def test_a_test_mail_arrives_as_a_contact_would_see_it(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, wanted: str
) -> None:
    shell.add_files()
    with mail_server() as server:
        monkeypatch.setenv("NURTURE_SMTP_URL", f"smtp://127.0.0.1:{server.server.port}")
        answer = shell("send-test", wanted, "claire@exemple.example")
        assert answer.code == 0, answer
        (taken,) = server.taken
    message = email.message_from_bytes(taken.data, policy=email.policy.default)
    assert message["From"].addresses[0].addr_spec == "bonjour@exemple.example"
    assert message["To"].addresses[0].addr_spec == "claire@exemple.example"
    assert "Guide" in message["Subject"]


def test_a_test_mail_that_cannot_be_made_or_sent_is_told(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    shell.add_files()
    monkeypatch.setenv("NURTURE_SMTP_URL", f"smtp://127.0.0.1:{_free_port()}")
    assert told_well(shell("send-test", "guide", "claire@exemple.example"), "cannot be reached", "NURTURE_SMTP_URL")
    assert told_well(shell("send-test", "guidde", "claire@exemple.example"), "did you mean 'guide'?")
    assert told_well(shell("send-test", "guide", "claire"), "'claire' is no e-mail address")
    shell.edit("campaigns/welcome.yaml", "send: guide", "send: nothing")
    assert told_well(shell("send-test", "guide", "claire@exemple.example"), "run `nurture check`")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port
