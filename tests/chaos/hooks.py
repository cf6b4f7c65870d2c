"""What a webhook was answered 200 survives SIGKILL: a real web process, killed right after an answer, again and again.

    python -m tests.chaos.hooks --kills 200

Each round forks a web process from this one, so that no round imports anything; posts signed bodies over several
connections at once; kills the process as soon as one of them is answered, while the others are under way; and takes down
what was answered 200. At the end the receipts are read: an acknowledged body that is not among them is lost.
"""

import argparse
import base64
import http.client
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

from nurture.bootstrap import enter

USER, PASSWORD = "postmark", "password of the chaos, long enough"
CONNECTIONS = 4
PATIENCE = 30.0


@dataclass
class Count:
    """What came of all rounds on one database. `acknowledged` are the keys of bodies answered 200."""

    database: str
    kills: int = 0
    posted: int = 0
    acknowledged: set[str] = field(default_factory=set)
    lost: int = 0
    unacknowledged_but_kept: int = 0


def play(url: str, kills: int) -> Count:
    """Kill as often as told on one database, which has its tables; then count."""
    count = Count(url.partition(":")[0].partition("+")[0])
    for number in range(kills):
        _one_round(url, number, count)
    _read_back(url, count)
    return count


def _one_round(url: str, number: int, count: Count) -> None:
    with socket.create_server(("127.0.0.1", 0)) as bound:
        child = os.fork()
        if child == 0:
            _serve(url, bound)
        port = bound.getsockname()[1]
    try:
        posts = [_posted(port, number, n) for n in range(CONNECTIONS)]
        count.posted += len(posts)
        first = posts[number % CONNECTIONS]
        _hear(first, count)
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    count.kills += 1
    for post in posts:
        if post is not first:
            _hear(post, count)


@dataclass(frozen=True)
class _Post:
    key: str
    connection: http.client.HTTPConnection


def _posted(port: int, number: int, n: int) -> _Post:
    """A body on its way; nobody has waited for the answer yet."""
    from nurture.providers.bodies import key_of

    told = {"RecordType": "Delivery", "MessageID": f"{number}-{n}", "Metadata": {"touch": f"{number:016x}{n:016x}"}}
    body = json.dumps(told).encode()
    signed = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    connection.request("POST", "/hooks/postmark", body, {"Authorization": f"Basic {signed}"})
    return _Post(key_of(body), connection)


def _hear(post: _Post, count: Count) -> None:
    """Note an answer, where one was still written before the process died."""
    try:
        if post.connection.getresponse().status == 200:
            count.acknowledged.add(post.key)
    except (OSError, http.client.HTTPException):
        pass
    finally:
        post.connection.close()


def _serve(url: str, bound: socket.socket) -> None:
    """The web process, as `nurture web` runs it; ends by being killed."""
    from pydantic import SecretStr

    from nurture.cli.running import live_for_the_web, web_part
    from nurture.config import Settings
    from nurture.wiring import open_system

    try:
        settings = Settings(database_url=url, postmark_webhook_user=USER, postmark_webhook_password=SecretStr(PASSWORD))
        live_for_the_web([web_part(open_system(settings), bound)])
    finally:
        os._exit(1)


def _read_back(url: str, count: Count) -> None:
    from sqlalchemy import select

    from nurture.storage.database import Database
    from nurture.storage.tables import receipts

    db = Database.open(url)
    try:
        with db.read() as c:
            kept = set(c.execute(select(receipts.c.key)).scalars())
    finally:
        db.close()
    count.lost = len(count.acknowledged - kept)
    count.unacknowledged_but_kept = len(kept - count.acknowledged)


def read_arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.hooks", description=__doc__)
    parser.add_argument("--kills", type=int, default=200, help="on each database (default 200)")
    parser.add_argument("--database", choices=["sqlite", "postgresql", "both"], default="both")
    return parser.parse_args(given)


def main(arguments: argparse.Namespace) -> bool:
    """Play, printing a JSON line for each database; whether nothing was lost."""
    import nurture.cli.running  # noqa: F401 - imported once, here, for every round
    from tests.benchmarks.places import fresh_databases, kinds

    good = True
    for kind in kinds(arguments.database):
        began = time.monotonic()
        with fresh_databases(kind) as make:
            count = play(make(), arguments.kills)
        shown = {**asdict(count), "acknowledged": len(count.acknowledged), "seconds": round(time.monotonic() - began)}
        print(json.dumps(shown), flush=True)
        good &= count.lost == 0 and len(count.acknowledged) >= arguments.kills
    return good


if __name__ == "__main__":
    enter("tests.chaos.hooks")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # its processes end with it
    sys.exit(0 if main(read_arguments()) else 1)
