"""The first, simple reading of what a person wants: to be called, to be left alone, or something else.

Word lists, clause by clause, with a negation that reaches a few words. Only ever shown the
human part of a reply: the quote below it is full of our own "démo" and "rendez-vous".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from nurture.inbound.words import MAX_CHARS, folded


class Intent(StrEnum):
    """What a human reply is about."""

    INTERESTED = "interested"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Wish:
    """`explicit` says that the words decided it, also when they decided against."""

    intent: Intent
    wants_unsubscribe: bool = False
    explicit: bool = False


def _one_of(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns))


# All are matched on folded text: lower case, no accents.
_INTEREST = _one_of(
    r"\binteress(?:e|ee|es|ees)\b",  # without accents, "intéressé" and "m'intéresse" are one word
    r"\br?appell?ez[- ](?:moi|nous)\b|\b(?:me|nous) r?appell?(?:er|iez)\b|\bun (?:r?appel|coup de fil)\b",
    r"\b(?:contact|recontact|telephon|joign)ez[- ](?:moi|nous)\b|\b(?:me|nous) (?:re)?contacter\b|\b(?:me|nous) joindre\b",
    r"\b(?:un|votre|ce) devis\b|\btarifs?\b|\bgrille tarifaire\b|\b(?:vos|les|quels?|votre|le) prix\b|\bcombien (?:coute|ca coute)\b",
    r"\bdemo(?:nstration)?s?\b|\brendez[- ]vous\b|\brdv\b|\b(?:un|quel) creneau\b|\bvos disponibilites\b",
    r"\bsavoir plus\b|\ben dire plus\b|\bplus d'info\w*|\bplus de (?:details|precisions)\b|\bune proposition\b",
    r"\ben (?:parler|discuter)\b|\becha?nger (?:avec vous|ensemble)\b",
    r"\binterested\b|\b(?:call|phone|ring) (?:me|us)\b|\bgive (?:me|us) a (?:call|ring)\b",
    r"\bpric(?:ing|es?)\b|\ba quote\b|\bhow much (?:is|does|would)\b",
    r"\b(?:book|schedule|arrange|set up|have) an? (?:\w+ )?(?:call|meeting|chat)\b|\blet's (?:talk|chat|meet)\b",
    r"\b(?:tell|send) (?:me|us) more\b|\b(?:learn|know|hear) more\b|\bmore (?:information|info|details)\b",
)
# "plus" is not among them: alone it mostly means more, and where it takes away, "ne" stands before it.
_NEGATION = _one_of(
    r"\b(?:ne|pas|non|aucun|aucune|sans|jamais|guere)\b|\bn'(?=[aeiouhy])",
    r"\b(?:not|no|never|without|nor|cannot)\b|\b\w{2,7}n't\b",
)
# They hold a negation and deny nothing.
_DENIES_NOTHING = _one_of(
    r"\bn'hesitez (?:surtout )?pas\b|\bpourquoi pas\b|\bpas mal\b|\bnon seulement\b",
    r"\b(?:pas de|sans|aucun) (?:soucis?|problemes?|engagement|faute|doute)\b",
    r"\bdon't hesitate\b|\bwhy (?:not|don't)\b|\bno (?:problem|worries|doubt)\b|\bnot only\b|\bcan't wait\b",
)
_CLAUSE: Final = 500  # characters: more without a stop is no prose, and would cost its square
_REACH: Final = 6  # words a negation reaches onwards, within its clause
_CLAUSES = re.compile(r"[.!?;,:\n()\u2026]| (?:mais|but|cependant|however|par contre|en revanche|-) ")

_WRITE = r"(?:recevoir|(?:re)?contact\w*|sollicit\w*|ecri\w*|relanc\w*|envoy\w*|spamm\w*|e-?mails?|mails?|messages?|courriels?)"
_LEAVE_ME = _one_of(
    r"\bdesinscri\w+|\bdesabonn\w+|\bunsubscri\w+|\bopt(?:ing)?[- ]out\b",
    rf"\bne (?:(?:souhait|desir|voul|veu|voudr)\w* )?plus (?:(?:me|nous|etre|recevoir|de|vos|ces|d') ?){{0,4}}{_WRITE}",
    rf"\bne pas (?:me |nous |m'){_WRITE}|\bn(?:e |')(?:me |nous |m')?{_WRITE} (?:plus|pas)\b(?! avant)",
    r"\b(?:retir|supprim|enlev|effac|ray)\w*[- ](?:moi|mon (?:adresse|nom|e-?mail|contact)|mes (?:coordonnees|donnees)|notre adresse)\b",
    r"\b(?:me|nous) (?:retirer|supprimer|enlever|rayer) d",
    r"\b(?:arretez|cessez) de (?:m'|me |nous )\w+|\blaissez[- ](?:moi|nous) tranquille",
    r"\b(?:take|remove) (?:me|us|my (?:address|e-?mail|name))\b|\bleave (?:me|us) alone\b",
    r"\b(?:stop|cease) (?:e-?mailing|writing|contacting|sending|spamming|messaging)\b",
    r"\b(?:do not|don't|never) (?:e-?mail|contact|write(?: to)?|message) (?:me|us)\b(?! before)",
)
# "Stop" alone, or with hardly more than itself: not "stop by our stand".
_STOP_ALONE = re.compile(
    r"(?:stop ?){1,5}(?:(?:e-?mails?|mails?|pub|sms|svp|merci|please|thanks|thank you|it|now|this|spam|tout|a tout) ?){0,4}$"
)
_STAYS = re.compile(
    r"\bne (?:souhait|veu|voul|desir)\w* pas (?:me |nous )?des(?:inscrire|abonner)\b|\b(?:don't|do not) want to unsubscribe\b"
)


def wish_of(human: str) -> Wish:
    """What the author of these words wants. To be left alone wins over everything else."""
    lines = "\n".join(folded(line) for line in human[:MAX_CHARS].splitlines())
    clauses = [clause for part in _CLAUSES.split(lines) if (clause := part.strip()[:_CLAUSE])]
    if _wants_to_leave(clauses, lines.replace("\n", " ")):
        return Wish(Intent.OTHER, wants_unsubscribe=True, explicit=True)
    verdicts = [verdict for clause in clauses if (verdict := _interest_in(clause)) is not None]
    # One refusal outweighs an interest: a salesperson called for nothing trusts the next call less.
    wanted = bool(verdicts) and all(verdicts)
    return Wish(Intent.INTERESTED if wanted else Intent.OTHER, explicit=bool(verdicts))


def _wants_to_leave(clauses: list[str], whole: str) -> bool:
    if any(_STOP_ALONE.match(clause) for clause in clauses):
        return True
    return _LEAVE_ME.search(_STAYS.sub(" ", whole)) is not None


def _interest_in(clause: str) -> bool | None:
    """True for an interest, False for one denied, None when the clause speaks of none."""
    harmless = [found.span() for found in _DENIES_NOTHING.finditer(clause)]
    denials = [found for found in _NEGATION.finditer(clause) if not any(a <= found.start() < b for a, b in harmless)]
    wants = list(_INTEREST.finditer(clause))
    return all(not _denied(clause, want, denials) for want in wants) if wants else None


def _denied(clause: str, want: re.Match[str], denials: list[re.Match[str]]) -> bool:
    return any(_reaches(clause, denial, want) for denial in denials)


def _reaches(clause: str, denial: re.Match[str], want: re.Match[str]) -> bool:
    if denial.start() >= want.end():
        return not clause[want.end() : denial.start()].strip()  # "m'interesse pas"
    return len(clause[denial.end() : want.start()].split()) < _REACH
