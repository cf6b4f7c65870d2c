"""From a campaign as written to the core's program: keys that survive edits, jumps instead of nesting, a version.

A key is what makes a touch unique for ever, so it must not depend on a step's position. Sends and relances are named by
what they send (`tofu/send:livre-blanc-cloud#1`, the first in that stage). Waits and branches send nothing and are
anchored to the keyed step before them (`tofu/wait@send:livre-blanc-cloud#1`); within a branch, to its way
(`tofu/wait@when@send:a#1:else`). Where two of one verb share an anchor, the later ones get `~2`, `~3`. An author's `id:`
takes the place of it all.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from functools import cache
from typing import Any, TypeAlias, assert_never

from nurture.authoring.drafts import CampaignDraft, Draft, Fork, GoalDraft, Listen, Plain, StageDraft
from nurture.core.acts import END, Assign, HandOver, Leave, Move, Notify, Tag, Task
from nurture.core.invite import Invite
from nurture.core.moments import WaitMoment
from nurture.core.program import Branch, Goal, Program, Relance, Send, Stage, Step, Wait, WaitFor, WaitUntil

Keyed: TypeAlias = Mapping[int, str]
"""The key of each draft, by its identity."""


def compile_campaign(draft: CampaignDraft) -> Program:
    """The program of a campaign without errors."""
    stages = tuple(_stage(stage) for stage in draft.stages)
    program = Program(
        name=draft.name,
        version="",
        title=draft.title,
        language=draft.language,
        sender=draft.sender,
        stages=stages,
        audience=draft.audience,
        cadence=draft.cadence,
        prospect=draft.prospect,
        goals=tuple(_goal(goal, stages) for goal in draft.goals),
        priority=draft.priority,
        hold_out=draft.hold_out,
        when_unknown=draft.when_unknown,
        file=draft.spot.file,
        issue=draft.issue,
    )
    return replace(program, version=version_of(program))


def _stage(draft: StageDraft) -> Stage:
    flat = _Flat(_Keys(draft.name))
    flat.add(draft.steps, "start")
    flat.link(draft.steps, END)
    return Stage(draft.name, tuple(flat.steps), draft.status, draft.advance, draft.exhausted)


def _goal(draft: GoalDraft, stages: Sequence[Stage]) -> Goal:
    """A stage of that name comes before a step of that id."""
    if draft.target is None:
        return Goal(draft.when, why=draft.why)
    if draft.target in {stage.name for stage in stages}:
        return Goal(draft.when, draft.target)
    holder = next(stage.name for stage in stages if draft.target in stage.index)
    return Goal(draft.when, holder, draft.target)


class _Keys:
    """Gives out the keys of one stage."""

    def __init__(self, stage: str) -> None:
        self.stage = stage
        self.seen: Counter[str] = Counter()

    def local(self, draft: Draft, anchor: str) -> str:
        """The name of a step within its stage."""
        verb = _VERBS[type(draft.step)]
        content = getattr(draft.step, "content", None)
        name = f"{verb}:{content}" if content is not None else f"{verb}@{anchor}"
        self.seen[name] += 1
        count = self.seen[name]
        name = f"{name}#{count}" if content is not None else name if count == 1 else f"{name}~{count}"
        return draft.name or name

    def key(self, draft: Draft, local: str) -> str:
        return local if draft.name else f"{self.stage}/{local}"


_VERBS: Mapping[type[Step], str] = {
    Send: "send",
    Relance: "relance",
    Invite: "invite",
    Wait: "wait",
    WaitFor: "wait-for",
    WaitUntil: "wait-until",
    WaitMoment: "wait-moment",
    Branch: "when",
    Tag: "tag",
    Assign: "set",
    Move: "move",
    Leave: "leave",
    HandOver: "hand-off",
    Notify: "notify",
    Task: "task",
}


class _Flat:
    """The steps of a stage in one row, in the file's order."""

    def __init__(self, keys: _Keys) -> None:
        self.keys = keys
        self.steps: list[Step] = []
        self.at: dict[int, int] = {}

    def add(self, drafts: Sequence[Draft], anchor: str) -> None:
        """Give each step its key and index."""
        for draft in drafts:
            local = self.keys.local(draft, anchor)
            self.at[id(draft)] = len(self.steps)
            self.steps.append(replace(draft.step, key=self.keys.key(draft, local)))
            match draft:
                case Plain(step=Send() | Relance() | Invite()):
                    anchor = local
                case Plain():
                    anchor = local if draft.name else anchor
                case Listen(otherwise=otherwise):
                    self.add(otherwise, f"{local}:else")
                    anchor = local if draft.name else anchor
                case Fork(then=then, otherwise=otherwise):
                    self.add(then, f"{local}:then")
                    self.add(otherwise, f"{local}:else")
                    anchor = local
                case _:
                    assert_never(draft)

    def link(self, drafts: Sequence[Draft], after: int) -> None:
        """Turn what follows what into jumps; the last of `drafts` leads to `after`."""
        for draft, then in _with_next(drafts):
            here = self.at[id(draft)]
            follow = after if then is None else self.at[id(then)]
            match draft:
                case Plain(step=Move() | Leave()):
                    pass  # nothing follows
                case Plain():
                    self.steps[here] = _followed(self.steps[here], follow)
                case Listen(otherwise=otherwise):
                    self.steps[here] = self._listening(here, follow, self._first(otherwise, follow))
                    self.link(otherwise, follow)
                case Fork(then=yes, otherwise=no):
                    self.steps[here] = self._forked(here, self._first(yes, follow), self._first(no, follow))
                    self.link(yes, follow)
                    self.link(no, follow)
                case _:
                    assert_never(draft)

    def _first(self, drafts: Sequence[Draft], otherwise: int) -> int:
        return self.at[id(drafts[0])] if drafts else otherwise

    def _listening(self, here: int, follow: int, otherwise: int) -> Step:
        step = self.steps[here]
        assert isinstance(step, WaitFor)
        return replace(step, next=follow, otherwise=otherwise)

    def _forked(self, here: int, then: int, otherwise: int) -> Step:
        step = self.steps[here]
        assert isinstance(step, Branch)
        return replace(step, then=then, otherwise=otherwise)


def _followed(step: Step, follow: int) -> Step:
    assert not isinstance(step, Branch | Move | Leave)
    return replace(step, next=follow)


def _with_next(drafts: Sequence[Draft]) -> Iterator[tuple[Draft, Draft | None]]:
    yield from zip(drafts, [*drafts[1:], None], strict=False)


_NO_MEANING = frozenset({"line", "file", "version"})


def version_of(program: Program) -> str:
    """12 hex characters that change when the program means something else, not when its file looks different."""
    meaning = json.dumps(_meaning(program), sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(meaning.encode()).hexdigest()[:12]


@cache
def _fields_of(type_: type) -> tuple[tuple[str, object], ...]:
    """The fields of a dataclass that mean something, with their defaults: MISSING, where there is none, equals nothing."""
    return tuple((f.name, f.default) for f in fields(type_) if f.name not in _NO_MEANING and f.init)


def _meaning(value: Any) -> Any:
    """The value as JSON. What has its default is left out, so that a new field of a type changes no version."""
    if is_dataclass(value) and not isinstance(value, type):
        said = ((name, getattr(value, name), default) for name, default in _fields_of(type(value)))
        return [type(value).__name__, {name: _meaning(v) for name, v, default in said if v != default}]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, frozenset):
        return sorted(_meaning(item) for item in value)
    if isinstance(value, tuple):
        return [_meaning(item) for item in value]
    return value if isinstance(value, (str, int, bool, type(None))) else str(value)
