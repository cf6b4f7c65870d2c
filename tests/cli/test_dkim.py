"""Keys are made once, kept from others, shown as the DNS wants them, and looked at by the doctor."""

import stat
from pathlib import Path

import dkim
import pytest

from nurture.content.dkim_keys import STRING_OCTETS
from tests.cli.mail_server import mail_server
from tests.cli.name_server import name_server
from tests.cli.shell import Answer, Shell, told_well
from tests.signing import a_weak_key


def made(shell: Shell, *options: str) -> Answer:
    answer = shell("dkim", "new", "exemple.example", *options)
    assert answer.code == 0, answer
    return answer


def signing(shell: Shell, monkeypatch: pytest.MonkeyPatch, *options: str) -> dict[str, bytes]:
    """A shell whose settings sign with keys just made; answers the records that it was told to publish."""
    told = made(shell, "--json", *options).data
    for name, value in told["settings"].items():
        monkeypatch.setenv(name, value)
    return {f"{record['name']}.": "".join(record["strings"]).encode() for record in told["records"]}


def findings(shell: Shell) -> list[tuple[str, str]]:
    return [(one["level"], one["found"]) for one in shell("doctor", "--json").data if one["what"] == "dkim"]


def test_new_keys_are_for_their_owner_alone_and_stay_out_of_git(empty: Shell) -> None:
    answer = made(empty)
    files = sorted(path.name for path in (empty.folder / "dkim").iterdir())
    assert files == [".gitignore", "nurture-ed25519.pem", "nurture-rsa.pem"]
    assert {stat.S_IMODE((empty.folder / "dkim" / name).stat().st_mode) for name in files[1:]} == {0o600}
    assert (empty.folder / "dkim/.gitignore").read_text() == "*\n"
    assert "PRIVATE" not in answer.told


def test_no_key_is_ever_written_over(empty: Shell) -> None:
    made(empty, "--only", "ed25519")
    before = (empty.folder / "dkim/nurture-ed25519.pem").read_bytes()
    assert told_well(
        empty("dkim", "new", "exemple.example"), "nurture-ed25519.pem is there already", "--name nurture-2"
    )
    assert [path.name for path in (empty.folder / "dkim").glob("*.pem")] == ["nurture-ed25519.pem"]
    assert (empty.folder / "dkim/nurture-ed25519.pem").read_bytes() == before
    made(empty, "--name", "nurture-2")


def test_what_is_to_be_published_and_set_stands_ready_to_be_copied(empty: Shell) -> None:
    lines = made(empty).out.splitlines()
    assert lines[0] == "nurture-rsa._domainkey.exemple.example. IN TXT ("
    assert all(len(line.strip().strip('"')) <= STRING_OCTETS for line in lines if line.startswith("  "))
    assert any(
        line.startswith('nurture-ed25519._domainkey.exemple.example. IN TXT "v=DKIM1; k=ed25519; p=') for line in lines
    )
    assert lines[-2:] == [
        "NURTURE_DKIM_DOMAIN=exemple.example",
        "NURTURE_DKIM_KEYS=nurture-rsa=dkim/nurture-rsa.pem,nurture-ed25519=dkim/nurture-ed25519.pem",
    ]
    empty.write(".env", "\n".join(lines[-2:]) + "\n")
    shown = empty("dkim", "show")
    assert shown.out.splitlines() == lines[:-2]


def test_the_dns_is_asked_whether_receivers_will_find_the_keys(empty: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    records = signing(empty, monkeypatch)
    rsa, ed25519 = records
    spaced = records[rsa].replace(b"; ", b" ;  ")
    cases: list[tuple[dict[str, list[bytes]], list[str]]] = [
        ({rsa: [spaced], ed25519: [records[ed25519]]}, ["is published"] * 2),
        ({rsa: [records[rsa]]}, ["is published", "is not published"]),
        ({rsa: [records[ed25519]], ed25519: [records[ed25519]]}, ["is published with another key", "is published"]),
        (
            {rsa: [records[rsa]] * 2, ed25519: [b"v=DKIM1; p="]},
            ["is published 2 times", "is published with another key"],
        ),
    ]
    for published, told in cases:
        with name_server(published) as server:
            answer = empty("dkim", "check", "--server", server)
        lines = (line.split(maxsplit=2) for line in answer.out.splitlines())
        assert {name: said.partition(":")[0] for _, name, said in lines} == dict(
            zip((rsa.rstrip("."), ed25519.rstrip(".")), told, strict=True)
        )
        assert answer.code == (set(told) != {"is published"})


def test_a_name_server_that_is_none_is_told(empty: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    signing(empty, monkeypatch, "--only", "ed25519")
    assert told_well(empty("dkim", "check", "--server", "nowhere"), "No name server can be asked", "--server 192.0.2.1")


def test_what_cannot_be_made_is_told(empty: Shell) -> None:
    assert told_well(empty("dkim", "new", "exemple"), "'exemple' is no domain name")
    assert told_well(empty("dkim", "new", "exemple.example", "--name", "my_key"), "is no selector")
    assert told_well(empty("dkim", "show"), "nurture signs no mail", "`nurture dkim new`")
    assert not (empty.folder / "dkim").exists()


def test_a_test_mail_is_signed_as_the_records_say(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    shell.add_files()
    records = signing(shell, monkeypatch)
    with mail_server() as server:
        monkeypatch.setenv("NURTURE_SMTP_URL", f"smtp://127.0.0.1:{server.server.port}")
        assert shell("send-test", "guide", "claire@exemple.example").code == 0
        (taken,) = server.taken
    for at in (0, 1):
        assert dkim.DKIM(taken.data).verify(at, dnsfunc=lambda name, timeout=5: records.get(name.decode()))


@pytest.mark.parametrize("command", [["worker"], ["run"], ["send-test", "guide", "claire@exemple.example"]])
def test_a_key_that_cannot_be_used_keeps_mail_from_going_unsigned(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    shell.add_files()
    shell("apply", "--yes")
    monkeypatch.setenv("NURTURE_DKIM_DOMAIN", "exemple.example")
    monkeypatch.setenv("NURTURE_DKIM_KEYS", "nurture-rsa=nowhere.pem")
    answer = shell(*command)
    assert told_well(
        answer, "The DKIM key nowhere.pem cannot be read (No such file or directory)", "`nurture dkim new`"
    )


def test_the_doctor_says_who_signs_and_for_whom(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    shell.add_files()
    assert findings(shell) == [("ok", "left to the mail server")]
    signing(shell, monkeypatch)
    told = "signs for exemple.example with RSA 2048 (nurture-rsa) and ed25519 (nurture-ed25519)"
    assert findings(shell) == [("ok", f"{told}; `nurture dkim check` asks the DNS for the keys")]
    monkeypatch.setenv("NURTURE_DKIM_DOMAIN", "autre.example")
    assert (
        "warn",
        "campaigns write from exemple.example, for whom a signature of autre.example does not count (DMARC)",
    ) in (findings(shell))


def test_the_doctor_sees_keys_that_others_can_read_and_those_that_are_weak(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.add_files()
    signing(shell, monkeypatch, "--only", "ed25519")
    Path("dkim/nurture-ed25519.pem").chmod(0o640)
    assert [level for level, _ in findings(shell)] == ["ok", "warn", "warn"]
    assert any("dkim/nurture-ed25519.pem can be read by other users" in found for _, found in findings(shell))
    assert ("warn", "many receivers do not know ed25519 yet") in findings(shell)
    shell.write("weak.pem", a_weak_key().pem()).chmod(0o600)
    monkeypatch.setenv("NURTURE_DKIM_KEYS", "old=weak.pem")
    assert ("warn", "the RSA key of old has 1024 bits, which can be broken") in findings(shell)
    shell.write("weak.pem", b"something else")
    assert findings(shell) == [("fail", "The DKIM key weak.pem holds no private key in PEM (ValueError)")]
