"""`python -m tests.sinks [--port N]`: the fast sink as its own process, until its standard input is closed.

It prints one JSON line when it listens ({"port": …}) and one at the end with what it counted.
"""

import argparse
import asyncio
import json
import sys
from dataclasses import asdict

from tests.sinks.fast import Counts, serve


async def _main(port: int) -> None:
    counts = Counts()
    server = await serve(counts, port)
    print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)
    await asyncio.to_thread(sys.stdin.read)
    server.close()
    print(json.dumps(asdict(counts)), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="The least SMTP server there is: it counts and forgets.")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one (the default)")
    asyncio.run(_main(parser.parse_args().port))
