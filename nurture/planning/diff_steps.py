"""What became of the steps of a campaign: found again by their keys, whatever the file looks like."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from difflib import SequenceMatcher

from nurture.core.acts import END
from nurture.core.lineage import JUMPS, counterparts, meaning
from nurture.core.program import Mailing, Program, Stage, Step, WaitUntil
from nurture.planning.changes import Place, StepChange, What
from nurture.planning.written import longer, step_text, written

WORDS = frozenset({"subject", "template", "variants", "text"})
"""Parts of a step that are words to be read."""

TIMES = frozenset({"span", "before", "moment", "edge", "webinar"})
"""Parts of a step that say how long one waits."""


@dataclass(frozen=True, slots=True)
class _Pair:
    """A stage before and after, and which step is which."""

    old: Program
    new: Program
    before: Stage
    after: Stage
    known: Mapping[str, str]


def step_changes(old: Program, new: Program) -> Iterator[StepChange]:
    """Every change of a step, in the new file's order, what is gone last. A stage that is gone takes its steps with it."""
    pairs = _pairs(old, new)
    come, gone = _come(new, pairs), _gone(old, pairs)
    elsewhere = _elsewhere(come, gone)
    for stage, step in come:
        if step.key in elsewhere:
            before = elsewhere[step.key]
            yield StepChange(new.name, stage, step.key, What.MOVED, _place(new, step), before.key, step.key)
        else:
            yield StepChange(new.name, stage, step.key, What.ADDED, _place(new, step), after=step_text(step))
    for pair in pairs:
        yield from _within(pair)
    left = {step.key for step in elsewhere.values()}
    for stage, step in gone:
        if step.key not in left and stage in new.stage_index:
            yield StepChange(new.name, stage, step.key, What.REMOVED, _place(old, step), step_text(step))


def renamed_steps(old: Program, new: Program) -> Iterator[StepChange]:
    """The steps that do the same under another name."""
    for pair in _pairs(old, new):
        for was, now in pair.known.items():
            if was != now:
                yield _change(pair, pair.after.steps[pair.after.index[now]], What.RENAMED, was, now)


def _pairs(old: Program, new: Program) -> list[_Pair]:
    both = [(old.stage(stage.name), stage) for stage in new.stages if stage.name in old.stage_index]
    return [_Pair(old, new, before, after, counterparts(before, after)) for before, after in both]


def _place(program: Program, step: Step) -> Place:
    return Place(program.file, step.line)


def _come(new: Program, pairs: list[_Pair]) -> list[tuple[str, Step]]:
    known = {(pair.after.name, key) for pair in pairs for key in pair.known.values()}
    return [(stage.name, step) for stage in new.stages for step in stage.steps if (stage.name, step.key) not in known]


def _gone(old: Program, pairs: list[_Pair]) -> list[tuple[str, Step]]:
    known = {(pair.before.name, key) for pair in pairs for key in pair.known}
    return [(stage.name, step) for stage in old.stages for step in stage.steps if (stage.name, step.key) not in known]


def _elsewhere(come: list[tuple[str, Step]], gone: list[tuple[str, Step]]) -> dict[str, Step]:
    """The mails that went from one stage to another, by their new keys."""
    found: dict[str, Step] = {}
    left = [step for _, step in gone if isinstance(step, Mailing)]
    for _, step in come:
        same = next((one for one in left if isinstance(step, Mailing) and _same_mail(one, step)), None)
        if same is not None:
            found[step.key] = same
            left.remove(same)
    return found


def _same_mail(one: Mailing, other: Mailing) -> bool:
    return type(one) is type(other) and one.content == other.content


def _within(pair: _Pair) -> Iterator[StepChange]:
    moved = _moved(pair)
    for step in pair.before.steps:
        if step.key not in pair.known:
            continue
        now = pair.after.steps[pair.after.index[pair.known[step.key]]]
        yield from _changed(pair, step, now)
        if step.key in moved:
            yield _change(pair, now, What.MOVED, step_text(now), step_text(now))
        elif rerouted := _rerouted(pair, step, now, moved):
            yield _change(pair, now, What.REROUTED, *rerouted)


def _change(pair: _Pair, step: Step, what: What, before: str, after: str) -> StepChange:
    return StepChange(pair.new.name, pair.after.name, step.key, what, _place(pair.new, step), before, after)


def _changed(pair: _Pair, was: Step, now: Step) -> Iterator[StepChange]:
    """The parts of a step that say something else."""
    if meaning(was) == meaning(now):
        return
    if type(was) is not type(now):
        yield _change(pair, now, What.CHANGED, step_text(was), step_text(now))
        return
    for name in (field.name for field in fields(now) if field.name not in {"key", "line", *JUMPS}):
        before, after = getattr(was, name), getattr(now, name)
        if before != after:
            yield _change(pair, now, _kind(now, name, before, after), *_shown(was, now, name))


def _kind(step: Step, name: str, before: object, after: object) -> What:
    if name == "condition":
        return What.RECONDITIONED
    if name in WORDS:
        return What.REWORDED
    if name not in TIMES:
        return What.CHANGED
    lasts = None if isinstance(step, WaitUntil) else longer(before, after)
    return What.RETIMED if lasts is None else What.LENGTHENED if lasts else What.SHORTENED


def _shown(was: Step, now: Step, name: str) -> tuple[str, str]:
    before, after = written(getattr(was, name)), written(getattr(now, name))
    if name in ("condition", "span"):
        return before, after
    if name in TIMES:
        return step_text(was), step_text(now)
    return f"{name} {before or 'by default'}", f"{name} {after or 'by default'}"


def _moved(pair: _Pair) -> frozenset[str]:
    """The steps that do not come in the order in which they came, as few as explain it."""
    before = [pair.known[step.key] for step in pair.before.steps if step.key in pair.known]
    after = [step.key for step in pair.after.steps if step.key in set(before)]
    kept = SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks()
    stay = {key for block in kept for key in before[block.a : block.a + block.size]}
    return frozenset(old for old, new in pair.known.items() if new not in stay)


def _rerouted(pair: _Pair, was: Step, now: Step, moved: frozenset[str]) -> tuple[str, str] | None:
    """Where one goes on from a step, if that is another step and no step that came, went or moved explains it."""
    back = {new: old for old, new in pair.known.items() if old not in moved}
    for jump in JUMPS:
        if not (hasattr(was, jump) and hasattr(now, jump)):
            continue
        before = _next_known(pair.before, getattr(was, jump), {key: key for key in back.values()})
        after = _next_known(pair.after, getattr(now, jump), back)
        if before != after:
            return f"{jump} {before or 'the end'}", f"{jump} {after or 'the end'}"
    return None


def _next_known(stage: Stage, place: int, known: Mapping[str, str]) -> str | None:
    seen: set[int] = set()
    while place != END and place not in seen:
        step = stage.steps[place]
        if step.key in known:
            return known[step.key]
        seen.add(place)
        place = getattr(step, "next", getattr(step, "then", END))
    return None
