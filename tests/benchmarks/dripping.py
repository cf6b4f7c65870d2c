"""The engine and django-drip-campaigns in turns, on one kind of database."""

from argparse import Namespace
from datetime import timedelta
from pathlib import Path

from nurture.storage.database import Database
from tests.benchmarks import django_drip, engine
from tests.benchmarks.campaign import enter, take_in
from tests.benchmarks.comparing import Line, counted, middle, say
from tests.benchmarks.engine import WARM_UP
from tests.benchmarks.hand import hands
from tests.benchmarks.places import Make, forget, fresh_databases
from tests.benchmarks.settings import MONDAY
from tests.benchmarks.sinks import running_sink
from tests.benchmarks.small import NAME, STEPS, apply_small

DAY = timedelta(days=1)
LEFT_OUT = f"{django_drip.NAME} was left out by --alone."


def compare(kind: str, options: Namespace) -> Line:
    """Print and answer the medians of all turns."""
    opponent, why_not = _opponent(options)
    with fresh_databases(kind) as make:
        turns = [_turn(make, opponent, options) for _ in range(options.runs)]
    return say(
        {
            "benchmark": "drip",
            "database": kind,
            "contacts": options.contacts,
            "steps": STEPS,
            **{name: turns[-1][name] for name in ("mails", "sink", "html_bytes")},
            "processes": options.processes,
            "connections": options.connections,
            "runs": options.runs,
            "mails_per_s": middle(turns, "mails_per_s"),
            "peak_mb": middle(turns, "peak_mb"),
            "opponent": django_drip.VERSIONS[0],
            "opponent_mails_per_s": middle(turns, "opponent_mails_per_s"),
            "opponent_peak_mb": middle(turns, "opponent_peak_mb"),
            "ratio": middle(turns, "ratio"),
            **({} if opponent else {"why_no_opponent": why_not}),
        }
    )


def _opponent(options: Namespace) -> tuple[Path | None, str]:
    if options.alone:
        return None, LEFT_OUT
    try:
        return django_drip.installed(), ""
    except django_drip.NotInstalled as problem:
        return None, str(problem)


def _turn(make: Make, opponent: Path | None, options: Namespace) -> Line:
    url = make()
    db = Database.open(url)
    apply_small(db)
    with running_sink(options.sink) as sink:
        mail = engine.first_mail(url, sink.port, NAME, None)
        ours = _ours(db, url, sink.port, options)
        mails = (
            counted(sink.count(), STEPS * (WARM_UP + options.contacts)) - WARM_UP
        )  # whose other mails were timed, too
    db.close()
    forget(url)
    rate = mails / ours.seconds
    told: Line = {
        "mails": mails,
        "sink": sink.name,
        "html_bytes": len("".join(piece for piece in mail.html if isinstance(piece, str)).encode()),
        "mails_per_s": round(rate, 1),
        "peak_mb": ours.peak_mb,
    }
    if opponent is None:
        return {**told, "opponent_mails_per_s": None, "opponent_peak_mb": None, "ratio": None}
    url = make()
    with running_sink(options.sink) as sink:
        people = {"people": options.contacts, "warm_up": WARM_UP, "steps": STEPS}
        theirs = django_drip.run(opponent, url, sink.port, mail, **people)
        counted(sink.count(), theirs.sent)
    counted(theirs.sent, STEPS * (WARM_UP + options.contacts))
    forget(url)
    other = STEPS * options.contacts / theirs.seconds
    return {
        **told,
        "opponent_mails_per_s": round(other, 1),
        "opponent_peak_mb": theirs.peak_mb,
        "ratio": round(rate / other, 2),
    }


def _ours(db: Database, url: str, port: int, options: Namespace) -> engine.Run:
    with hands(options.processes, url, port, options.connections) as team:
        enter(db, take_in(db, WARM_UP))
        engine.worked(team, MONDAY)
        enter(db, take_in(db, options.contacts, WARM_UP))
        seconds = sum(engine.worked(team, MONDAY + step * DAY) for step in range(STEPS))
    return engine.Run(seconds, max(hand.peak_mb for hand in team))
