"""Made-up contacts: some who fit a persona and some who fit none, coming in by the doors of the campaigns."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from nurture.core.conditions import And, Compare, Condition, OneOf, Op, Or
from nurture.core.events import Event, FieldValue, ProfileChanged, Submitted
from nurture.core.ids import contact_key
from nurture.core.program import Program
from nurture.core.scoring import Persona
from nurture.core.state import ContactState
from nurture.core.words import Basis
from nurture.core.world import World
from nurture.simulate.dice import Dice
from nurture.simulate.hours import waking
from nurture.simulate.reading import Door, doors_of, leaves

STRANGERS = 30
"""Of a hundred made-up contacts, so many fit no persona: an assumption."""

MEETS = 80
"""In so many cases of a hundred, one who fits a persona meets one of its criteria: an assumption."""

WEEK = timedelta(weeks=1)
LARGE = 10  # times the least number wanted: how far above it somebody's number may lie


class NoDoor(Exception):
    """No campaign says by which form or tag contacts enter; the text says what to do."""

    def __str__(self) -> str:
        return (
            'Nobody made up could come in: no campaign is entered by submitted("…") or tagged("…"). '
            "Simulate with --contacts real, or give a campaign such an `enter`."
        )


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody whom nobody knows yet, and the event by which that changes."""

    state: ContactState
    event: Event


@dataclass(frozen=True)
class Crowd:
    """So many contacts at the start and so many a week afterwards; each is the same for the same seed and number."""

    worlds: Sequence[World]
    seed: int
    start: datetime
    weeks: int
    at_start: int
    per_week: float = 0.0
    named: str = "simulated"
    dice: Dice = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "dice", Dice(self.seed, (self.named,)))
        if not self._entries and len(self):
            raise NoDoor

    def __len__(self) -> int:
        return self.at_start + int(self.per_week * self.weeks)

    def contact(self, number: int) -> Newcomer:
        """The contact of that number, counted from 0."""
        dice = self.dice.of(str(number))
        program, doors = dice.pick("campaign", self._entries)
        first = number < self.at_start
        door = _door(doors, dice, by_tag=first)
        at = self.start if first else self._arrives(number - self.at_start, dice, program)
        known = self._fields(program, dice)
        key = contact_key(self.worlds[0].salt, f"{self.named}-{number}")
        return Newcomer(ContactState(key, created_at=at), _enters(door, known, at, key))

    def _arrives(self, nth: int, dice: Dice, program: Program) -> datetime:
        after = (nth + dice.throw("arrives")) / self.per_week * WEEK
        at = self.start + timedelta(minutes=round(after / timedelta(minutes=1)))
        return waking(at, ZoneInfo(program.cadence.zone))

    def _fields(self, program: Program, dice: Dice) -> dict[str, FieldValue]:
        countries = _countries(program) or (program.cadence.country,)
        known: dict[str, FieldValue] = {"language": program.language, "country": str(dice.pick("country", countries))}
        personas = self.worlds[0].scoring.personas
        if not personas or dice.happens("stranger", STRANGERS):
            return known
        persona = dice.pick("persona", personas)
        return {**known, **draw(persona, dice)}

    @cached_property
    def _entries(self) -> tuple[tuple[Program, tuple[Door, ...]], ...]:
        programs: dict[str, Program] = {}
        for world in self.worlds:
            programs = {program.name: program for program in world.current_programs()} | programs
        found = ((programs[name], doors_of(programs[name])) for name in sorted(programs))
        return tuple((program, doors) for program, doors in found if doors)


def _door(doors: Sequence[Door], dice: Dice, *, by_tag: bool) -> Door:
    """Whoever is there at the start was imported with a tag; whoever comes later fills in a form: where there are both."""
    fitting = [door for door in doors if bool(door.tag) is by_tag]
    return dice.pick("door", fitting or doors)


def _enters(door: Door, known: Mapping[str, FieldValue], at: datetime, key: str) -> Event:
    if door.form:
        language = str(known["language"])
        return Submitted(f"enters:{key}", at, door.form, known, basis=Basis.OPT_IN, language=language)
    return ProfileChanged(f"enters:{key}", at, known, tags=(door.tag,), basis=Basis.LEGITIMATE_INTEREST)


def _countries(program: Program) -> tuple[FieldValue, ...]:
    """Where the campaign admits people from, if it says so."""
    for leaf, negated in leaves(program.audience.only_if):
        match leaf:
            case OneOf(ref=ref, values=values) if ref.name == "country" and not negated:
                return values
            case Compare(ref=ref, op=Op.EQ, value=value) if ref.name == "country" and not negated:
                return (value,)
            case _:
                pass
    return ()


def draw(persona: Persona, dice: Dice) -> dict[str, FieldValue]:
    """Fields of somebody of that persona: each criterion is met in most cases, else what it asks stays unknown."""
    met = [c.when for n, c in enumerate(persona.criteria) if dice.happens(f"meets {n}", MEETS)]
    wishes: dict[str, _Wish] = {}
    for condition in met:
        _wish(condition, dice, wishes)
    return {name: wish.drawn(dice, name) for name, wish in wishes.items() if name not in {"country", "language"}}


@dataclass(slots=True)
class _Wish:
    """What a field should be: one of some values, or a number within bounds."""

    values: tuple[FieldValue, ...] = ()
    low: int | None = None
    high: int | None = None

    def drawn(self, dice: Dice, name: str) -> FieldValue:
        if self.values:
            return dice.pick(f"value {name}", self.values)
        low = self.low if self.low is not None else max(0, (self.high or 0) // LARGE)
        high = self.high if self.high is not None else max(low * LARGE, 1)
        return low + int(dice.throw(f"number {name}") ** 2 * (max(high, low) - low))


def _wish(condition: Condition, dice: Dice, wishes: dict[str, _Wish]) -> None:
    match condition:
        case And(terms):
            for term in terms:
                _wish(term, dice, wishes)
        case Or(terms):
            _wish(_known_first(terms, wishes), dice, wishes)
        case OneOf(ref=ref, values=values):
            wishes.setdefault(ref.name, _Wish()).values = values
        case Compare(ref=ref, op=op, value=value):
            _compare(wishes.setdefault(ref.name, _Wish()), op, value)
        case _:
            pass


def _known_first(terms: Iterable[Condition], wishes: Mapping[str, _Wish]) -> Condition:
    """Of several ways, one that asks about what is wished for already, else the first."""
    ways = list(terms)
    return next((way for way in ways if isinstance(way, Compare) and way.ref.name in wishes), ways[0])


def _compare(wish: _Wish, op: Op, value: FieldValue) -> None:
    if isinstance(value, str | bool):
        if op is Op.EQ:
            wish.values = (value,)
        return
    match op:
        case Op.EQ:
            wish.low = wish.high = value
        case Op.GE | Op.GT:
            wish.low = max(wish.low or 0, value + (op is Op.GT))
        case Op.LE | Op.LT:
            least = value - (op is Op.LT)
            wish.high = least if wish.high is None else min(wish.high, least)
        case Op.NE:
            pass
