"""The decisions of a simulated course, taken again with a clock beside them."""

import gc
import time
from argparse import Namespace
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import TypeAlias

from nurture.authoring.bundle import compile_bundle, read_bundle
from nurture.bootstrap import ROOT
from nurture.core.decide import decide
from nurture.core.effects import Decision
from nurture.core.events import Event
from nurture.core.state import ContactState
from nurture.core.world import World
from nurture.simulate.course import Course
from nurture.simulate.people import Crowd
from nurture.simulate.rates import Rates
from nurture.simulate.reactions import Model, Reader
from tests.benchmarks.comparing import Line, say
from tests.benchmarks.settings import MONDAY

Asked: TypeAlias = tuple[ContactState, Event, datetime]
WEEKS = 12
SEED = 1
SALT = b"the salt of the benchmarks"


class Notes:
    """Whoever looks on and writes down what was asked."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []

    def happened(self, state: ContactState, event: Event) -> None:
        """A fact; the decision about it comes apart."""

    def decided(self, before: ContactState, event: Event, decision: Decision) -> None:
        """A decision."""
        self.asked.append((before, event, decision.at))


def measure(options: Namespace) -> list[Line]:
    """Print a line for each kind of event, the most frequent first, and one for all."""
    world = _world()
    asked = _asked(world, options.contacts)
    kinds: dict[str, list[Asked]] = defaultdict(list)
    for one in asked:
        kinds[type(one[1]).__name__].append(one)
    lines = [
        _line(world, kind, some, options.rounds) for kind, some in sorted(kinds.items(), key=lambda item: -len(item[1]))
    ]
    return [*lines, _line(world, "all", asked, options.rounds)]


def _line(world: World, kind: str, asked: Sequence[Asked], rounds: int) -> Line:
    def decide_all() -> None:
        for state, event, now in asked:
            decide(world, state, event, now)

    def copy_all() -> None:
        for state, _, _ in asked:
            replace(state, seq=1)

    each, copying = (_seconds(work, rounds) / len(asked) for work in (decide_all, copy_all))
    return say(
        {
            "benchmark": "decide",
            "event": kind,
            "decisions": len(asked),
            "per_s": round(1 / each),
            "us": round(each * 1e6, 1),
            "copy_us": round(copying * 1e6, 2),
            "ratio_copy": round(each / copying, 1),
        }
    )


def _seconds(work: Callable[[], None], rounds: int) -> float:
    """Of processor time: others' work on the machine is not in it. Median."""
    found = []
    gc.collect()
    gc.disable()
    try:
        for _ in range(rounds):
            began = time.process_time()
            work()
            found.append(time.process_time() - began)
    finally:
        gc.enable()
    return median(found)


def _world() -> World:
    root = Path(ROOT)
    world = compile_bundle(read_bundle(root / "campaigns", root / "email_templates"), salt=SALT).world
    assert world is not None
    return world


def _asked(world: World, contacts: int) -> list[Asked]:
    crowd = Crowd([world], SEED, MONDAY, WEEKS, contacts, 0)
    model, notes = Model.of(world, Rates(), SEED), Notes()
    for number in range(contacts):
        newcomer = crowd.contact(number)
        facts = [(newcomer.event.at, newcomer.event)]
        course = Course(world, newcomer.state, facts, Reader(model, newcomer.state), notes)
        course.run(MONDAY, MONDAY + WEEKS * (MONDAY.replace(day=15) - MONDAY))
    return notes.asked
