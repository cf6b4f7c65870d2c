"""`python -m tests.benchmarks.household DATABASE_URL SMTP_PORT`: everything in one process, until nothing is due.

The parts of `nurture run` and a visitor who opens a page now and then; at the end it prints how large it became. It imports
what `nurture run` imports, and little else.
"""

import asyncio
import json
import sys

import httpx

from nurture.cli.running import Life, Part, clock_part, live, web_part, worker_part
from nurture.clock import ManualClock
from nurture.web.serving import listen
from nurture.wiring import System, open_system
from tests.benchmarks.peak import peak_megabytes
from tests.benchmarks.quiet import is_over
from tests.benchmarks.settings import MONDAY, settings_for

PAGES = ("/healthz", "/f/audit-cloud", "/static/pages.css")
CONNECTIONS = 4
LOOK_EVERY = 0.2  # seconds


def _child(url: str, port: int) -> None:
    system = open_system(settings_for(url, port, CONNECTIONS), ManualClock(MONDAY))
    bound = listen("127.0.0.1", 0)
    at = f"http://127.0.0.1:{bound.getsockname()[1]}"
    told = {"at_start_mb": peak_megabytes()}
    asyncio.run(live([worker_part(system), clock_part(system), web_part(system, bound), _visitor(system, at)]))
    system.close()
    print(json.dumps({**told, "peak_mb": peak_megabytes()}))


def _visitor(system: System, at: str) -> Part:
    """Opens pages until nothing is due any more; its end is the end of all."""

    async def visit(life: Life) -> None:
        async with httpx.AsyncClient(base_url=at, timeout=30) as client:
            while not await asyncio.to_thread(is_over, system.db, MONDAY):
                for page in PAGES:
                    (await client.get(page)).raise_for_status()
                await asyncio.sleep(LOOK_EVERY)

    return visit


if __name__ == "__main__":
    _child(sys.argv[1], int(sys.argv[2]))
