"""All warnings about campaigns and segments, one after the other: a new one is a new line here."""

from collections.abc import Callable
from typing import TypeAlias

from nurture.authoring.files import Read
from nurture.authoring.lint.branches import check_branches
from nurture.authoring.lint.caps import check_caps
from nurture.authoring.lint.gaps import check_gaps
from nurture.authoring.lint.issues import check_issue
from nurture.authoring.lint.reach import check_reach
from nurture.authoring.lint.reviewed import Reviewed
from nurture.authoring.lint.segments import check_segments
from nurture.authoring.problems import Log, Problem

Warner: TypeAlias = Callable[[Reviewed, Log], None]

WARNERS: tuple[Warner, ...] = (check_branches, check_reach, check_gaps, check_caps, check_issue)


def review(read: Read) -> list[Problem]:
    """What the segments, and the campaigns without errors, are warned of."""
    log = Log()
    personas = tuple(persona.name for persona in read.scoring.personas)
    grades = tuple(grade.letter for grade in read.scoring.grades)
    check_segments(read, log)
    for drafted in read.drafted:
        reviewed = Reviewed(drafted, read.catalogue, personas, grades)
        for warn in WARNERS:
            warn(reviewed, log)
    return log.problems
