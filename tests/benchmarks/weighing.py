"""Start everything in a child, let it work through what is due, and ask it how large it became.

`python -m tests.benchmarks.weighing DATABASE_URL SMTP_PORT` is the child: the parts of `nurture run`, and one that looks
at a page now and then until nothing is due.
"""

import asyncio
import json
import re
import resource
import subprocess
import sys
from argparse import Namespace
from pathlib import Path

import httpx

from nurture.bootstrap import ROOT
from nurture.cli.running import Life, Part, clock_part, live, web_part, worker_part
from nurture.clock import ManualClock
from nurture.storage.claims import in_hand, next_due
from nurture.storage.database import Database
from nurture.web.serving import listen
from nurture.wiring import System, open_system
from tests.benchmarks import engine
from tests.benchmarks.campaign import MONDAY, apply_campaigns, enter, take_in
from tests.benchmarks.comparing import Line, say
from tests.benchmarks.crowd import crowd
from tests.benchmarks.places import forget, fresh_databases
from tests.benchmarks.sinks import running_sink
from tests.benchmarks.ticking import LATER

PAGES = ("/healthz", "/f/audit-cloud", "/static/pages.css")
CONNECTIONS = 4
LOOK_EVERY = 0.2  # seconds


def weigh(kind: str, options: Namespace) -> Line:
    """Fill a database, run the child on it, and print what it told."""
    with fresh_databases(kind) as make, running_sink(options.sink) as sink:
        url = make()
        _fill(url, options.contacts, options.due)
        command = [sys.executable, "-m", "tests.benchmarks.weighing", url, str(sink.port)]
        told = json.loads(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)
        mails = sink.count()
        assert mails == engine.sent(url).mails, "the sink took another number of mails than the outbox says"
        forget(url)
    line: Line = {"benchmark": "memory", "database": kind, "contacts": options.contacts, "due": options.due}
    return say({**line, "mails": mails, **told})


def _fill(url: str, contacts: int, due: int) -> None:
    db = Database.open(url)
    apply_campaigns(db)
    enter(db, take_in(db, due))
    crowd(db, contacts - due, LATER)
    db.close()


def _child(url: str, port: int) -> None:
    system = open_system(engine.settings_for(url, port, CONNECTIONS), ManualClock(MONDAY))
    bound = listen("127.0.0.1", 0)
    at = f"http://127.0.0.1:{bound.getsockname()[1]}"
    told: Line = {"at_start_mb": _megabytes()}
    asyncio.run(live([worker_part(system), clock_part(system), web_part(system, bound), _visitor(system, at)]))
    system.close()
    print(json.dumps({**told, "peak_mb": _megabytes()}))


def _visitor(system: System, at: str) -> Part:
    """Opens pages until nothing is due any more; its end is the end of all."""

    async def visit(life: Life) -> None:
        async with httpx.AsyncClient(base_url=at, timeout=30) as client:
            while not await asyncio.to_thread(_is_done, system):
                for page in PAGES:
                    (await client.get(page)).raise_for_status()
                await asyncio.sleep(LOOK_EVERY)

    return visit


def _is_done(system: System) -> bool:
    with system.db.read() as c:
        due = next_due(c)
        return (due is None or due > MONDAY) and not in_hand(c, MONDAY)


def _megabytes() -> float:
    """The peak of this very program: what the system's call tells may still be the parent's, from before exec."""
    status = Path("/proc/self/status")
    if status.exists():
        (peak,) = re.findall(r"VmHWM:\s+(\d+) kB", status.read_text())
        return round(int(peak) / 1024, 1)
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2, 1)


if __name__ == "__main__":
    _child(sys.argv[1], int(sys.argv[2]))
