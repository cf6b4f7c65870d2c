"""Splits a reply into what the person wrote and what a mail program added below, around, or between.

One pass over the lines with a stack. A line that closes an attribution ("… wrote:") or a copied
header block ("Objet : …") looks back over a handful of lines for what opens it, so the work per line is
bounded and the whole is linear; only the first few hundred characters of a line are looked at.
Because the look-back sees just what was kept, splitting what was kept changes nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from nurture.inbound.words import folded

MAX_CHARS: Final = 200_000
MAX_LINES: Final = 5_000  # nobody answers in more; a mail of line ends alone would take long
LOOKED_AT: Final = 300  # characters of a line
_BACK: Final = 4  # an attribution is wrapped over at most so many lines
_BLOCK: Final = 7  # a copied header block has at most so many before its subject


@dataclass(frozen=True, slots=True)
class Split:
    """`human` holds lines of the input, in order, none added; `quoted` says whether any were left out."""

    human: str
    quoted: bool


# All below are matched on the folded start of a line.
_WROTE = re.compile(r"(?:wrote|a ecrit|writes) ?:$")
_WROTE_OPENS = re.compile(r"(?:on|le|en date du) |\d{4}-\d\d-\d\d")
_DATED = re.compile(r"[\d@]")  # "Le client a écrit :" is a sentence, "Le 20 nov. X a écrit :" is not
_FROM = re.compile(r"(?:de|from|expediteur) ?: ?\S")
_SENT = re.compile(r"(?:envoye(?: le)?|sent) ?: ?\S")
_SUBJECT = re.compile(r"(?:objet|sujet|subject) ?:")
_RULE = re.compile(r"_{10,}$|-{20,}$")
_CUT = re.compile(
    r"-{2,} ?(?:message d'origine|message original|original message|message transfere|forwarded message"
    r"|courriel original|message initial|e-mail d'origine|reply message|original appointment)(?: ?-{2,}|$)"
    r"|(?:debut du message (?:reexpedie|transfere)|begin forwarded message) ?:"
    r"|--$"  # the signature (RFC 3676)
)
_FOOTER = re.compile(
    r"(?:envoye|sent) (?:de|depuis|a partir de|from) (?:mon|ma|my|yahoo|outlook|proton|courrier|gmail|mail|l'app)\b.{0,80}$"
    r"|(?:telecharger|obtenir|get) outlook (?:pour|for) \S.{0,60}$"
    r"|provenance : (?:courrier|mail) (?:pour|for) windows.{0,20}$"
)


def split(text: str) -> Split:
    """The human part of a plain-text mail, and whether anything else was in it. Never raises."""
    lines = text[:MAX_CHARS].replace("\r\n", "\n").replace("\r", "\n").split("\n", MAX_LINES)[:MAX_LINES]
    kept = _Kept()
    for number, line in enumerate(lines):
        if not kept.take(line, quote_follows=_is_quoted(_next_said(lines, number))):
            break
    return Split("\n".join(kept.trimmed()), quoted=kept.dropped)


def _next_said(lines: list[str], number: int) -> str:
    """The next line with something on it, if it is one of the next three."""
    return next((line for line in lines[number + 1 : number + 4] if line[:LOOKED_AT].strip()), "")


def _is_quoted(line: str) -> bool:
    return line[:20].lstrip(" \t\xa0").startswith((">", "|>"))


class _Kept:
    """The lines kept so far, each beside its plain form: a stack in which nothing is a quote's frame."""

    def __init__(self) -> None:
        self._lines: list[tuple[str, str]] = []
        self.dropped = False

    def take(self, line: str, *, quote_follows: bool) -> bool:
        """Keep, drop, or take back; False when the human part ends here."""
        said = folded(line, LOOKED_AT)
        if _is_quoted(line) or _FOOTER.match(said):
            return self._drop(0)
        if _CUT.match(said):
            return self._drop(0) and False
        self._lines.append((line, said))
        if (block := self._copied_headers(said)) is not None:
            return self._drop(block) and False
        if (attribution := self._attribution(said, quote_follows)) is not None:
            return self._drop(attribution) and quote_follows
        return True

    def trimmed(self) -> list[str]:
        """The kept lines without the empty ones and the rules at either end."""
        said = [not (text == "" or _RULE.match(text)) for _, text in self._lines]
        if True not in said:
            return []
        return [line for line, _ in self._lines[said.index(True) : len(said) - said[::-1].index(True)]]

    def _drop(self, count: int) -> bool:
        del self._lines[len(self._lines) - count :]
        self.dropped = True
        return True

    def _attribution(self, said: str, quote_follows: bool) -> int | None:
        """How many lines the attribution that ends with `said` takes; None when there is none."""
        if not _WROTE.search(said):
            return None
        joined = ""
        for count, (_, text) in enumerate(reversed(self._lines[-_BACK:]), start=1):
            joined = f"{text} {joined}"
            if text == "" or (count > 1 and text.endswith((".", "!", "?"))):
                break
            if _WROTE_OPENS.match(text) and _DATED.search(joined):
                return count
        return 1 if quote_follows or "@" in said else None

    def _copied_headers(self, said: str) -> int | None:
        """How many lines the copied header block takes that `said` completes; None when it does not."""
        reach = _BLOCK if _SUBJECT.match(said) else 2 if _SENT.match(said) else 0
        window = self._lines[-2 * reach :] if reach else []
        for count, (_, text) in enumerate(reversed(window), start=1):
            if _FROM.match(text) and count > 1:
                return count
        return None
