"""States of the least files, before and after edits."""

from collections.abc import Mapping

from nurture.authoring.bundle import Bundle, compile_bundle
from nurture.planning.changes import Change, sentence
from nurture.planning.diff import State, changes
from tests.authoring.builders import FILES, Edit
from tests.builders import SALT


def state(*edits: Edit, files: Mapping[str, str] = FILES) -> State:
    """The files after the edits, which must be right."""
    for edit in edits:
        files = edit.of(files)
    bundle = Bundle(files)
    compiled = compile_bundle(bundle, salt=SALT)
    assert compiled.world is not None, compiled.problems
    return State(bundle, compiled, compiled.world)


def diff(*edits: Edit, files: Mapping[str, str] = FILES) -> tuple[Change, ...]:
    """What the edits change."""
    return changes(state(files=files), state(*edits, files=files))


def told(*edits: Edit) -> list[str]:
    """The same as a person reads it: place and sentence."""
    return [f"{change.place} {sentence(change)}" for change in diff(*edits)]
