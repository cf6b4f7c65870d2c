"""The parts of the drawing that are no steps: who comes in, what a stage asks for, and how it ends with sales."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from nurture.authoring.condition_text import to_text
from nurture.core.conditions import ALWAYS, NEVER, Condition
from nurture.core.program import ANY_TIME, Cadence, Cap, Goal, Program, ProspectRule, Stage, Window
from nurture.preview.graph.faces import DAYS, Context, wrapped


@dataclass(frozen=True, slots=True)
class Row:
    """A label with what it is about; `is_code` where that is a condition."""

    label: str
    text: str
    is_code: bool = False

    def lines(self, letters: int, most: int = 4) -> tuple[str, ...]:
        """The text, broken."""
        return wrapped(self.text, letters, most, at_hyphens=not self.is_code)


def entry_rows(context: Context) -> list[Row]:
    """Who comes in, who leaves, and when they are written to."""
    program, words = context.program, context.words
    audience = program.audience
    rows = [
        *_issued(program, words),
        *_asked(words["enter"], audience.enter),
        *_asked(words["only_if"], audience.only_if),
        *_asked(words["leave_if"], audience.leave_if),
        *(row for way in audience.exits for row in _asked(f"{words['leave_if']} ({way.why})", way.when)),
        *(row for goal in program.goals for row in _asked(_goal(goal, words), goal.when)),
    ]
    if audience.again is not None:
        rows.append(Row(words["again"], words["again_after"].format(span=context.span(audience.again))))
    if program.hold_out:
        rows.append(Row(words["hold_out"], f"{program.hold_out / 100:g} %"))
    rows.append(Row(words["hours"], _cadence(program.cadence, context)))
    return rows


def _issued(program: Program, words: Mapping[str, str]) -> Iterator[Row]:
    """When a newsletter goes out, on its own clock."""
    if program.issue is not None:
        zone = ZoneInfo(program.cadence.zone)
        at, end = (
            f"{instant.astimezone(zone):%Y-%m-%d %H:%M}" for instant in (program.issue.at, program.issue.expires_at)
        )
        yield Row(words["goes_out"], words["until"].format(at=at, end=end))


def _goal(goal: Goal, words: Mapping[str, str]) -> str:
    return f"{words['goal']} → {goal.step or goal.stage or words['over']}"


def advance_row(stage: Stage, context: Context) -> Row | None:
    """What takes a contact to the next stage at once."""
    return next(_asked(context.words["advance"], stage.advance), None)


def ending(stage: Stage, context: Context) -> str:
    """What happens after the last step."""
    return context.words[f"exhausted_{stage.exhausted.value}"]


def prospect_rows(rule: ProspectRule, context: Context) -> list[Row]:
    """When a contact is handed to sales, and what follows."""
    words = context.words
    return [
        *_asked(words["prospect"], rule.when),
        Row("", words["given_to"].format(team=rule.team, within=context.span(rule.within))),
        Row("", words["recycled"].format(stage=rule.recycle_to, span=context.span(rule.cool_down))),
    ]


def _asked(label: str, condition: Condition) -> Iterator[Row]:
    """A rule that always or never holds is nothing to draw."""
    if condition not in (ALWAYS, NEVER):
        yield Row(label, to_text(condition), is_code=True)


def _cadence(cadence: Cadence, context: Context) -> str:
    french = context.language == "fr"
    said = context.words["any_time"] if cadence.window == ANY_TIME else _window(cadence.window, DAYS[context.language])
    return ", ".join([said, *(_cap(cap, french) for cap in cadence.at_most)])


def _window(window: Window, names: Sequence[str]) -> str:
    days = sorted(window.weekdays)
    is_run = len(days) > 2 and days == list(range(days[0], days[-1] + 1))
    shown = [names[day - 1] for day in days]
    said = f"{shown[0]}–{shown[-1]}" if is_run else ", ".join(shown)
    return f"{said} {window.start:%H:%M}–{window.end:%H:%M}"


def _cap(cap: Cap, in_french: bool) -> str:
    if in_french:
        return f"{cap.count} par jour" if cap.days == 1 else f"{cap.count} en {cap.days} jours"
    return f"{cap.count} a day" if cap.days == 1 else f"{cap.count} in {cap.days} days"


def counts(program: Program) -> tuple[int, int]:
    """Stages and steps."""
    return len(program.stages), sum(len(stage.steps) for stage in program.stages)
