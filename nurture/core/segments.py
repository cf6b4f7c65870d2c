"""Segments: conditions that bear a name, so that they are written once and asked everywhere."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from nurture.core.conditions import And, Condition, InSegment, Not, Or


@dataclass(frozen=True, slots=True)
class Segment:
    """Who meets `when`, now: membership is computed and never stored. `titles` name it for people, by language."""

    name: str
    when: Condition
    titles: Mapping[str, str] = field(default_factory=dict, hash=False)

    def title(self, language: str) -> str:
        """What people call it."""
        return self.titles.get(language, self.name)


def segments_in(condition: Condition) -> Iterator[str]:
    """The segments that the condition names, not those that these are made of."""
    match condition:
        case And(terms) | Or(terms):
            for term in terms:
                yield from segments_in(term)
        case Not(term):
            yield from segments_in(term)
        case InSegment(name=name):
            yield name
        case _:
            return
