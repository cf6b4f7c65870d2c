"""Settings: the example is complete and true, mistakes are told at once, secrets stay secret."""

import io
from pathlib import Path

import pytest
from dotenv import dotenv_values

from nurture.bootstrap import ROOT
from nurture.config import (
    Settings,
    SettingsProblem,
    SmtpServer,
    load_settings,
    normalise_database_url,
    parse_smtp_url,
    variable_names,
)

EXAMPLE = Path(ROOT) / ".env.example"


@pytest.fixture(autouse=True)
def _no_settings_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*variable_names(), "DATABASE_URL", "PORT"):
        monkeypatch.delenv(name, raising=False)


def problems(tmp_path: Path, text: str) -> str:
    file = tmp_path / ".env"
    file.write_text(text)
    with pytest.raises(SettingsProblem) as raised:
        load_settings(file)
    return str(raised.value).replace(str(tmp_path) + "/", "")


def test_the_example_lists_every_setting_and_no_other() -> None:
    assert sorted(_example_names()) == sorted(variable_names())


def test_the_example_shows_the_defaults() -> None:
    assert load_settings(EXAMPLE) == load_settings(None)


def test_what_the_example_suggests_is_accepted(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text(EXAMPLE.read_text().replace("\n#NURTURE_", "\nNURTURE_"))
    assert load_settings(file).reply_domain == "reply.exemple.example"


def test_all_mistakes_are_told_at_once_each_with_its_place_and_remedy(tmp_path: Path) -> None:
    told = problems(
        tmp_path,
        "NURTURE_PORT=99999\n"
        "NURTURE_SMTP_ULR=smtp://localhost\n"
        "what is this\n"
        "NURTURE_LOG_LEVEL=loud\n"
        "NURTURE_DEBUG=perhaps\n"
        "DATABASE_URL=mysql://root@localhost/x\n"
        "NURTURE_BATCH_SIZE=many\n",
    )
    assert sorted(told.splitlines()) == [
        ".env:3: this line cannot be read; write NAME=value, with quotes around a value that holds spaces or #",
        "DATABASE_URL: 'mysql' databases are not supported; "
        "use sqlite:///nurture.db or postgresql://user:password@host/name (.env:6)",
        "NURTURE_BATCH_SIZE: is not a whole number; write digits only (.env:7)",
        "NURTURE_DEBUG: is neither yes nor no; write true or false (.env:5)",
        "NURTURE_LOG_LEVEL: is not one of the choices; write 'debug', 'info', 'warning' or 'error' (.env:4)",
        "NURTURE_PORT: is too large; 65535 is the most (.env:1)",
        "NURTURE_SMTP_ULR: no such setting; did you mean NURTURE_SMTP_URL? (.env:2)",
    ]


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / ".env"
    file.write_text("NURTURE_PORT=9000\n")
    monkeypatch.setenv("NURTURE_PORT", "9001")
    assert load_settings(file).port == 9001


def test_a_platforms_own_names_are_honoured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://u:p@db.exemple.example/nurture")
    monkeypatch.setenv("PORT", "5000")
    settings = load_settings(None)
    assert settings.database_url == "postgresql+psycopg://u:p@db.exemple.example/nurture"
    assert settings.port == 5000


def test_a_password_never_shows(tmp_path: Path) -> None:
    assert "hunter2" not in problems(tmp_path, "NURTURE_SMTP_URL=smtp://joe:hunter2@host:x\n")
    settings = Settings(smtp_url="smtp://joe:hunter2@host", secret="hunter2" * 5)  # type: ignore[arg-type]
    assert "hunter2" not in repr(settings) + repr(settings.smtp)


def test_a_file_that_is_not_utf8_is_told(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_bytes("NURTURE_SECRET=é".encode("latin-1"))
    with pytest.raises(SettingsProblem, match="is not UTF-8; save it again"):
        load_settings(file)


def test_a_lease_outlives_three_sends(tmp_path: Path) -> None:
    told = problems(tmp_path, "NURTURE_LEASE_SECONDS=100\nNURTURE_SEND_TIMEOUT_SECONDS=40\n")
    assert told.startswith(
        "NURTURE_LEASE_SECONDS is 100, and must be at least 3 times NURTURE_SEND_TIMEOUT_SECONDS (40)"
    )
    assert told.endswith("write 120 or more")


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://localhost:1025", SmtpServer("localhost", 1025, "starttls_if_offered")),
        ("smtp://mail.exemple.example", SmtpServer("mail.exemple.example", 587, "starttls")),
        ("smtp://h.example:25?starttls=never", SmtpServer("h.example", 25, "none")),
        ("smtps://j%40e:p%2Fw@h.example", SmtpServer("h.example", 465, "tls", "j@e", "p/w")),
    ],
)
def test_an_smtp_address_is_read(url: str, server: SmtpServer) -> None:
    assert parse_smtp_url(url) == server


@pytest.mark.parametrize(
    "url", ["mail.exemple.example", "http://x", "smtp://", "smtp://h?tls=1", "smtp://h?starttls=x"]
)
def test_a_wrong_smtp_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="; "):
        parse_smtp_url(url)


@pytest.mark.parametrize("url", ["nurture.db", "sqlite://nurture.db", "sqlite://", "oracle://x"])
def test_a_wrong_database_url_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="; "):
        normalise_database_url(url)


def _example_names() -> list[str]:
    text = EXAMPLE.read_text().replace("\n#NURTURE_", "\nNURTURE_")
    return list(dotenv_values(stream=io.StringIO(text)))
