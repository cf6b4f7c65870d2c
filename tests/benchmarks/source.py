"""The opponent in C: postfix's `smtp-source`, which sends one message over and over and neither decides nor records.

It is given the very bytes of a mail of ours, as many connections, which it keeps, and as many mails as were counted for the
engine. It knows no pipelining: each mail takes it four round trips.
"""

import shutil
import subprocess
import tempfile
import time

from nurture.content.render import Heading, render
from nurture.content.skeleton import Skeleton
from tests.benchmarks.settings import MONDAY
from tests.benchmarks.sinks import FOLDERS

NAME = "smtp-source"
WHY_NOT = "smtp-source is not installed; it comes with postfix"


def is_there() -> bool:
    """Whether this machine has it."""
    return _program() is not None


def run(port: int, mail: bytes, mails: int, connections: int) -> float:
    """Seconds that it takes for so many mails."""
    program = _program()
    assert program is not None, WHY_NOT
    with tempfile.NamedTemporaryFile(prefix="nurture-mail-", suffix=".eml") as file:
        file.write(mail.replace(b"\r\n", b"\n"))  # it writes the line ends of the wire itself
        file.flush()
        command = [program, "-d", "-s", str(connections), "-m", str(mails), "-F", file.name, f"127.0.0.1:{port}"]
        started = time.perf_counter()
        subprocess.run(command, check=True)
        return time.perf_counter() - started


def as_sent(mail: Skeleton) -> bytes:
    """The mail for one contact, headers and all."""
    heading = Heading(
        "Claire-1 Martin",
        "claire.martin.1@entreprise-1.example",
        "<0123456789abcdef0123456789abcdef@exemple.example>",
        MONDAY,
        "t" * 44,
        reply_to="r." + "t" * 44 + "@reply.exemple.example",
    )
    return render(mail, dict.fromkeys(mail.asks_for, "Claire-1"), heading).data


def _program() -> str | None:
    return shutil.which(NAME, path=FOLDERS)
