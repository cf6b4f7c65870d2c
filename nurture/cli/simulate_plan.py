"""From what `nurture simulate` was asked to a plan: which files, which contacts, which rates."""

import re
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from nurture.authoring.bundle import compile_bundle, read_bundle
from nurture.authoring.problems import Log, Problem, in_order, render
from nurture.cli.check import read_files
from nurture.cli.errors import CommandProblem, Quiet
from nurture.cli.terminal import Terminal
from nurture.core.program import Content
from nurture.core.world import World
from nurture.simulate.history import count_history
from nurture.simulate.present import Held, look
from nurture.simulate.rates import Rates, with_history
from nurture.simulate.rates_file import read_rates
from nurture.simulate.running import Plan, Version
from nurture.storage.database import Database, DatabaseProblem, real_now
from nurture.storage.worlds import Bundle

if TYPE_CHECKING:
    from nurture.config import Settings

REAL = "real"
APPLIED = "applied"
FILES = "files"
MADE_UP = 1000
"""How many contacts are made up where nobody says, and no database has any."""
MOST = 1_000_000
SALT = b"nurture simulate"
"""Of a simulation without a database."""

_ARRIVALS = re.compile(r"(\d{1,7}(?:\.\d{1,3})?)/(day|week)")


@dataclass(frozen=True, slots=True)
class Wishes:
    """The command's options as they were written."""

    contacts: str
    arrivals: str
    applied: bool
    against: str
    weeks: int
    seed: int
    begin: datetime | None
    rates: Path | None


@dataclass(frozen=True, slots=True)
class Known:
    """What the database tells, if there is one."""

    held: Held
    url: str
    now: datetime


def prepared(terminal: Terminal, settings: "Settings", wishes: Wishes) -> Plan:
    """The plan (CommandProblem: something asked for cannot be; Quiet: the files have mistakes, which were told)."""
    per_week = _arrivals(wishes.arrivals)
    at_start = _made_up(wishes.contacts)
    db = _database(terminal, settings, wishes)
    if db is None:
        now = terminal.clock.now()
        return _plan(terminal, settings, wishes, None, now, at_start if at_start is not None else MADE_UP, per_week)
    with closing(db), db.read() as c:
        now = terminal.given_clock.now() if terminal.given_clock is not None else real_now(c)
        held = look(c)
        known = Known(held, settings.database_url, now)
        if at_start is None and not held.contacts and wishes.contacts != REAL and not per_week:
            terminal.note(f"The database has no contacts: {MADE_UP} are made up.")
            at_start = MADE_UP
        plan = _plan(terminal, settings, wishes, known, now, at_start, per_week)
        worlds = [version.world(plan.salt) for version in plan.versions]
        counts = count_history(c, _catalogue(worlds))
    return replace(plan, rates=_rates(terminal, wishes, with_history(Rates(), counts), worlds[0]))


def _plan(
    terminal: Terminal,
    settings: "Settings",
    wishes: Wishes,
    known: Known | None,
    now: datetime,
    at_start: int | None,
    per_week: float,
) -> Plan:
    """The plan; without a database with its rates."""
    salt = known.held.salt if known else SALT
    versions = _versions(terminal, settings, wishes, known)
    worlds = [_compiled(terminal, version, salt) for version in versions]
    zone = next((program.cadence.zone for program in worlds[0].current_programs()), "Europe/Paris")
    real = at_start is None
    numbers = known.held.contacts if known and real else ()
    if real and not numbers and not per_week:
        raise CommandProblem("The database has no contacts: simulate with --contacts 1000, or import some first.")
    if real and wishes.begin is not None and numbers:
        raise CommandProblem("Real contacts are where they are now: leave out --from, or simulate --contacts 1000.")
    start = now if numbers else _midnight(wishes.begin or now.astimezone(ZoneInfo(zone)), zone)
    return Plan(
        versions=versions,
        salt=salt,
        seed=wishes.seed,
        start=start,
        weeks=wishes.weeks,
        zone=zone,
        rates=_rates(terminal, wishes, Rates(), worlds[0]) if known is None else Rates(),
        url=known.url if known else "",
        numbers=numbers,
        at_start=at_start or 0,
        per_week=per_week,
    )


def _midnight(day: datetime, zone: str) -> datetime:
    return day.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=ZoneInfo(zone))


def _arrivals(text: str) -> float:
    """So many a week."""
    told = _ARRIVALS.fullmatch(text.replace(" ", "")) if text else None
    if text and told is None:
        raise CommandProblem(f"--arrivals {text!r} is not understood: write it like 200/week or 30/day.")
    return 0.0 if told is None else float(told[1]) * (7 if told[2] == "day" else 1)


def _made_up(text: str) -> int | None:
    """How many contacts are made up; None: those of the database."""
    if text in ("", REAL):
        return None
    if not re.fullmatch(r"\d{1,7}", text) or not 0 < int(text) <= MOST:
        raise CommandProblem(f"--contacts {text!r} is not understood: write `real`, or a number from 1 to {MOST}.")
    return int(text)


def _database(terminal: Terminal, settings: "Settings", wishes: Wishes) -> Database | None:
    """The database, unless there is none and nothing asked for needs it."""
    try:
        return Database.open(settings.database_url, connections=1)
    except DatabaseProblem as problem:
        if wishes.contacts == REAL or wishes.applied or wishes.against == APPLIED:
            raise
        terminal.note(f"{problem} Until then contacts are made up, and rates are assumptions.")
        return None


def _versions(terminal: Terminal, settings: "Settings", wishes: Wishes, known: Known | None) -> tuple[Version, ...]:
    first = _applied(known) if wishes.applied else _edited(FILES, read_files(settings), known)
    if not wishes.against:
        return (first,)
    if wishes.against == APPLIED:
        if wishes.applied:
            raise CommandProblem("This compares what is applied with itself: leave out --applied.")
        return first, _applied(known)
    return first, _edited(wishes.against, _folder(Path(wishes.against)), known)


def _applied(known: Known | None) -> Version:
    if known is None or known.held.active is None:
        raise CommandProblem("No campaign has been applied to this database yet: run `nurture apply`.")
    return Version(APPLIED, known.held.active, known.held.pinned)


def _edited(name: str, bundle: Bundle, known: Known | None) -> Version:
    """Files that are not applied: contacts in flight go on as `nurture apply` would have them."""
    if known is None:
        return Version(name, bundle)
    edited = bundle.hash != known.held.active_hash
    return Version(name, bundle, known.held.pinned, news=known.held.versions if edited else None)


def _folder(folder: Path) -> Bundle:
    if not (folder / "campaigns").is_dir():
        raise CommandProblem(f"There is no folder {folder / 'campaigns'}: name a folder that has campaigns/ in it.")
    return read_bundle(folder / "campaigns", folder / "email_templates")


def _compiled(terminal: Terminal, version: Version, salt: bytes) -> World:
    compiled = compile_bundle(version.bundle, salt=salt, pinned=version.pinned)
    if compiled.world is None:
        _tell(terminal, [problem for problem in compiled.problems if problem.is_error], version.bundle.files)
        terminal.note(f"The {version.name} have mistakes. Nothing was simulated.", style="red")
        raise Quiet
    return compiled.world


def _tell(terminal: Terminal, problems: list[Problem], files: Mapping[str, str]) -> None:
    for problem in in_order(problems):
        terminal.say(render(problem, files))
        terminal.say()


def _catalogue(worlds: list[World]) -> dict[str, Content]:
    return {name: content for world in reversed(worlds) for name, content in world.catalogue.items()}


def _rates(terminal: Terminal, wishes: Wishes, rates: Rates, world: World) -> Rates:
    if wishes.rates is None:
        return rates
    name, log = str(wishes.rates), Log()
    text = wishes.rates.read_bytes().decode("utf-8", "surrogateescape")
    read = read_rates(name, text, rates, tuple(persona.name for persona in world.scoring.personas), log)
    if log.failed:
        _tell(terminal, log.problems, {name: text})
        terminal.note(f"{name} has mistakes. Nothing was simulated.", style="red")
        raise Quiet
    return read
