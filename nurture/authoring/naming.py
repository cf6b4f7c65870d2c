"""What the names and values in a condition stand for, checked against the vocabulary of the place."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from lark import Token

from nurture.authoring.nodes import Scalar
from nurture.authoring.problems import Code, Log, Spot, did_you_mean, one_of
from nurture.authoring.values import check_country, milli
from nurture.authoring.vocabulary import Field, FieldKind, Special, Vocabulary
from nurture.core.conditions import Condition, InSegment, Value
from nurture.core.words import CONTENT_FACTS, Intent, SignalKind

TAGGED, SEGMENT = "tagged", "segment"

EVENT_KINDS = ("webinar",)
"""Kinds of content that one registers for and attends."""

ABOUT_CONTENT = CONTENT_FACTS | {SignalKind.OPENED, SignalKind.CLICKED}

Target: TypeAlias = Special | Field
"""What stands on the left of a comparison."""

_EXAMPLES: dict[Special | FieldKind, tuple[str, str]] = {
    Special.ENGAGEMENT: ("number", "points, such as 20"),
    Special.FIT: ("text", 'a grade, such as "B"'),
    Special.STAGE: ("text", 'a stage, such as "mofu"'),
    Special.CREATED: ("date", "a date, such as 2027-01-31"),
    Special.STATUS: ("text", 'a status, such as "customer"'),
    FieldKind.TEXT: ("text", 'a text in quotes, such as "Lyon"'),
    FieldKind.CHOICE: ("text", "one of its choices, in quotes"),
    FieldKind.COUNTRY: ("text", 'a country code, such as "FR"'),
    FieldKind.DATE: ("date", "a date, such as 2027-01-31"),
    FieldKind.NUMBER: ("whole", "a whole number, such as 50"),
    FieldKind.FLAG: ("flag", "true or false"),
}
"""What each target is compared with: the type of the value, and words for an author."""

_UNKNOWN = {Special.STAGE: Code.UNKNOWN_STAGE}


@dataclass(frozen=True, slots=True)
class Names:
    """The meaning of the words of one condition, whose scalar is `at`."""

    at: Scalar
    known: Vocabulary
    log: Log

    def wrong(self, code: Code, token: Token, message: str, hint: str = "") -> None:
        """An error at a word of the condition."""
        self.log.add(code, self.spot(token), message, hint)

    def spot(self, token: Token) -> Spot:
        """The place of a word; of a text, without its quotes."""
        quote = int(token.type == "STRING" and len(token) > 2)
        start = token.start_pos or 0
        return self.at.spot_of(start + quote, start + len(token) - quote)

    def target(self, name: Token) -> Target | None:
        """What a name stands for."""
        word = str(name)
        if word in self.known.specials:
            return Special(word)
        if word in self.known.fields:
            return self.known.fields[word]
        if word in set(Special):
            self.wrong(Code.UNKNOWN_FIELD, name, f'"{word}" cannot be used here')
            return None
        names = [*self.known.fields, *self.known.specials]
        hint = did_you_mean(word, names, otherwise='declare it under "fields" in scoring.yaml')
        self.wrong(Code.UNKNOWN_FIELD, name, f'unknown field "{word}"', hint)
        return None

    def has_order(self, target: Target) -> bool:
        """Whether `<` and `>=` mean something."""
        if isinstance(target, Special):
            return target in (Special.ENGAGEMENT, Special.FIT, Special.CREATED)
        return target.kind in (FieldKind.NUMBER, FieldKind.DATE)

    def value(self, target: Target, token: Token) -> Value | None:
        """The value of a token, if the target can have it."""
        kind = target if isinstance(target, Special) else target.kind
        wanted, example = _EXAMPLES[kind]
        if token.type == "NAME":
            self.wrong(Code.BAD_CONDITION, token, f'"{token}" must be in quotes', f'write "{token}"')
            return None
        if _type_of(token) not in (wanted, "whole" if wanted == "number" else wanted):
            self.wrong(Code.WRONG_TYPE, token, f'"{name_of(target)}" is compared with {example}')
            return None
        if wanted == "text":
            return self._text(target, token)
        if wanted == "flag":
            return token.type == "TRUE"
        return milli(str(token)) if wanted == "number" else int(token)

    def _text(self, target: Target, token: Token) -> str | None:
        written = self.string(token)
        if written is None:
            return None
        closed = self._all_values(target)
        if closed is not None and written not in closed:
            hint = did_you_mean(written, closed, otherwise=one_of(closed))
            code = Code.UNKNOWN_STAGE if target is Special.STAGE else Code.UNKNOWN_VALUE
            self.wrong(code, token, f'unknown {name_of(target)} "{written}"', hint)
            return None
        if isinstance(target, Field) and target.kind is FieldKind.COUNTRY:
            return written if check_country(written, self.spot(token), self.log) else None
        return written

    def _all_values(self, target: Target) -> Iterable[str] | None:
        match target:
            case Special.FIT:
                return self.known.grades
            case Special.STAGE:
                return self.known.stages
            case Special.STATUS:
                return self.known.statuses
            case Field(kind=FieldKind.CHOICE, choices=choices):
                return choices
            case _:
                return None

    def string(self, token: Token) -> str | None:
        """The text between the quotes."""
        text = text_of(token)
        if text is None:
            self.wrong(Code.BAD_CONDITION, token, r"a backslash in a text is written \\")
        return text

    def segment(self, token: Token) -> Condition | None:
        """Being in the segment of that name."""
        word = self.string(token)
        if word is None:
            return None
        if not self.known.signals:
            self.wrong(Code.UNKNOWN_SEGMENT, token, "a persona is a profile, and knows no segments")
            return None
        if word not in self.known.segments:
            hint = did_you_mean(word, self.known.segments, otherwise="segments are written in campaigns/segments.yaml")
            self.wrong(Code.UNKNOWN_SEGMENT, token, f'unknown segment "{word}"', hint)
            return None
        return InSegment(word, self.known.segments[word])

    def signal(self, name: Token) -> SignalKind | None:
        """The signal of that name."""
        word = str(name)
        if word not in set(SignalKind):
            known = [*SignalKind, TAGGED]
            self.wrong(
                Code.UNKNOWN_SIGNAL,
                name,
                f'unknown signal "{word}"',
                did_you_mean(word, known, otherwise=one_of(known)),
            )
            return None
        if not self.known.signals:
            message = f'"{word}" is behaviour, and a persona is a profile'
            self.wrong(Code.UNKNOWN_SIGNAL, name, message, 'give it points under "signals"')
            return None
        return SignalKind(word)

    def check_object(self, signal: SignalKind, about: str, token: Token) -> None:
        """What a signal is about must exist where nurture keeps a list of it."""
        if signal in ABOUT_CONTENT:
            self._check_content(signal, about, token)
        elif signal is SignalKind.REPLIED and about not in set(Intent):
            hint = did_you_mean(about, Intent, otherwise=one_of(Intent))
            self.wrong(Code.UNKNOWN_VALUE, token, f'a reply is never read as "{about}"', hint)
        elif (
            signal is SignalKind.SUBMITTED
            and about not in self.known.forms
            # A form of another site may submit through the interface for events: only a likely slip is worth a word.
            and (hint := did_you_mean(about, self.known.forms))
        ):
            self.log.warn(Code.UNKNOWN_FORM, self.spot(token), f'no form "{about}" in forms.yaml', hint)

    def _check_content(self, signal: SignalKind, about: str, token: Token) -> None:
        contents = self.known.contents
        if contents is None:
            return
        if about not in contents:
            self.wrong(Code.UNKNOWN_CONTENT, token, f'unknown content "{about}"', did_you_mean(about, contents))
        elif signal in (SignalKind.REGISTERED, SignalKind.ATTENDED) and contents[about] not in EVENT_KINDS:
            message = f'"{about}" is a {contents[about]}; only a webinar can be {signal}'
            self.wrong(Code.WRONG_KIND, token, message)


def name_of(target: Target) -> str:
    """What authors call the target."""
    return target.value if isinstance(target, Special) else target.name


def text_of(token: Token) -> str | None:
    """The text between the quotes; None where a backslash in it means nothing."""
    if token.startswith("'"):
        return str(token[1:-1])
    try:
        return str(json.loads(token))
    except ValueError:
        return None


def _type_of(token: Token) -> str:
    match token.type:
        case "STRING":
            return "text"
        case "NUMBER":
            return "number" if "." in token else "whole"
        case "DATE" | "TODAY":
            return "date"
        case _:
            return "flag"
