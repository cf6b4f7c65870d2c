"""Fill a database, let everything run on it in a child process, and ask the child how large it became."""

import json
import subprocess
import sys
from argparse import Namespace

from nurture.bootstrap import ROOT
from nurture.storage.database import Database
from tests.benchmarks import engine
from tests.benchmarks.campaign import apply_campaigns, enter, take_in
from tests.benchmarks.comparing import Line, say
from tests.benchmarks.crowd import crowd
from tests.benchmarks.places import forget, fresh_databases
from tests.benchmarks.sinks import running_sink
from tests.benchmarks.ticking import LATER

CHILD = "tests.benchmarks.household"


def weigh(kind: str, options: Namespace) -> Line:
    """Fill a database, run the child on it, and print what it told."""
    with fresh_databases(kind) as make, running_sink(options.sink) as sink:
        url = make()
        _fill(url, options.contacts, options.due)
        command = [sys.executable, "-m", CHILD, url, str(sink.port)]
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
