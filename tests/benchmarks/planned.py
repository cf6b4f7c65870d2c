"""Plans of edits on one kind of database, timed from the files to the last count."""

import os
from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from time import perf_counter

from nurture.authoring.bundle import Bundle, read_bundle
from nurture.bootstrap import ROOT
from nurture.engine.worlds import Worlds
from nurture.planning.lines import Effect
from nurture.planning.plan import intend, make_plan
from nurture.storage.database import Database
from tests.benchmarks.campaign import apply_campaigns
from tests.benchmarks.comparing import Line, say
from tests.benchmarks.midway import in_flight
from tests.benchmarks.places import fresh_databases
from tests.benchmarks.settings import SUNDAY

FILE = "campaigns/migration-cloud.yaml"
EDITS: Mapping[str, tuple[str, str]] = {
    "a wait is shorter": (
        "      - wait: 3 business days\n      - send: article-couts",
        "      - wait: 1 business days\n      - send: article-couts",
    ),
    "other hours for all": ("  window: Mon-Fri 09:00-17:30", "  window: Mon-Fri 10:00-17:30"),
}
"""One that concerns few of them within the days, and one that concerns everybody."""


def measure(kind: str, options: Namespace) -> list[Line]:
    """Print and answer how long each edit took."""
    with fresh_databases(kind) as make:
        url = make()
        db = Database.open(url)
        try:
            apply_campaigns(db)
            contacts = in_flight(db, Worlds(db).world(), options.contacts, SUNDAY)
            return [_planned(db, url, kind, name, contacts, options) for name in EDITS]
        finally:
            db.close()


def _planned(db: Database, url: str, kind: str, name: str, contacts: int, options: Namespace) -> Line:
    began, spent = perf_counter(), _cpu()
    with db.read() as c:
        intent = intend(c, _edited(*EDITS[name]))
    made = make_plan(db, url, intent, SUNDAY, days=options.days, processes=options.processes or None)
    seconds, cpu = perf_counter() - began, _cpu() - spent
    counts = made.effects.counts
    return say(
        {
            "benchmark": "plan",
            "database": kind,
            "edit": name,
            "contacts": contacts,
            "looked_at": made.effects.contacts,
            "days": options.days,
            "seconds": round(seconds, 2),
            "cpu_seconds": round(cpu, 2),
            "mailed": made.effects.mailed,
            "repeated": sum(n for line, n in counts.items() if line.effect is Effect.REPEATED),
        }
    )


def _cpu() -> float:
    """What this process and those it waited for have used."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def _edited(before: str, after: str) -> Bundle:
    root = Path(ROOT)
    files = dict(read_bundle(root / "campaigns", root / "email_templates").files)
    assert before in files[FILE], f"{FILE} no longer has what this benchmark edits"
    return Bundle({**files, FILE: files[FILE].replace(before, after, 1)})
