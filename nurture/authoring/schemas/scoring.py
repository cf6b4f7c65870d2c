"""The schema of scoring.yaml."""

from nurture.authoring import scoring
from nurture.authoring.schemas.known import Known
from nurture.authoring.schemas.parts import (
    Schema,
    condition,
    either,
    items,
    named,
    one_of,
    points,
    record,
    span,
    text,
    whole,
)
from nurture.core.words import SignalKind


def of_scoring(_: Known) -> Schema:
    """Points, personas, grades."""
    said = {
        "fields": named("Fields of contacts beside the usual ones, by name.", _field()),
        "signals": _signals(),
        "personas": named("Profiles by name; fit is the weight of the criteria met by the best.", _persona()),
        "grades": {
            "type": "object",
            "description": "The least fit of each grade, from the best to the worst, which begins at 0.",
            "additionalProperties": whole("The least fit, in percent.", 0, 100),
            "examples": [{"A": 80, "B": 60, "C": 40, "D": 0}],
        },
        "mql": condition("What makes a lead an MQL.", "engagement >= 30"),
    }
    return record(scoring.SCORING_FILE, "What signals are worth, who fits, and when a lead is an MQL.", said)


def _field() -> Schema:
    kind = one_of("What it holds.", scoring.KINDS)
    choices = items("The values it can have.", text("A value."))
    said = {
        "type": either("What it holds, or the values it can have.", kind, choices),
        "fr": text("What it is called in French."),
        "en": text("What it is called in English."),
    }
    return either("What it holds.", kind, choices, record(scoring.FIELD, "With names for people.", said))


def _signals() -> Schema:
    said = {
        "points": points("For each time."),
        "daily_cap": {**points("At most so many on one day."), "minimum": 0},
        "half_life": span(
            "After which half of them are left; they never fade without it.", "30 days", units=scoring.HALF_LIFE_UNITS
        ),
    }
    signal = record(scoring.SIGNAL, "What it is worth.", said)
    return {
        "type": "object",
        "description": 'Signals, or signals of one object: clicked, clicked("white-paper"), visited("/pricing").',
        "properties": dict.fromkeys((kind.value for kind in SignalKind), signal),
        "additionalProperties": signal,
    }


def _persona() -> Schema:
    criterion = {
        "when": condition("What is asked of the profile.", 'country in ["FR", "BE"]'),
        "weight": whole("How much it counts.", 1, 1000),
        "label": text("What sales reads when it is met."),
    }
    said = {
        "criteria": items("What is asked.", record(scoring.CRITERION, "A criterion.", criterion)),
        "title": text("Who this is, in words."),
    }
    return record(scoring.PERSONA, "A profile worth a salesperson's time.", said)
