"""scoring.yaml: what signals are worth, which profiles fit, and when a lead is an MQL."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from nurture.authoring.conditions import parse, parse_signal
from nurture.authoring.keys import Keys
from nurture.authoring.nodes import Node, Scalar, Table
from nurture.authoring.problems import Code, Log, did_you_mean
from nurture.authoring.times import span
from nurture.authoring.values import keyed, listing, named, points, scalar, text, whole
from nurture.authoring.vocabulary import RESERVED, STANDARD_FIELDS, Field, FieldKind, Special, Vocabulary
from nurture.core.conditions import NEVER, Condition
from nurture.core.scoring import GRADES, Criterion, Grade, Persona, Scoring, SignalRule
from nurture.core.spans import Unit

LONGEST_HALF_LIFE = 365
HALF_LIFE_UNITS = (Unit.DAYS, Unit.WEEKS)

SCORING_FILE = Keys("scoring.yaml", optional=("fields", "signals", "personas", "grades", "mql"))
FIELD = Keys("a field", required=("type",), optional=("fr", "en"))
SIGNAL = Keys("a signal", required=("points",), optional=("daily_cap", "half_life"))
PERSONA = Keys("a persona", required=("criteria",), optional=("title",))
CRITERION = Keys("a criterion", required=("when", "weight", "label"))


@dataclass(frozen=True, slots=True)
class ScoringFile:
    """What scoring.yaml says: the rules, and the fields that contacts have beside the standard ones."""

    scoring: Scoring = field(default_factory=Scoring)
    fields: Mapping[str, Field] = field(default_factory=lambda: STANDARD_FIELDS)


def persona_names(node: Node | None) -> frozenset[str]:
    """The names alone, which contents may mention."""
    personas = node.get("personas") if isinstance(node, Table) else None
    return frozenset(key.text for key, _ in personas.items) if isinstance(personas, Table) else frozenset()


def read_scoring(node: Node | None, log: Log, vocabulary: Vocabulary) -> ScoringFile:
    """The file's rules; `vocabulary` knows contents and forms, the fields and grades come from this file."""
    root = keyed(node, log, SCORING_FILE) or {}
    fields = {**STANDARD_FIELDS, **_fields(root.get("fields"), log)}
    grades = _grades(root.get("grades"), log)
    known = replace(vocabulary, fields=fields, grades=tuple(grade.letter for grade in grades))
    scoring = Scoring(
        rules=_rules(root.get("signals"), log, known),
        personas=_personas(root.get("personas"), log, known),
        grades=grades,
    )
    return ScoringFile(scoring, fields)


def read_mql(node: Node | None, log: Log, known: Vocabulary) -> Condition:
    """When a lead becomes an MQL: read after the segments, which it may name."""
    anywhere = replace(known, specials=frozenset(Special) - {Special.STAGE})
    return parse(node.get("mql") if isinstance(node, Table) else None, anywhere, log) or NEVER


def _fields(node: Node | None, log: Log) -> dict[str, Field]:
    if node is None:
        return {}
    found = [_field(key, value, log) for key, value in named(node, log, "fields")]
    return {each.name: each for each in found if each is not None}


KINDS = (FieldKind.TEXT, FieldKind.NUMBER, FieldKind.FLAG, FieldKind.DATE)


def _field(key: Scalar, node: Node, log: Log) -> Field | None:
    if key.text in RESERVED or key.text in STANDARD_FIELDS or not key.text.isidentifier():
        log.add(
            Code.BAD_VALUE, key.spot, f'"{key.text}" cannot be a field', "it is taken, or not a word of a-z, 0-9 and _"
        )
        return None
    said: Mapping[str, Node]
    said = {"type": node} if not isinstance(node, Table) else keyed(node, log, FIELD) or {}
    labels = {each: words for each in ("fr", "en") if (words := text(said.get(each), log, longest=100))}
    kind, choices = _kind(said.get("type"), log)
    return Field(key.text, kind, choices, labels)


def _kind(node: Node | None, log: Log) -> tuple[FieldKind, tuple[str, ...]]:
    if node is not None and not isinstance(node, Scalar):
        choices = [text(item, log, longest=100) for item in listing(node, log, "the choices of a field")]
        return FieldKind.CHOICE, tuple(each for each in choices if each)
    found = scalar(node, log, "a type")
    if found is not None and found.text not in set(KINDS):
        hint = did_you_mean(found.text, KINDS, otherwise=f"use {', '.join(KINDS)}, or a list of choices")
        log.add(Code.BAD_VALUE, found.spot, f'"{found.text}" is not a type of field', hint)
    return (FieldKind(found.text), ()) if found is not None and found.text in set(KINDS) else (FieldKind.TEXT, ())


def _rules(node: Node | None, log: Log, known: Vocabulary) -> tuple[SignalRule, ...]:
    if node is None:
        return ()
    if not isinstance(node, Table):
        named(node, log, "signals")
        return ()
    found = [_rule(key, value, log, known) for key, value in node.items]
    return tuple(rule for rule in found if rule is not None)


def _rule(key: Scalar, node: Node, log: Log, known: Vocabulary) -> SignalRule | None:
    signal = parse_signal(key, known, log)
    said = keyed(node, log, SIGNAL) or {}
    worth, cap = points(said.get("points"), log), points(said.get("daily_cap"), log, least=0)
    half_life = _half_life(said.get("half_life"), log)
    if signal is None or worth is None:
        return None
    return SignalRule(signal.signal, worth, signal.object, cap, half_life)


def _half_life(node: Node | None, log: Log) -> int | None:
    found = span(node, log, units=HALF_LIFE_UNITS)
    if found is None or node is None:
        return None
    days = found.amount * (7 if found.unit is Unit.WEEKS else 1)
    if days > LONGEST_HALF_LIFE:
        log.add(Code.BAD_SPAN, node.spot, f"a half-life is at most {LONGEST_HALF_LIFE} days")
        return None
    return days


def _personas(node: Node | None, log: Log, known: Vocabulary) -> tuple[Persona, ...]:
    if node is None:
        return ()
    profile = replace(known, specials=frozenset(), signals=False)
    return tuple(_persona(key, value, log, profile) for key, value in named(node, log, "personas"))


def _persona(key: Scalar, node: Node, log: Log, profile: Vocabulary) -> Persona:
    said = keyed(node, log, PERSONA) or {}
    text(said.get("title"), log, longest=200)
    found = [_criterion(item, log, profile) for item in listing(said.get("criteria"), log, "criteria")]
    return Persona(key.text, tuple(each for each in found if each is not None))


def _criterion(node: Node, log: Log, profile: Vocabulary) -> Criterion | None:
    said = keyed(node, log, CRITERION) or {}
    when, weight = parse(said.get("when"), profile, log), whole(said.get("weight"), log, 1, 1000)
    label = text(said.get("label"), log, longest=200)
    return Criterion(when, weight, label) if when is not None and weight and label else None


def _grades(node: Node | None, log: Log) -> tuple[Grade, ...]:
    if node is None:
        return GRADES
    found = [(key, whole(value, log, 0, 100)) for key, value in _letters(node, log)]
    least = [value for _, value in found if value is not None]
    if least and (least != sorted(set(least), reverse=True) or least[-1] != 0):
        message = "grades go from the best to the worst, and the worst begins at 0"
        log.add(Code.BAD_VALUE, node.spot, message, "as in {A: 80, B: 60, C: 40, D: 0}")
    return tuple(Grade(key.text, value) for key, value in found if value is not None) or GRADES


def _letters(node: Node, log: Log) -> list[tuple[Scalar, Node]]:
    if not isinstance(node, Table):
        named(node, log, "grades")
        return []
    return list(node.items)
