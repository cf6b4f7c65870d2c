"""A condition that somebody asks by itself, outside any file: read against what is applied."""

from dataclasses import replace

from nurture.authoring.bundle import Compiled
from nurture.authoring.conditions import parse
from nurture.authoring.nodes import Scalar
from nurture.authoring.problems import Log, Spot, render
from nurture.authoring.vocabulary import Special, Vocabulary
from nurture.core.conditions import Condition
from nurture.core.program import Program

PLACE = "condition"
"""Where its mistakes are told to be."""


class CannotBeAsked(Exception):
    """The condition cannot be read; the text shows each mistake with a caret."""


def vocabulary_of(compiled: Compiled | None, program: Program | None = None) -> Vocabulary:
    """What can be named: everything of what is applied (of nothing, the standard fields), and a campaign's stages."""
    outside = frozenset(Special) - {Special.STAGE}
    if compiled is None or compiled.world is None:
        return Vocabulary(specials=outside)
    world = compiled.world
    known = Vocabulary(
        contents={content.id: content.kind for content in world.catalogue.values()},
        forms=frozenset(compiled.forms),
        fields=compiled.fields,
        grades=tuple(grade.letter for grade in world.scoring.grades),
        segments={name: segment.when for name, segment in world.segments.items()},
        specials=outside,
    )
    if program is None:
        return known
    return replace(known, specials=frozenset(Special), stages=tuple(stage.name for stage in program.stages))


def read_condition(text: str, vocabulary: Vocabulary) -> Condition:
    """The condition of a text (CannotBeAsked: every mistake in it)."""
    log = Log()
    condition = parse(Scalar(text, Spot(PLACE), text), vocabulary, log)
    if condition is None:
        raise CannotBeAsked("\n\n".join(render(problem, {PLACE: text}) for problem in log.problems if problem.is_error))
    return condition
