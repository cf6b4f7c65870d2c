"""Steps and rules as an author would write them, in a line: what a plan shows of before and after."""

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

from nurture.authoring.condition_text import to_text
from nurture.core.acts import Assign, HandOver, Leave, Move, Notify, Tag, Task
from nurture.core.conditions import Condition
from nurture.core.invite import Invite
from nurture.core.moments import OnDate, OnWeekday, WaitMoment
from nurture.core.program import Branch, Cap, Exit, Goal, Relance, Send, Step, Variant, Wait, WaitFor, WaitUntil, Window
from nurture.core.spans import Span
from nurture.core.winners import WinnerRule

_WEEKDAYS = ("", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

STEPS: Mapping[type[Step], Callable[[Any], str]] = {
    Send: lambda step: f"send {step.content}",
    Relance: lambda step: f"relance {step.content}",
    Invite: lambda step: f"invite {step.content}",
    Wait: lambda step: f"wait {step.span}",
    WaitFor: lambda step: f"wait up to {step.span} for {to_text(step.condition)}",
    WaitUntil: lambda step: f"wait until {_before(step)}{step.webinar} {step.edge.value}s",
    WaitMoment: lambda step: f"wait until {written(step.moment)}",
    Branch: lambda step: f"when {to_text(step.condition)}",
    Tag: lambda step: f"{'tag' if step.given else 'untag'} {step.tag}",
    Assign: lambda step: f"set {written(dict(step.values))}",
    Move: lambda step: f"move to {step.stage}",
    Leave: lambda step: f"leave: {step.why}",
    HandOver: lambda step: f"hand off to {step.team} within {step.within}",
    Notify: lambda step: f"notify {step.team}",
    Task: lambda step: f"task for {step.team}: {step.what.value} within {step.within}",
}


def step_text(step: Step) -> str:
    """The step in a line."""
    return STEPS[type(step)](step)


def written(value: Any) -> str:
    """Any part of a program in a line; empty for nothing."""
    match value:
        case None | () | "":
            return ""
        case bool():
            return "yes" if value else "no"
        case Enum():
            return str(value.value)
        case _ if isinstance(value, Condition):
            return to_text(value)
        case Span() | int():
            return str(value)
        case str():
            return f'"{value}"'
        case Cap(count=count, days=days):
            return f"{count} per {days} days"
        case Window(weekdays=weekdays, start=start, end=end):
            return f"{','.join(_WEEKDAYS[day] for day in sorted(weekdays))} {start:%H:%M}-{end:%H:%M}"
        case OnDate(day=day, at=time):
            return f"{day.isoformat()} {time:%H:%M}"
        case OnWeekday(weekday=weekday, at=time):
            return f"{_WEEKDAYS[weekday]} {time:%H:%M}"
        case Variant(name=name, share=share, subject=subject):
            return f"{name} {share / 100:g}%{f' {written(subject)}' if subject else ''}"
        case WinnerRule(by=by, after=after, sample=sample):
            return f"by {by.value} of {sample / 100:g}% after {after}"
        case Exit(when=when, why=why):
            return f"{to_text(when)} ({why})"
        case Goal(when=when, stage=stage, step=step, why=why):
            return f"{to_text(when)}: {step or stage or f'over ({why})'}"
        case dict():
            return ", ".join(f"{name}={written(item)}" for name, item in value.items())
        case tuple() | list():
            return ", ".join(map(written, value))
        case _ if is_dataclass(value):
            return _parts(value)
        case _:
            return str(value)


def _parts(value: Any) -> str:
    shown = ((field.name, getattr(value, field.name)) for field in fields(value))
    return ", ".join(f"{name} {written(part)}" for name, part in shown if written(part))


def _before(step: WaitUntil) -> str:
    return f"{step.before} before " if step.before is not None else ""


def longer(before: object, after: object) -> bool | None:
    """Whether a span lasts longer than another of the same unit; None where that cannot be said."""
    if isinstance(before, Span) and isinstance(after, Span) and before.unit is after.unit:
        return after.amount > before.amount
    return None
