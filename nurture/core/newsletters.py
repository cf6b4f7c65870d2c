"""A newsletter: one mail to whoever is in a segment at an instant, and never to anybody twice.

It is a campaign of one stage and one mail which nobody enters by a rule. At its instant the clock tells each member once;
from there on it is decided like any other: consent, caps, open hours, holds, brakes, unsubscribing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from nurture.core.events import NewsletterDue

if TYPE_CHECKING:
    from nurture.core.program import Program
    from nurture.core.world import World

STAGE = "newsletter"
"""The one stage of a newsletter."""


@dataclass(frozen=True, slots=True)
class Issue:
    """When a newsletter goes out, to whom, and from when on it would come too late (aware instants)."""

    segment: str
    at: datetime
    expires_at: datetime


def has_expired(program: "Program", now: datetime) -> bool:
    """Whether the program is a newsletter that would come too late."""
    return program.issue is not None and program.issue.expires_at <= now


def newsletters(world: "World") -> "Iterator[tuple[Program, Issue]]":
    """The newsletters that are applied."""
    for program in world.current_programs():
        if program.issue is not None:
            yield program, program.issue


def due(program: "Program", at: datetime) -> NewsletterDue:
    """What a member is told. The key is the newsletter's own: told again, it is the same event."""
    return NewsletterDue(f"newsletter:{program.name}", at, program.name)
