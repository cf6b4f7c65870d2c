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
from tests.benchmarks.places import Make, forget, fresh_databases
from tests.benchmarks.settings import LATER, MONDAY
from tests.benchmarks.sinks import running_sink

CHILD = "tests.benchmarks.household"
MODELS = 20
"""Due contacts who are no copies."""


def weigh(kind: str, options: Namespace) -> list[Line]:
    """A line for each number of due contacts."""
    lines: list[Line] = []
    with fresh_databases(kind) as make:
        for due in options.due:
            told = _weighed(make, due, options)
            first = lines[0] if lines else told
            lines.append(
                say(
                    {
                        "benchmark": "memory",
                        "database": kind,
                        "contacts": options.contacts,
                        "due": due,
                        **told,
                        "opponent": f"the same with {options.due[0]} due",
                        "ratio": round(float(told["peak_mb"] or 0) / float(first["peak_mb"] or 0), 2),
                    }
                )
            )
    return lines


def _weighed(make: Make, due: int, options: Namespace) -> Line:
    """Fill a database, run the child on it, and hear what it tells."""
    url = make()
    _fill(url, due, options.contacts - due)
    with running_sink(options.sink) as sink:
        command = [sys.executable, "-m", CHILD, url, str(sink.port)]
        told: Line = json.loads(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)
        mails = sink.count()
    assert mails == engine.sent(url).mails, "the sink took another number of mails than the outbox says"
    forget(url)
    return {"mails": mails, **told}


def _fill(url: str, due: int, asleep: int) -> None:
    db = Database.open(url)
    apply_campaigns(db)
    enter(db, take_in(db, MODELS))
    for count, due_at in ((due - MODELS, MONDAY), (asleep, LATER)):
        if count > 0:
            crowd(db, count, due_at)
    db.close()
