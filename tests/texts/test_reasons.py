"""Every reason has its sentence in both languages, and what it lacks never shows as a fault."""

import pytest

from nurture.core.reasons import Reason
from nurture.core.words import End, Gate, Rejection, SignalKind, Stop, Suppression, TaskKind
from nurture.texts.events import event_sentence
from nurture.texts.reasons import REASONS, WORDS, sentence


def test_every_reason_has_a_sentence_and_no_other_has() -> None:
    assert set(REASONS) == {reason.value for reason in Reason}


@pytest.mark.parametrize("closed", [Gate, Stop, End, Rejection, SignalKind, Suppression, TaskKind])
def test_every_word_of_a_closed_set_is_said_in_both_languages(closed: type) -> None:
    assert {item.value for item in closed} <= set(WORDS)  # type: ignore[attr-defined]


@pytest.mark.parametrize("reason", list(Reason))
@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_sentence_without_its_details_is_still_a_sentence(reason: Reason, language: str) -> None:
    said = sentence(reason.value, {}, language)
    assert said
    assert "{" not in said


def test_french_is_said_as_the_french_say_it() -> None:
    detail = {"object": "livre-blanc-cloud", "day": "2027-01-06", "points": 14700}
    assert sentence("points", detail, "fr", "downloaded") == (
        "a téléchargé livre-blanc-cloud le 06/01/2027 : 14,7 points"
    )
    assert sentence("points", detail | {"points": 1000}, "fr", "visited").endswith(" : 1 point")
    assert sentence("points", detail, "en", "downloaded") == "downloaded livre-blanc-cloud on 06 Jan 2027: 14.7 points"


def test_a_date_to_come_is_told_with_its_zone() -> None:
    detail = {"step": "tofu/send:x#1", "gate": "cap", "until": "2027-01-04T08:00:00+00:00"}
    assert (
        sentence("gated", detail, "fr") == "tofu/send:x#1 attend : plafond de fréquence, jusqu’au 04/01/2027 08:00 UTC."
    )


def test_a_hold_without_an_end_says_so() -> None:
    held = {"hold": "paused", "until": None}
    assert sentence("held", held, "fr") == "Ne pas écrire pour l’instant : mis en pause, jusqu’à nouvel ordre."
    assert event_sentence("held", held, "en") == "Held: paused, until further notice."
    told = event_sentence("held", held | {"until": "2026-12-01T00:00:00+00:00"}, "fr")
    assert told == "Mise en attente : mis en pause, jusqu’au 01/12/2026 00:00 UTC."
