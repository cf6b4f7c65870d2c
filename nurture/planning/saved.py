"""A plan as JSON: for programs to read, and for `apply` to perform exactly what was approved, or to refuse."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nurture.core.codec import plain
from nurture.planning.changes import Change, sentence
from nurture.planning.choices import Choice, ChoiceProblem, read_choice, way_of
from nurture.planning.lines import Effect, Effects, by_campaign
from nurture.planning.plan import Intent, Plan
from nurture.planning.stages import Stage, to_json

FORMAT = 1


class CannotUsePlan(Exception):
    """A saved plan cannot be performed; the text says why."""


@dataclass(frozen=True, slots=True)
class Saved:
    """What a saved plan was made for, and the stages that it promised."""

    base: str | None
    files: str
    choices: tuple[Choice, ...]
    days: int
    stages: list[dict[str, Any]]

    def check(self, intent: Intent) -> None:
        """Raise CannotUsePlan unless applying does what the plan says."""
        if self.base != intent.base:
            raise CannotUsePlan("Other files were applied since the plan was made: make a new one with `nurture plan`.")
        if self.files != intent.bundle.hash:
            raise CannotUsePlan("The files were edited since the plan was made: make a new one with `nurture plan`.")
        if self.stages != [to_json(stage) for stage in intent.stages]:
            raise CannotUsePlan("Applying would now do something else than the plan says: make a new one.")


def plan_to_json(plan: Plan) -> dict[str, Any]:
    """Everything that `nurture plan` tells; samples are keys of contacts."""
    intent = plan.intent
    return {
        "format": FORMAT,
        "made_at": plan.made_at.isoformat(),
        "base": intent.base,
        "files": intent.bundle.hash,
        "days": plan.days,
        "changed": intent.is_new,
        "changes": [_change(change, intent) for change in intent.changes],
        "choices": [str(choice) for choice in intent.choices],
        "stages": _stages(intent.stages, plan.reach),
        "effects": _effects(plan.effects),
    }


def write_plan(plan: Plan, path: Path) -> None:
    """Keep it in a file."""
    path.write_text(json.dumps(plan_to_json(plan), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def read_plan(path: Path) -> Saved:
    """The plan of a file (CannotUsePlan: it is none)."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if data["format"] != FORMAT:
            raise CannotUsePlan(f"{path} was written by another version of nurture: make a new plan.")
        stages = [{name: value for name, value in stage.items() if name != "contacts"} for stage in data["stages"]]
        choices = tuple(read_choice(text) for text in data["choices"])
        return Saved(data["base"], data["files"], choices, int(data["days"]), stages)
    except (ValueError, KeyError, TypeError, ChoiceProblem) as error:
        raise CannotUsePlan(f"{path} is no plan: write one with `nurture plan --out {path}`.") from error


def _change(change: Change, intent: Intent) -> dict[str, Any]:
    mine = [each for each in intent.treatments if each.campaign == getattr(change, "campaign", None)]
    way = way_of(change, mine[0] if mine else None)
    said = {"kind": type(change).__name__, "says": sentence(change), "way": None if way is None else way.value}
    return {**said, **plain(change), "place": str(change.place)}


def _stages(stages: Sequence[Stage], reach: Sequence[int]) -> list[dict[str, Any]]:
    counts = [*reach, *[0] * (len(stages) - len(reach))]
    return [{**to_json(stage), "contacts": count} for stage, count in zip(stages, counts, strict=True)]


def _effects(effects: Effects) -> dict[str, Any]:
    lines = [
        {
            "campaign": campaign,
            "effect": line.effect.value,
            "about": line.about,
            "contacts": count,
            "sample": [{"contact": seen.key, "note": seen.note} for seen in effects.samples[line]],
        }
        for campaign, found in by_campaign(effects).items()
        for line, count in found
    ]
    repeated = sum(count for line, count in effects.counts.items() if line.effect is Effect.REPEATED)
    return {
        "contacts": effects.contacts,
        "mailed": effects.mailed,
        "repeated": repeated,
        "mails_by_day": {day.isoformat(): count for day, count in sorted(effects.days.items())},
        "lines": lines,
    }
