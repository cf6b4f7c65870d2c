"""What the card of a step says. A kind of step is a row of `KINDS`; one without a row shows its verb and its key."""

import re
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from nurture.authoring.condition_text import to_text
from nurture.core.acts import Assign, HandOver, Leave, Move, Notify, Tag, Task
from nurture.core.conditions import Condition
from nurture.core.invite import Invite
from nurture.core.moments import OnDate, WaitMoment
from nurture.core.program import Branch, Content, Program, Relance, Send, Wait, WaitFor, WaitUntil
from nurture.core.spans import Span
from nurture.texts.preview import words

DAYS = {
    "fr": ("lun", "mar", "mer", "jeu", "ven", "sam", "dim"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
TITLE = 26
"""Letters on a line of a card's title: wide fonts are wide."""
NOTE = 29
CODE = 35
_LINES = 3

_SLOT = re.compile(r"\{\{\s*contact\.(\w+)[^}]*\}\}")


@dataclass(frozen=True)
class Context:
    """What a card may draw upon beside its step."""

    program: Program
    language: str
    catalogue: Mapping[str, Content] = field(default_factory=dict)

    @property
    def words(self) -> Mapping[str, str]:
        """The words of the drawing."""
        return words(self.language)

    def title(self, content: str) -> str:
        """What people call a content; its id while the catalogue lacks it."""
        known = self.catalogue.get(content)
        translation = known.translation(self.program.language) if known is not None else None
        return translation.title if translation is not None else content

    def span(self, span: Span) -> str:
        """`3 business days`, in the reader's language."""
        one, many = self.words[f"unit_{span.unit.value}"].split("|")
        return f"{span.amount} {one if span.amount == 1 else many}"


@dataclass(frozen=True, slots=True)
class Face:
    """A card's words, already broken into lines; `whole` is all of them in one. `kind` chooses colour and icon."""

    kind: str
    label: str
    title: tuple[str, ...]
    notes: tuple[str, ...]
    code: tuple[str, ...]
    place: str
    whole: str


@dataclass(frozen=True, slots=True)
class Said:
    """What there is to say of a step."""

    title: str
    notes: tuple[str, ...] = ()
    condition: Condition | None = None


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind of step looks. `label` names one of the words."""

    look: str
    label: str
    say: Callable[[Any, Context], Said]


def _send(step: Send, context: Context) -> Said:
    subjects = [(f"{v.name} {v.share / 100:g}{context.words['percent']}", v.subject) for v in step.variants]
    variants = tuple(f"{name}{context.words['colon']}{_plain(said)}" if said else name for name, said in subjects)
    return Said(context.title(step.content), variants or ((_plain(step.subject),) if step.subject else ()))


def _plain(subject: str) -> str:
    """A subject with the names of what is filled in."""
    return _SLOT.sub(r"[\1]", subject)


def _relance(step: Relance, context: Context) -> Said:
    return Said(context.title(step.content))


def _invite(step: Invite, context: Context) -> Said:
    words = context.words
    notes = [_plain(step.subject)] if step.subject else []
    notes += [words["before"].format(span=context.span(span)) for span in step.reminders]
    if step.replay is not None:
        notes.append(f"{words['replay']}{words['colon']}{context.title(step.replay)}")
    return Said(context.title(step.content), tuple(notes))


def _wait_moment(step: WaitMoment, context: Context) -> Said:
    moment = step.moment
    if isinstance(moment, OnDate):
        return Said(context.words["on_date"].format(day=moment.day.isoformat(), time=f"{moment.at:%H:%M}"))
    day = DAYS[context.language][moment.weekday - 1]
    return Said(context.words["on_weekday"].format(day=day, time=f"{moment.at:%H:%M}"))


def _tag(step: Tag, context: Context) -> Said:
    return Said(step.tag, () if step.given else (context.words["taken_away"],))


def _assign(step: Assign, context: Context) -> Said:
    return Said("", tuple(f"{name} = {value}" for name, value in step.values))


def _move(step: Move, context: Context) -> Said:
    return Said(step.stage)


def _leave(step: Leave, context: Context) -> Said:
    return Said(step.why)


def _hand_over(step: HandOver, context: Context) -> Said:
    return Said(step.team, (context.span(step.within),))


def _notify(step: Notify, context: Context) -> Said:
    return Said(step.team, (step.text,) if step.text else ())


def _task(step: Task, context: Context) -> Said:
    return Said(step.text, (f"{step.team}, {context.span(step.within)}",))


def _wait(step: Wait, context: Context) -> Said:
    return Said(context.span(step.span))


def _wait_for(step: WaitFor, context: Context) -> Said:
    return Said(context.span(step.span), (), step.condition)


def _wait_until(step: WaitUntil, context: Context) -> Said:
    notes = () if step.before is None else (context.words["before"].format(span=context.span(step.before)),)
    return Said(context.words[f"edge_{step.edge.value}"].format(title=context.title(step.webinar)), notes)


def _branch(step: Branch, context: Context) -> Said:
    return Said("", (), step.condition)


KINDS: Mapping[str, Kind] = {
    Send.__name__: Kind("mail", "kind_send", _send),
    Relance.__name__: Kind("relance", "kind_relance", _relance),
    Wait.__name__: Kind("wait", "kind_wait", _wait),
    WaitFor.__name__: Kind("listen", "kind_wait_for", _wait_for),
    WaitUntil.__name__: Kind("date", "kind_wait_until", _wait_until),
    Branch.__name__: Kind("branch", "kind_branch", _branch),
    Invite.__name__: Kind("mail", "kind_invite", _invite),
    WaitMoment.__name__: Kind("date", "kind_wait_moment", _wait_moment),
    Tag.__name__: Kind("note", "kind_tag", _tag),
    Assign.__name__: Kind("note", "kind_assign", _assign),
    Move.__name__: Kind("move", "kind_move", _move),
    Leave.__name__: Kind("leave", "kind_leave", _leave),
    HandOver.__name__: Kind("sales", "kind_hand_over", _hand_over),
    Notify.__name__: Kind("people", "kind_notify", _notify),
    Task.__name__: Kind("people", "kind_task", _task),
}


def face_of(step: Any, context: Context) -> Face:
    """The card of any step."""
    kind = KINDS.get(type(step).__name__)
    look, label = (kind.look, context.words[kind.label]) if kind else ("other", _verb(step))
    said = kind.say(step, context) if kind else Said(step.key.rpartition("/")[2])
    condition = to_text(said.condition) if said.condition is not None else ""
    place = f"{context.program.file}:{step.line}" if step.line else context.program.file
    return Face(
        kind=look,
        label=label,
        title=wrapped(said.title, TITLE, 2),
        notes=tuple(line for note in said.notes for line in wrapped(note, NOTE, 2)),
        code=wrapped(condition, CODE, _LINES, at_hyphens=False),
        place=place,
        whole=" · ".join(part for part in (label, said.title, *said.notes, condition, place) if part),
    )


def _verb(step: Any) -> str:
    """`SetField` becomes `set field`: good enough until its row is written."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(step).__name__).lower().capitalize()


def wrapped(text: str, letters: int, lines: int, *, at_hyphens: bool = True) -> tuple[str, ...]:
    """The text on at most so many lines; an ellipsis shows that words are missing."""
    if not text:
        return ()
    return tuple(textwrap.wrap(text, letters, max_lines=lines, placeholder=" …", break_on_hyphens=at_hyphens))
