"""What the operator may set: variables named NURTURE_…, from the environment or from `.env`.

`load_settings()` answers with a frozen `Settings`, or raises `SettingsProblem` that tells every
mistake at once. `.env.example` documents each setting (tests/house compares it with this file).
The instance's salt is not a setting: it lives in the database and must never change.
"""

import difflib
import logging
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from nurture.key_files import KeyFile, parse_key_files, refuse_half_signing
from nurture.rates import Rate, WarmUp, parse_rates, parse_warm_ups
from nurture.smtp_address import SmtpClient, SmtpServer, parse_smtp_url

PREFIX = "NURTURE_"
TEST_PREFIX = "NURTURE_TEST_"  # read by the tests only, no settings of an instance

# A line of .env that cannot be read is told by load_settings, in our words and once.
logging.getLogger("dotenv.main").disabled = True

SENDS_IN_A_LEASE = 3


class SettingsProblem(Exception):
    """The settings cannot be used; the text has one line per mistake, with its remedy."""


class Settings(BaseSettings):
    """Every setting of an instance; each has a default fit for trying things out on a laptop."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        populate_by_name=True,
        hide_input_in_errors=True,
    )

    database_url: str = Field(
        default="sqlite:///nurture.db",
        validation_alias=AliasChoices("NURTURE_DATABASE_URL", "DATABASE_URL"),
    )
    secret: SecretStr | None = Field(default=None, min_length=32)
    base_url: str = "http://localhost:8000"
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535, validation_alias=AliasChoices("NURTURE_PORT", "PORT"))
    provider: Literal["smtp", "postmark", "postmark-smtp", "resend"] = "smtp"
    smtp_url: SecretStr = SecretStr("smtp://localhost:1025")
    smtp_client: SmtpClient = "pipelined"
    smtp_connections: int = Field(default=4, ge=1, le=100)
    http_connections: int = Field(default=4, ge=1, le=100)
    postmark_token: SecretStr | None = None
    postmark_api_url: str = "https://api.postmarkapp.com"
    postmark_message_stream: str = "broadcast"
    postmark_webhook_user: str | None = None
    postmark_webhook_password: SecretStr | None = None
    resend_key: SecretStr | None = None
    resend_api_url: str = "https://api.resend.com"
    resend_webhook_secret: SecretStr | None = None
    mail_domain: str = "localhost.example"
    reply_domain: str | None = None
    bounce_domain: str | None = None
    dkim_domain: str | None = None
    dkim_keys: str = ""
    campaigns_dir: Path = Path("campaigns")
    templates_dir: Path = Path("email_templates")
    chromium: Path | None = None
    batch_size: int = Field(default=500, ge=1, le=5000)
    workers: int = Field(default=1, ge=1, le=64)
    release_rate: int = Field(default=100, ge=0, le=100_000)
    lease_seconds: int = Field(default=300, ge=30, le=3600)
    send_timeout_seconds: int = Field(default=60, ge=5, le=600)
    mails_per_hour: int = Field(default=0, ge=0, le=10_000_000)
    domain_rates: str = ""
    warm_up: str = ""
    approval_above: int = Field(default=1000, ge=0, le=10_000_000)
    canary_percent: float = Field(default=1.0, ge=0, le=100)
    state_dir: Path = Path(".nurture")
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["text", "json"] = "text"
    debug: bool = False

    @property
    def smtp(self) -> SmtpServer:
        """The SMTP server that `smtp_url` names."""
        return parse_smtp_url(self.smtp_url.get_secret_value())

    @property
    def sends_by_smtp(self) -> bool:
        """Whether mail leaves over SMTP, and not by a provider's HTTP API."""
        return self.provider in ("smtp", "postmark-smtp")

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is a file of this machine."""
        return self.database_url.startswith("sqlite")

    @property
    def rates(self) -> dict[str, Rate]:
        """The rates of `domain_rates`."""
        return parse_rates(self.domain_rates)

    @property
    def warm_ups(self) -> dict[str, WarmUp]:
        """The sender domains of `warm_up`."""
        return parse_warm_ups(self.warm_up)

    @property
    def key_files(self) -> tuple[KeyFile, ...]:
        """The keys of `dkim_keys`."""
        return parse_key_files(self.dkim_keys)

    @field_validator("domain_rates")
    @classmethod
    def _rates(cls, text: str) -> str:
        parse_rates(text)
        return text

    @field_validator("warm_up")
    @classmethod
    def _warm_ups(cls, text: str) -> str:
        parse_warm_ups(text)
        return text

    @field_validator("dkim_keys")
    @classmethod
    def _dkim_keys(cls, text: str) -> str:
        parse_key_files(text)
        return text

    @field_validator("database_url")
    @classmethod
    def _database(cls, url: str) -> str:
        return normalise_database_url(url)

    @field_validator("smtp_url")
    @classmethod
    def _smtp(cls, url: SecretStr) -> SecretStr:
        parse_smtp_url(url.get_secret_value())
        return url

    @field_validator("base_url")
    @classmethod
    def _web_address(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise ValueError(f"{url!r} is no web address; write it like https://nurture.exemple.example")
        return url.rstrip("/")

    @model_validator(mode="after")
    def _lease_outlives_sends(self) -> "Settings":
        if self.lease_seconds < SENDS_IN_A_LEASE * self.send_timeout_seconds:
            raise ValueError(
                f"NURTURE_LEASE_SECONDS is {self.lease_seconds}, and must be at least {SENDS_IN_A_LEASE} times "
                f"NURTURE_SEND_TIMEOUT_SECONDS ({self.send_timeout_seconds}), so that no worker still sends what another "
                f"has taken over; write {SENDS_IN_A_LEASE * self.send_timeout_seconds} or more"
            )
        return self

    @field_validator("postmark_api_url", "resend_api_url")
    @classmethod
    def _api_address(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise ValueError(f"{url!r} is no web address; leave it out to reach the provider itself")
        if parts.scheme == "http" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
            raise ValueError(f"mail and its key would travel to {parts.hostname} unencrypted; write https://")
        return url.rstrip("/")

    @field_validator("mail_domain", "reply_domain", "bounce_domain", "dkim_domain")
    @classmethod
    def _domain(cls, name: str | None) -> str | None:
        return checked_domain(name) if name else None

    @field_validator("log_level", "log_format", "provider", "smtp_client", mode="before")
    @classmethod
    def _lower(cls, word: object) -> object:
        return word.lower() if isinstance(word, str) else word

    @model_validator(mode="after")
    def _has_its_key(self) -> Self:
        if self.provider == "postmark" and self.postmark_token is None:
            raise ValueError(
                "NURTURE_POSTMARK_TOKEN: is needed to send by Postmark's API; set it to the server's token, "
                "or write NURTURE_PROVIDER=postmark-smtp to send through NURTURE_SMTP_URL"
            )
        if self.provider == "resend" and self.resend_key is None:
            raise ValueError("NURTURE_RESEND_KEY: is needed to send by Resend; set it to an API key of your account")
        if not self.sends_by_smtp and self.bounce_domain is not None:
            raise ValueError(
                f"NURTURE_BOUNCE_DOMAIN: {self.provider} takes bounces itself and tells of them by its webhooks; "
                "leave the setting out"
            )
        refuse_half_signing(self.dkim_domain, self.dkim_keys, self.provider)
        return self


def load_settings(env_file: Path | None = Path(".env")) -> Settings:
    """Read the environment over `env_file` (which may be absent) over the defaults.

    Raises SettingsProblem, whose text has one line per mistake:
    `NURTURE_X: what is wrong; what to do (place)`.
    """
    file = env_file if env_file is not None and env_file.exists() else None
    lines, problems = _read_lines(file) if file else ({}, [])
    problems += _unknown_names(lines, file)
    try:
        settings = Settings(_env_file=file if lines else None)
    except ValidationError as error:
        problems += [_sentence(detail, lines, file) for detail in error.errors()]
    if problems:
        raise SettingsProblem("\n".join(problems))
    return settings


def checked_domain(name: str) -> str:
    """The domain in small letters (ValueError: a sentence)."""
    if not re.fullmatch(r"(?!-)[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", name):
        raise ValueError(f"{name!r} is no domain name; write it like mail.exemple.example")
    return name.lower()


def normalise_database_url(url: str) -> str:
    """Return `url` as SQLAlchemy wants it, with psycopg 3 for PostgreSQL; ValueError when unusable."""
    scheme, separator, rest = url.partition("://")
    scheme = scheme.lower()
    if not separator:
        raise ValueError("this is no database URL; write sqlite:///nurture.db or postgresql://user:password@host/name")
    if scheme == "sqlite":
        if rest in ("", "/", "/:memory:"):
            raise ValueError(
                "a database in memory is lost between two commands; name a file, as in sqlite:///nurture.db"
            )
        if not rest.startswith("/"):
            raise ValueError(f"{url!r} lacks a slash; write sqlite:///{rest}")
        return f"sqlite://{rest}"
    if scheme in ("postgres", "postgresql", "postgresql+psycopg"):
        return f"postgresql+psycopg://{rest}"
    raise ValueError(
        f"{scheme!r} databases are not supported; use sqlite:///nurture.db or postgresql://user:password@host/name"
    )


def _read_lines(file: Path) -> tuple[dict[str, int], list[str]]:
    """Return the line of each name set in `file`, and a sentence for each line that sets none."""
    from dotenv.parser import parse_stream

    try:
        with file.open(encoding="utf-8") as stream:
            bindings = list(parse_stream(stream))
    except UnicodeDecodeError:
        return {}, [f"{file}: is not UTF-8; save it again as UTF-8"]
    except OSError as error:
        return {}, [f"{file}: cannot be read ({error.strerror}); correct its permissions"]
    broken = [
        f"{file}:{binding.original.line}: this line cannot be read; write NAME=value, "
        "with quotes around a value that holds spaces or #"
        for binding in bindings
        if binding.error
    ]
    return {binding.key.upper(): binding.original.line for binding in bindings if binding.key}, broken


def _unknown_names(lines: dict[str, int], file: Path | None) -> list[str]:
    known = set(variable_names())
    given = {name.upper(): _place(name, lines, file) for name in (*lines, *os.environ)}
    return [
        f"{name}: no such setting{_did_you_mean(name, known)}{place}"
        for name, place in given.items()
        if name.startswith(PREFIX) and not name.startswith(TEST_PREFIX) and name not in known
    ]


def variable_names() -> Iterator[str]:
    """Yield the environment variable of each setting, as `.env.example` lists them."""
    for name in Settings.model_fields:
        yield PREFIX + name.upper()


def _did_you_mean(name: str, known: set[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {close[0]}?" if close else "; remove it (.env.example lists them all)"


def _sentence(detail: ErrorDetails, lines: dict[str, int], file: Path | None) -> str:
    """Say in our words what pydantic found."""
    text = detail["msg"].removeprefix("Value error, ")
    if not detail["loc"]:
        return text
    setting = str(detail["loc"][0]).upper().removeprefix(PREFIX)
    name = next((n for n in (PREFIX + setting, setting) if n in os.environ or n in lines), None)
    name = name or PREFIX + setting
    complaint = text if detail["type"] == "value_error" else _complaint(detail)
    return f"{name}: {complaint}{_place(name, lines, file)}"


def _complaint(detail: ErrorDetails) -> str:
    limits = detail.get("ctx", {})
    match detail["type"]:
        case "int_parsing" | "int_type" | "int_from_float":
            return "is not a whole number; write digits only"
        case "greater_than_equal":
            return f"is too small; {limits['ge']} is the least"
        case "less_than_equal":
            return f"is too large; {limits['le']} is the most"
        case "literal_error":
            return f"is not one of the choices; write {limits['expected']}"
        case "bool_parsing" | "bool_type":
            return "is neither yes nor no; write true or false"
        case "too_short" | "string_too_short":
            return f"is too short to be safe; use {limits['min_length']} random characters or more"
        case _:
            return f"cannot be used ({detail['msg']}); see .env.example"


def _place(name: str, lines: dict[str, int], file: Path | None) -> str:
    """Tell where a value came from; the environment wins over the file."""
    if name in os.environ or name not in lines:
        return ""
    return f" ({file}:{lines[name]})"
