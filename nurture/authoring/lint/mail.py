"""What may be wrong with a mail that can be made: links in the clear, faint words, a subject that will be cut."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import unescape

from nurture.authoring.problems import Problem, Severity, Spot
from nurture.content.contrast import Faint, faint_words
from nurture.content.fills import DEFAULT, Fill
from nurture.content.skeleton import Pieces, Skeleton

LONG_SUBJECT = "M118"
NOT_HTTPS = "M304"
FAINT = "M405"

READ = 90
"""Characters of a subject beyond which no client we know of shows it; phones show half of that."""

A_VALUE = 8
"""How many characters a contact's value is taken to have: a first name."""

_PICTURE = re.compile(r"<img\b[^>]*?\ssrc=\"(http://[^\"]*)\"", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Sources:
    """The texts that mails are made of, in which a warning looks for its place."""

    files: Mapping[str, str]

    def find(self, words: str, first: str, otherwise: Spot) -> Spot:
        """Where the words stand: in the file `first`, else in any, else where the mail was chosen."""
        for file in (first, *sorted(self.files)):
            text = self.files.get(file, "").replace("\r\n", "\n").replace("\r", "\n")
            at = text.find(words) if words else -1
            if at >= 0:
                before = text[:at]
                return Spot(file, before.count("\n") + 1, at - before.rfind("\n"), len(words.split("\n", 1)[0]))
        return otherwise


def look_over(skeleton: Skeleton, template: str, subject: Spot, sources: Sources) -> list[Problem]:
    """The warnings about one mail. `template` is the path of its file, `subject` where its subject or step stands."""
    html = shown(skeleton.html)
    return [
        *look_over_subject(skeleton, subject),
        *(_in_the_clear(url, sources.find(url, template, subject)) for url in _clear(skeleton, html)),
        *(_faint(each, sources.find(each.ink, template, subject)) for each in faint_words(html)),
    ]


def needed(skeleton: Skeleton) -> frozenset[str]:
    """The fields without which this mail is withheld from a contact: those printed without a default."""
    pieces = (*skeleton.subject, *skeleton.text, *skeleton.html)
    fills = (piece for piece in pieces if isinstance(piece, Fill))
    return frozenset(fill.field for fill in fills if all(applied.name != DEFAULT for applied in fill.filters))


def shown(pieces: Pieces, value: str = "x" * A_VALUE) -> str:
    """The text with something in place of each contact's values."""
    return "".join(piece if isinstance(piece, str) else value for piece in pieces)


def look_over_subject(skeleton: Skeleton, spot: Spot) -> Iterator[Problem]:
    """The warnings about its subject alone."""
    length = len(shown(skeleton.subject))
    if length > READ:
        yield _warning(
            LONG_SUBJECT, spot, f"the subject has some {length} characters, and is cut after {READ}", "say it in 60"
        )


def _clear(skeleton: Skeleton, html: str) -> Iterable[str]:
    links = (link.url for link in skeleton.links if link.url.startswith("http://"))
    return dict.fromkeys((*links, *(unescape(url) for url in _PICTURE.findall(html))))


def _in_the_clear(url: str, spot: Spot) -> Problem:
    message = f'"{url[:80]}" is not encrypted: browsers warn of it, and everybody on the way can read it'
    return _warning(NOT_HTTPS, spot, message, "write https://")


def _faint(faint: Faint, spot: Spot) -> Problem:
    message = (
        f'"{faint.words[:30]}" is hard to read: {faint.ink} on {faint.paper} has a contrast of {faint.ratio:.1f}, '
        f"and {faint.least:g} is the least"
    )
    return _warning(FAINT, spot, message, "make one darker or the other lighter")


def _warning(code: str, spot: Spot, message: str, hint: str) -> Problem:
    return Problem(code, spot.file, spot.line, spot.column, spot.length, message, hint, Severity.WARNING)
