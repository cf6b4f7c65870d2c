"""PostgreSQL restarts under load, again and again: web, worker and clock in processes of their own, resuming by themselves.

    python -m tests.chaos.restarts --times 60 --every 5

Contacts enter a campaign and webhooks are posted all the while. Every other restart is a crash of the server. At the end the
mails are counted at the SMTP sink by Message-ID, and what the web answered 200 is looked for among the receipts.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, TypeAlias

from nurture.bootstrap import enter

if TYPE_CHECKING:
    from nurture.storage.database import Database
    from tests.postgres import Server
    from tests.sinks.scripted import Sink

USER, PASSWORD = "postmark", "password-of-the-chaos-long-enough"
AT_ONCE = 10
"""Contacts who enter together."""
BREATH = 0.25
PATIENCE = 150.0
"""Seconds until all is settled at the end: a lease, a look of the clock's, and the waits of what was put off."""
Line: TypeAlias = dict[str, object]
Work: TypeAlias = Callable[[threading.Event], None]
Question: TypeAlias = Callable[[], bool]


@dataclass
class Count:
    """What the load's threads saw."""

    restarts: int = 0
    entered: int = 0
    answered: Counter[int] = field(default_factory=Counter)
    acknowledged: set[str] = field(default_factory=set)
    resumed_after: list[float] = field(default_factory=list)


def play(times: int, every: float) -> Line:
    """Restart so often, so many seconds apart; answers what was counted."""
    from tests.cli.mail_server import mail_server
    from tests.postgres import running_server

    with ExitStack() as stack:
        server = stack.enter_context(running_server(durable=True))
        sink = stack.enter_context(mail_server())
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="nurture-chaos-")))
        db = _prepared(server, folder)
        stack.callback(db.close)
        port = stack.enter_context(_processes(folder, db, sink))
        count = Count()
        with _threads(lambda stop: _feed(db, count, stop), lambda stop: _post(port, count, stop)):
            _restart(server, sink, count, times, every)
        left = _settled(db)
        return _told(db, sink, count, left)


def _prepared(server: "Server", folder: Path) -> "Database":
    """A campaign that may write at any hour, applied."""
    from nurture.authoring.bundle import read_bundle
    from nurture.planning.apply import apply_bundle
    from nurture.storage.database import Database, real_now
    from nurture.storage.migrate import upgrade
    from tests.authoring.builders import CADENCE, FILES, ROOT

    for name, text in {**FILES, CADENCE: "window: Mon-Sun 00:00-24:00\n"}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (folder / "campaigns" / "assets").mkdir(exist_ok=True)
    (folder / "campaigns" / "assets" / "guide.pdf").write_bytes(b"%PDF-1.4\n")
    url = server.create_database()
    upgrade(url, salt=b"salt of the chaos, for ever and ever", secret=b"secret of the chaos, long enough")
    db = Database.open(url)
    with db.read() as c:
        now = real_now(c)
    apply_bundle(db, read_bundle(folder / "campaigns", ROOT / "email_templates"), now)
    return db


@contextmanager
def _processes(folder: Path, db: "Database", sink: "Sink") -> Iterator[int]:
    """Web, worker and clock, as the Procfile runs them; killed at the end. Answers the web's port."""
    from tests.cli.test_serve import free_port

    port = free_port()
    settings = {
        "NURTURE_DATABASE_URL": db.engine.url.render_as_string(hide_password=False),
        "NURTURE_SMTP_URL": f"smtp://127.0.0.1:{sink.server.port}?starttls=never",
        "NURTURE_LEASE_SECONDS": "30",
        "NURTURE_SEND_TIMEOUT_SECONDS": "10",
        "NURTURE_APPROVAL_ABOVE": "0",  # its crowds enter within an hour, and nobody is there to approve
        "NURTURE_POSTMARK_WEBHOOK_USER": USER,
        "NURTURE_POSTMARK_WEBHOOK_PASSWORD": PASSWORD,
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NURTURE_")}
    environment = {**kept, "PYTHONPATH": os.getcwd(), **settings}
    running: list[subprocess.Popen[bytes]] = []
    try:
        for command in (["web", "--port", port], ["worker"], ["clock"]):
            with (folder / f"{command[0]}.log").open("wb") as log:
                arguments = [sys.executable, "-m", "nurture", *command]
                running.append(subprocess.Popen(arguments, cwd=folder, env=environment, stdout=log, stderr=log))
        yield int(port)
        ended = [f"{one.args}: {one.returncode}" for one in running if one.poll() is not None]
        if ended:
            logs = "".join(file.read_text()[-3000:] for file in sorted(folder.glob("*.log")))
            raise AssertionError(f"a process ended by itself: {ended}\n{logs}")
    finally:
        for one in running:
            one.kill()
            one.wait()


@contextmanager
def _threads(*works: Work) -> Iterator[None]:
    stop = threading.Event()
    threads = [threading.Thread(target=work, args=(stop,)) for work in works]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def _feed(db: "Database", count: Count, stop: threading.Event) -> None:
    """Have new contacts enter; a set whose commit was not answered is entered again, which changes nothing."""
    from nurture.storage.database import DatabaseProblem

    while not stop.wait(BREATH):
        try:
            _enter(db, count.entered)
            count.entered += AT_ONCE
        except DatabaseProblem:
            continue


def _enter(db: "Database", first: int) -> None:
    from nurture.core.events import Enrol
    from nurture.core.words import Basis
    from nurture.storage.contacts import NewContact, upsert_contacts
    from nurture.storage.database import real_now
    from nurture.storage.inbox import post_events

    new = [
        NewContact(f"p{n}@contact.example", {"first_name": f"P{n}"}, language="fr", basis=Basis.OPT_IN)
        for n in range(first, first + AT_ONCE)
    ]
    with db.begin() as c:
        now = real_now(c)
        ids = [one.id for one in upsert_contacts(c, new, now)]
        post_events(c, [(who, Enrol("enter", now, "welcome")) for who in ids], now)


def _post(port: int, count: Count, stop: threading.Event) -> None:
    """Post bodies as a provider would, each once, and note the answers."""
    import httpx

    from nurture.providers.bodies import key_of

    number = 0
    with httpx.Client(auth=(USER, PASSWORD), timeout=60) as client:
        while not stop.wait(0.02):
            number += 1
            body = json.dumps({"RecordType": "Delivery", "MessageID": f"{number}"}).encode()
            try:
                answer = client.post(f"http://127.0.0.1:{port}/hooks/postmark", content=body)
            except httpx.TransportError:
                count.answered[0] += 1  # the web is not up yet
                continue
            count.answered[answer.status_code] += 1
            if answer.status_code == 200:
                count.acknowledged.add(key_of(body))


def _restart(server: "Server", sink: "Sink", count: Count, times: int, every: float) -> None:
    _until(lambda: len(sink.taken) > 0, PATIENCE)
    for number in range(times):
        time.sleep(every)
        server.restart(signal.SIGQUIT if number % 2 else signal.SIGINT)
        count.restarts += 1
        began, taken = time.monotonic(), len(sink.taken)
        _until(lambda taken=taken: len(sink.taken) > taken, PATIENCE)  # type: ignore[misc]
        count.resumed_after.append(time.monotonic() - began)


def _until(is_so: Question, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def _settled(db: "Database") -> int:
    """Wait until nothing is under way; answers how many messages still are."""
    from sqlalchemy import func, select

    from nurture.storage.tables import agenda, outbox

    def under_way() -> int:
        with db.read() as c:
            sending = select(func.count()).where(outbox.c.state.in_(["queued", "retry", "intent"]))
            deciding = select(func.count()).where(agenda.c.due_at <= func.now())
            return int(c.execute(sending).scalar_one() + c.execute(deciding).scalar_one())

    _until(lambda: not under_way(), PATIENCE)
    return under_way()


def _told(db: "Database", sink: "Sink", count: Count, left: int) -> Line:
    from sqlalchemy import select

    from nurture.storage.tables import contacts, outbox, receipts

    with db.read() as c:
        rows = c.execute(select(outbox.c.message_id, outbox.c.state)).all()
        people = len(c.execute(select(contacts.c.id)).all())
        kept = set(c.execute(select(receipts.c.key)).scalars())
    states = Counter(row.state for row in rows)
    at_the_sink = Counter(one.message_id.strip("<>") for one in sink.taken)
    said_sent = {row.message_id.strip("<>") for row in rows if row.state == "sent"}
    return {
        "restarts": count.restarts,
        "contacts": people,
        "mails": len(at_the_sink),
        "twice": sum(times - 1 for times in at_the_sink.values()),
        "lost": people - len(rows) + len(said_sent - at_the_sink.keys()),
        "unknown": states["unknown"],
        "left": left,
        "states": dict(states),
        "answers": {str(status): times for status, times in sorted(count.answered.items())},
        "acknowledged_lost": len(count.acknowledged - kept),
        "resumed_after_s": {
            "most": round(max(count.resumed_after), 1),
            "all": [round(s, 1) for s in count.resumed_after],
        },
    }


def is_good(told: Line) -> bool:
    """Whether every promise was kept: nothing twice, nothing lost, nothing stuck, and each time up again within 30 s."""
    resumed = told["resumed_after_s"]
    assert isinstance(resumed, dict)
    kept = all(told[name] == 0 for name in ("twice", "lost", "left", "acknowledged_lost"))
    return kept and resumed["most"] <= 30


def read_arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.restarts", description=__doc__)
    parser.add_argument("--times", type=int, default=60, help="restarts (default 60)")
    parser.add_argument("--every", type=float, default=5.0, help="seconds between them (default 5)")
    return parser.parse_args(given)


def main(arguments: argparse.Namespace) -> Line:
    """Play, and print what was counted as a JSON line."""
    told = play(arguments.times, arguments.every)
    print(json.dumps(told), flush=True)
    return told


if __name__ == "__main__":
    enter("tests.chaos.restarts")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # its processes end with it
    sys.exit(0 if is_good(main(read_arguments())) else 1)
