"""Colleagues who receive prospects."""

from dataclasses import dataclass

from nurture.core.program import Cadence


@dataclass(frozen=True, slots=True)
class Member:
    """A salesperson."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Team:
    """Who receives prospects, and the hours in which a hand-off's clock runs."""

    name: str
    members: tuple[Member, ...]
    language: str
    cadence: Cadence
