"""From where on two versions of a campaign differ: whoever is past that point is the same in both, and need not be played.

A step leads the same way in both when it does the same, and so does every step to which it leads; and a stage does when its
own rules are the same, and so are those of all stages that may follow.
"""

from collections.abc import Collection, Iterator, Mapping

from nurture.core.acts import END, Assign, HandOver, Move, Tag
from nurture.core.draft import resume_at
from nurture.core.lineage import JUMPS, adds_mail, meaning, place_of
from nurture.core.program import Program, Stage, Step
from nurture.core.state import ContactState, Ended, Enrolment, Exhausted, Stopped
from nurture.core.world import World


class Ahead:
    """What is the same from somewhere on, found once for each pair of versions."""

    def __init__(self, before: World | None, after: World) -> None:
        self._before = before
        self._after = after
        self._shared = before is not None and same_for_all(before, after)
        self._same: dict[tuple[str, str, str], frozenset[str]] = {}
        self._at_rest: dict[tuple[str, str, str], frozenset[str]] = {}
        self._stable: dict[tuple[str, str, str], frozenset[str]] = {}

    def is_untouched(self, state: ContactState, versions: Mapping[str, str]) -> bool:
        """Whether the contact, taken over to these versions now, goes on as it would have without being asked."""
        if not self._shared or self._before is None or state.hand_off is not None:
            return False
        return all(self._stands(state.enrolments[name], version) for name, version in versions.items())

    def is_same(self, old: ContactState, new: ContactState) -> bool:
        """Whether both states go the same way by their own files, whatever happens."""
        if not self._shared or old.hand_off is not None or not _are_alike(old, new):
            return False
        return all(self._from_here(e, new.enrolments[name].version) for name, e in old.enrolments.items())

    def is_same_so_far(self, old: ContactState, new: ContactState, seen: Collection[tuple[str, str]]) -> bool:
        """Whether the old state goes the way that the new one went, over these (campaign, step)."""
        if not self._shared or old.hand_off is not None or new.hand_off is not None or not _are_alike(old, new):
            return False
        edited = {e.campaign: e for e in old.enrolments.values() if e.version != new.enrolments[e.campaign].version}
        stable = {name: self._stable_steps(e, new.enrolments[name].version) for name, e in edited.items()}
        return all(name not in stable or step in stable[name] for name, step in seen)

    def _stands(self, enrolment: Enrolment, version: str) -> bool:
        if enrolment.reminders or isinstance(enrolment.position, Stopped):
            return False
        if not isinstance(enrolment.position, Exhausted):
            return self._from_here(enrolment, version)
        name = (enrolment.campaign, enrolment.version, version)
        if name not in self._at_rest:
            self._at_rest[name] = frozenset(_resting(*self._programs(enrolment, version)))
        return enrolment.stage in self._at_rest[name]

    def _from_here(self, enrolment: Enrolment, version: str) -> bool:
        if enrolment.version == version or isinstance(enrolment.position, Ended):
            return True
        name = (enrolment.campaign, enrolment.version, version)
        if name not in self._same:
            old, new = self._programs(enrolment, version)
            self._same[name] = frozenset(_same_steps(old, new)) if _rules(old) == _rules(new) else frozenset()
        return place_of(enrolment.stage, resume_at(enrolment.position)) in self._same[name]

    def _stable_steps(self, enrolment: Enrolment, version: str) -> frozenset[str]:
        name = (enrolment.campaign, enrolment.version, version)
        if name not in self._stable:
            old, new = self._programs(enrolment, version)
            alike = _rules(old) == _rules(new) and all(_candidates(old.stage(s.name), s) for s in new.stages)
            self._stable[name] = frozenset(_stable_steps(old, new)) if alike else frozenset()
        return self._stable[name]

    def _programs(self, enrolment: Enrolment, version: str) -> tuple[Program, Program]:
        assert self._before is not None, "there is something to compare with"
        return self._before.program(enrolment.campaign, enrolment.version), self._after.program(
            enrolment.campaign, version
        )


def _are_alike(old: ContactState, new: ContactState) -> bool:
    """Whether two states differ in nothing that decides what comes, but for versions."""
    if old.enrolments.keys() != new.enrolments.keys():
        return False
    if (old.touches, old.holds, old.status, old.tags, old.fields) != (
        new.touches,
        new.holds,
        new.status,
        new.tags,
        new.fields,
    ):
        return False
    return all(_stand_alike(e, new.enrolments[name]) for name, e in old.enrolments.items())


def _stand_alike(old: Enrolment, new: Enrolment) -> bool:
    return (old.stage, old.position, old.anchor, old.reminders) == (new.stage, new.position, new.anchor, new.reminders)


def same_for_all(before: World, after: World) -> bool:
    """Whether what campaigns share decides the same in both; words may differ."""
    return _company(before) == _company(after)


def _company(world: World) -> object:
    """What campaigns share, but for how contents are worded."""
    contents = {
        name: (one.starts_at, one.ends_at, frozenset(t.language for t in one.translations))
        for name, one in world.catalogue.items()
    }
    return world.scoring, world.teams, world.winners, contents


def _rules(program: Program) -> object:
    """What holds in every stage."""
    return program.cadence, program.priority, program.hold_out, program.language, _ways_on(program)


def _ways_on(program: Program) -> object:
    """What takes people to another stage, to sales or out, whatever step they are at."""
    return program.audience, program.prospect, program.goals, [stage.name for stage in program.stages]


def _resting(old: Program, new: Program) -> Iterator[str]:
    """The stages in which whoever has come to the end stays there, until somebody does something."""
    if _ways_on(old) == _ways_on(new):
        for stage in new.stages:
            before = old.stage(stage.name)
            if _candidates(before, stage) and not adds_mail(before, stage):
                yield stage.name


def _same_steps(old: Program, new: Program) -> Iterator[str]:
    """Going backwards from all steps that do the same, without those that lead to one that does not."""
    same = {stage.name: _candidates(old.stage(stage.name), stage) for stage in new.stages}
    while True:
        whole = {s.name for s in new.stages if {place_of(s.name, None), *s.index} <= same[s.name]}
        left = {
            s.name: {key for key in same[s.name] if _leads_on(key, old, new, s, same[s.name], whole)}
            for s in new.stages
        }
        if left == same:
            break
        same = left
    for keys in same.values():
        yield from keys


def _candidates(old: Stage, new: Stage) -> set[str]:
    """The steps that do the same in both, and the end; nothing where other rules hold in the stage."""
    if (old.advance, old.exhausted, old.status) != (new.advance, new.exhausted, new.status):
        return set()
    pairs = ((old.steps[old.index[step.key]], step) for step in new.steps if step.key in old.index)
    return {place_of(new.name, None), *(now.key for was, now in pairs if meaning(was) == meaning(now))}


def _leads_on(key: str, old: Program, new: Program, stage: Stage, same: set[str], whole: set[str]) -> bool:
    """Whether everything that may follow is the same: the next steps, and the stages one may come to."""
    further = new.stages[new.stage_index[stage.name] + 1 :]
    if any(each.name not in whole for each in further):
        return False
    if key not in stage.index:
        return True
    step = stage.steps[stage.index[key]]
    if isinstance(step, Tag | Assign | HandOver):  # rules hear of it, and may lead anywhere
        return False
    if isinstance(step, Move):
        return step.stage in whole
    targets = _targets(stage, step)
    return _targets(old.stage(stage.name), _step(old.stage(stage.name), key)) == targets and same.issuperset(targets)


def _stable_steps(old: Program, new: Program) -> Iterator[str]:
    """The steps that do the same and lead to the same steps, wherever those lead."""
    for stage in new.stages:
        before = old.stage(stage.name)
        for key in _candidates(before, stage) & stage.index.keys():
            if _targets(before, _step(before, key)) == _targets(stage, _step(stage, key)):
                yield key


def _step(stage: Stage, key: str) -> Step:
    return stage.steps[stage.index[key]]


def _targets(stage: Stage, step: Step) -> tuple[str, ...]:
    """Where each jump leads."""
    places = (getattr(step, jump) for jump in JUMPS if hasattr(step, jump))
    return tuple(place_of(stage.name, None if place == END else stage.steps[place].key) for place in places)
