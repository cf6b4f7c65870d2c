"""Lengths of time as an author writes them: a number and a unit, resolved late against a calendar."""

from dataclasses import dataclass
from enum import StrEnum


class Unit(StrEnum):
    """Units of a span. Hours and minutes are absolute; days and weeks keep the local time; business units skip closed time."""

    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"
    WEEKS = "weeks"
    BUSINESS_DAYS = "business days"
    BUSINESS_HOURS = "business hours"


@dataclass(frozen=True, slots=True)
class Span:
    """`amount` of `unit`; the amount is a whole number ≥ 0."""

    amount: int
    unit: Unit

    def __str__(self) -> str:
        return f"{self.amount} {self.unit}"
