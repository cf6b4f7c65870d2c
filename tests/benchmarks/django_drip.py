"""The opponent django-drip-campaigns: installed into an environment of its own, never a dependency, and run as a child.

The environment lies in the user's cache folder and is made once for each Python and each set of versions below. It is given
what one would give it: WAL on SQLite, as durable as ours, and Django's own SMTP backend.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import make_url

from nurture.bootstrap import ROOT
from nurture.content.fills import Fill
from nurture.content.skeleton import Pieces, Skeleton

NAME = "django-drip-campaigns"
VERSIONS = (
    f"{NAME}==1.16.2",
    "Django==5.2.19",
    "celery==5.7.0",
    "APScheduler==3.11.3",
    "six==1.17.0",
    "psycopg[binary]==3.3.9",
)
SITE = Path(ROOT) / "tests" / "benchmarks" / "drip_site.py"
INSTALLED_WITHIN = 300  # seconds


class NotInstalled(Exception):
    """The opponent cannot be had; the text is a sentence."""


@dataclass(frozen=True, slots=True)
class Run:
    """What the child told."""

    seconds: float
    sent: int
    peak_mb: float


def run(python: Path, url: str, port: int, mail: Skeleton, *, people: int, warm_up: int, steps: int) -> Run:
    """So many people written to in so many steps; before, a few others, untimed, whose mails are counted too."""
    order = {
        "database": _database(url),
        "port": port,
        "sender": mail.sender.address,
        "sender_name": mail.sender.name,
        "subject": _template(mail.subject),
        "body": _template(mail.html),
        "people": people,
        "warm_up": warm_up,
        "steps": steps,
    }
    command = [str(python), "-I", str(SITE)]
    done = subprocess.run(command, input=json.dumps(order), stdout=subprocess.PIPE, text=True, check=True)
    return Run(**json.loads(done.stdout))


def installed(cache: Path | None = None) -> Path:
    """The Python that has it, made on first use. Raises NotInstalled."""
    digest = hashlib.sha256(repr((VERSIONS, sys.version, sysconfig.get_platform())).encode()).hexdigest()[:12]
    folder = (cache or _cache()) / f"{NAME}-{digest}"
    python, stamp = folder / "bin" / "python", folder / "complete"
    if not stamp.exists():
        shutil.rmtree(folder, ignore_errors=True)
        _make(folder, python)
        stamp.touch()
    return python


def _make(folder: Path, python: Path) -> None:
    base = getattr(sys, "_base_executable", None) or sys.executable
    uv = shutil.which("uv")
    pip = (
        [uv, "pip", "install", "--python", str(python)]
        if uv
        else [base, "-m", "pip", "--python", str(python), "install"]
    )
    for command in ([base, "-m", "venv", "--without-pip", str(folder)], [*pip, "--quiet", *VERSIONS]):
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=INSTALLED_WITHIN)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise NotInstalled(f"{NAME} cannot be installed here: {error}.") from None
        if done.returncode:
            errors = [line for line in done.stderr.splitlines() if line.lower().startswith("error")]
            reason = (errors or done.stderr.splitlines() or ["the installer gave no reason"])[-1].strip()
            raise NotInstalled(f"{NAME} cannot be installed here: {reason.rstrip('.')}.")


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "nurture-benchmarks"


def _database(url: str) -> Mapping[str, object]:
    """Django's words for it."""
    at = make_url(url)
    if at.get_backend_name() == "sqlite":
        durable = {"init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL"}
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": at.database, "OPTIONS": durable}
    host = at.host or at.query.get("host", "")
    names = {"NAME": at.database, "USER": at.username, "PASSWORD": at.password, "HOST": host, "PORT": at.port}
    return {"ENGINE": "django.db.backends.postgresql", **{name: value or "" for name, value in names.items()}}


def _template(pieces: Pieces) -> str:
    """The words of a compiled mail for Django, so that both send the same; its people have their token for a name."""
    return "".join(
        f"{{{{ user.{piece.field} }}}}" if isinstance(piece, Fill) else piece or "{{ user.username }}"
        for piece in pieces
    )
