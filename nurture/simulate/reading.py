"""What the rules of a world look at: so that a fact no rule reads is counted, and costs no decision."""

from collections.abc import Iterator
from dataclasses import dataclass

from nurture.core.conditions import And, Condition, InSegment, Not, Or, Signalled, Tagged
from nurture.core.events import Event
from nurture.core.events import Signalled as SignalledEvent
from nurture.core.program import Program
from nurture.core.state import ContactState
from nurture.core.words import SignalKind
from nurture.core.world import World


@dataclass(frozen=True, slots=True)
class Reads:
    """The signals that any rule asks about or gives points for. What time alone makes true is noticed on its day.

    Points below zero that fade make it more: that is noticed at every event, so none may be left out.
    """

    signals: frozenset[tuple[SignalKind, str | None]]
    points_grow: bool = False

    def ignores(self, state: ContactState, event: Event) -> bool:
        """Whether deciding the event would change nothing but the journal."""
        if self.points_grow or not isinstance(event, SignalledEvent):
            return False
        if state.holds or (state.hand_off is not None and state.hand_off.answered_at is not None):
            return False  # a hold that is over is noticed at any event; after an answer of sales any signal is news
        return (event.signal, None) not in self.signals and (event.signal, event.object) not in self.signals


def reads_of(world: World) -> Reads:
    """What the rules of all versions in the world look at."""
    asked = {
        (c.signal, c.object)
        for condition in conditions_of(world)
        for c, _ in leaves(condition)
        if isinstance(c, Signalled)
    }
    worth = {(rule.signal, rule.object) for rule in world.scoring.rules if rule.points}
    about = {
        (signal, None)
        for signal in (SignalKind.CLICKED, SignalKind.DOWNLOADED, SignalKind.REGISTERED, SignalKind.ATTENDED)
    }
    points_grow = any(rule.points < 0 and rule.half_life is not None for rule in world.scoring.rules)
    return Reads(frozenset(asked | worth | about), points_grow)


def pages_of(world: World) -> tuple[str, ...]:
    """The pages of the company's site that a rule names."""
    named = {about for signal, about in reads_of(world).signals if signal is SignalKind.VISITED and about}
    return tuple(sorted(named))


def conditions_of(world: World) -> Iterator[Condition]:
    """Every condition about what contacts do."""
    yield world.scoring.mql
    for program in world.programs.values():
        yield from program.conditions()


def leaves(condition: Condition, negated: bool = False) -> Iterator[tuple[Condition, bool]]:
    """The questions a condition is made of, and whether each is asked the other way round."""
    match condition:
        case And(terms) | Or(terms):
            for term in terms:
                yield from leaves(term, negated)
        case Not(term):
            yield from leaves(term, not negated)
        case InSegment(condition=inner):
            yield from leaves(inner, negated)
        case _:
            yield condition, negated


@dataclass(frozen=True, slots=True)
class Door:
    """One way into a campaign: a form, or a tag."""

    campaign: str
    form: str = ""
    tag: str = ""


def doors_of(program: Program) -> tuple[Door, ...]:
    """The forms and tags by which contacts enter."""
    found: list[Door] = []
    for leaf, negated in leaves(program.audience.enter):
        match leaf:
            case Signalled(signal=SignalKind.SUBMITTED, object=str(form)) if not negated:
                found.append(Door(program.name, form=form))
            case Tagged(tag=tag) if not negated:
                found.append(Door(program.name, tag=tag))
            case _:
                pass
    return tuple(dict.fromkeys(found))
