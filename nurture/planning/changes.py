"""What an edit of the files changes, as data: each change with its place and a sentence."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias, assert_never


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file; of what is gone, of the file as it was applied. Line 0 is the file as a whole."""

    file: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


class What(StrEnum):
    """What became of something."""

    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"
    SHORTENED = "shortened"
    LENGTHENED = "lengthened"
    RETIMED = "retimed"  # another time, of which nobody can say that it is always later or sooner
    REWORDED = "reworded"
    RECONDITIONED = "condition changed"
    REROUTED = "rerouted"
    RENAMED = "renamed"  # told where nothing else changes: a wait bears the name of the mail before it
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class StepChange:
    """Of one step. `before` and `after` are the step, or the part of it that changed, as an author would write it."""

    campaign: str
    stage: str
    step: str
    what: What
    place: Place
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class StageChange:
    """A stage came, went, or lies elsewhere in the funnel."""

    campaign: str
    stage: str
    what: What
    place: Place


@dataclass(frozen=True, slots=True)
class RuleChange:
    """What a campaign, or one of its stages, does as a whole: `rule` is the key of the file, such as `advance`."""

    campaign: str
    stage: str
    rule: str
    place: Place
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class CampaignChange:
    """A campaign came or went."""

    campaign: str
    what: What
    place: Place


@dataclass(frozen=True, slots=True)
class ContentChange:
    """Of a content of the catalogue, which every version of every campaign shares."""

    content: str
    what: What
    place: Place
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class SharedChange:
    """Of anything else that campaigns share: a template, a team, a form, a part of the scoring, a file to download."""

    subject: str
    what: What
    place: Place


Change: TypeAlias = StepChange | StageChange | RuleChange | CampaignChange | ContentChange | SharedChange


def sentence(change: Change) -> str:
    """The change for a person at a terminal."""
    match change:
        case StepChange():
            return _step(change)
        case StageChange(stage=stage, what=What.MOVED):
            return f"stage {stage}: another place in the funnel"
        case StageChange(stage=stage, what=what):
            return f"stage {stage} {what}"
        case RuleChange(stage=stage, rule=rule, before=before, after=after):
            where = f"stage {stage}: " if stage else ""
            return f"{where}{rule}: {_from_to(before, after)}"
        case CampaignChange(what=What.REMOVED):
            return "the campaign is gone: nobody enters it any more"
        case CampaignChange(what=what):
            return f"the campaign is {what}"
        case ContentChange(content=content, what=What.ADDED | What.REMOVED as what):
            return f"content {content} {what}"
        case ContentChange(content=content, what=what, before=before, after=after):
            return f"content {content} {what}: {_from_to(before, after)}"
        case SharedChange(subject=subject, what=what):
            return f"{subject} {what}"
        case _:
            assert_never(change)


def _step(change: StepChange) -> str:
    match change.what:
        case What.ADDED:
            return f"{change.step} added: {change.after}"
        case What.REMOVED:
            return f"{change.step} removed: {change.before}"
        case What.MOVED if change.before == change.after:
            return f"{change.step} moved: {change.after}"
        case _:
            return f"{change.step} {change.what}: {_from_to(change.before, change.after)}"


def _from_to(before: str, after: str) -> str:
    return f"{before or '–'} → {after or '–'}"
