"""Segments that nobody can be in, or that nothing asks for."""

from collections.abc import Iterator

from nurture.authoring.files import Read
from nurture.authoring.lint.truth import never_true
from nurture.authoring.problems import Code, Log
from nurture.core.conditions import NEVER, Condition
from nurture.core.segments import segments_in


def check_segments(read: Read, log: Log) -> None:
    """Warn of each segment that decides nothing."""
    segments, spots = read.segments.segments, read.segments.spots
    grades = tuple(grade.letter for grade in read.scoring.grades)
    asked = {name for condition in _conditions(read) for name in segments_in(condition)}
    for name, segment in segments.items():
        if segment.when != NEVER and never_true(segment.when, grades):
            message = f'no contact can meet this condition, so nobody is in "{name}"'
            log.warn(Code.NEVER_TRUE, spots[name], message, "it contradicts itself")
        if read.is_whole and name not in asked:
            hint = f'write in segment("{name}") in a condition, or delete it'
            log.warn(Code.UNUSED_SEGMENT, spots[name], f'nothing asks for the segment "{name}"', hint)


def _conditions(read: Read) -> Iterator[Condition]:
    yield read.scoring.mql
    yield from read.segments.conditions.values()
    for program in read.programs:
        yield from program.conditions()
