"""The engine and django-drip-campaigns in turns, on one kind of database."""

from argparse import Namespace
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from statistics import median

from nurture.content.skeleton import Skeleton
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
NOT_RUN: Line = {"opponent_mails_per_s": None, "opponent_peak_mb": None}
LEFT_OUT = f"{django_drip.NAME} was left out by --alone."


def compare(kind: str, options: Namespace) -> list[Line]:
    """Print and answer the medians of all turns, a line for each number of processes."""
    opponent, why_not = _opponent(options)
    turns: dict[int, list[Line]] = {processes: [] for processes in options.processes}
    with fresh_databases(kind) as make:
        for _ in range(options.runs):
            mail = _mail(make)
            theirs = _theirs(make, opponent, mail, options) if opponent else NOT_RUN
            for processes in options.processes:
                turns[processes].append({**_ours(make, processes, options), **theirs})
    return [
        say(
            {
                "benchmark": "drip",
                "database": kind,
                "processes": processes,
                "contacts": options.contacts,
                "steps": STEPS,
                "mails": told[-1]["mails"],
                "html_bytes": len("".join(piece for piece in mail.html if isinstance(piece, str)).encode()),
                "connections": options.connections,
                "runs": options.runs,
                "mails_per_s": middle(told, "mails_per_s"),
                "peak_mb": middle(told, "peak_mb"),
                "opponent": django_drip.VERSIONS[0],
                "opponent_mails_per_s": middle(told, "opponent_mails_per_s"),
                "opponent_peak_mb": middle(told, "opponent_peak_mb"),
                "ratio": _ratio(told),
                **({} if opponent else {"why_no_opponent": why_not}),
            }
        )
        for processes, told in turns.items()
    ]


def _ratio(turns: Sequence[Line]) -> float | None:
    """The median of what each turn gave."""
    pairs = [(turn["mails_per_s"], turn["opponent_mails_per_s"]) for turn in turns]
    told = [float(ours) / float(theirs) for ours, theirs in pairs if ours and theirs]
    return round(median(told), 2) if told else None


def _opponent(options: Namespace) -> tuple[Path | None, str]:
    if options.alone:
        return None, LEFT_OUT
    try:
        return django_drip.installed(), ""
    except django_drip.NotInstalled as problem:
        return None, str(problem)


def _mail(make: Make) -> Skeleton:
    """What both sides write."""
    url = make()
    db = Database.open(url)
    apply_small(db)
    db.close()
    mail = engine.first_mail(url, 1, NAME, None)
    forget(url)
    return mail


def _theirs(make: Make, python: Path, mail: Skeleton, options: Namespace) -> Line:
    url = make()
    with running_sink(options.sink) as sink:
        people = {"people": options.contacts, "warm_up": WARM_UP, "steps": STEPS}
        told = django_drip.run(python, url, sink.port, mail, **people)
        counted(sink.count(), told.sent)
    counted(told.sent, STEPS * (WARM_UP + options.contacts))
    forget(url)
    rate = STEPS * options.contacts / told.seconds
    return {"opponent_mails_per_s": round(rate, 1), "opponent_peak_mb": told.peak_mb}


def _ours(make: Make, processes: int, options: Namespace) -> Line:
    url = make()
    db = Database.open(url)
    apply_small(db)
    with running_sink(options.sink) as sink:
        with hands(processes, url, sink.port, options.connections) as team:
            enter(db, take_in(db, WARM_UP))
            engine.worked(team, MONDAY)
            enter(db, take_in(db, options.contacts, WARM_UP))
            seconds = sum(engine.worked(team, MONDAY + step * DAY) for step in range(STEPS))
        mails = (
            counted(sink.count(), STEPS * (WARM_UP + options.contacts)) - WARM_UP
        )  # whose other mails were timed, too
    db.close()
    forget(url)
    return {"mails": mails, "mails_per_s": round(mails / seconds, 1), "peak_mb": max(hand.peak_mb for hand in team)}
