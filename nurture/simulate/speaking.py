"""Figures, dates and words of a simulation's page, in one language."""

from datetime import date

from nurture.content.typography import set_text
from nurture.simulate.intervals import Range
from nurture.texts.simulation import BY_LANGUAGE, Words, term

THIN = "\u202f"
MONTHS = {
    "fr": ["janv.", "févr.", "mars", "avril", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."],
    "en": ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
}


class Speaker:
    """Says things; `w` are the page's words."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.w: Words = {name: set_text(said, language) for name, said in BY_LANGUAGE[language].items()}

    def number(self, value: float) -> str:
        """`1 234` in French, `1,234` in English."""
        return f"{value:,.0f}".replace(",", THIN if self.language == "fr" else ",")

    def signed(self, value: float) -> str:
        """With its sign."""
        return f"+{self.number(value)}" if value > 0 else f"−{self.number(-value)}" if value < 0 else "0"

    def days(self, value: float | None) -> str:
        """One decimal; a dash where nobody got so far."""
        return "–" if value is None else f"{value:.1f}".replace(".", "," if self.language == "fr" else ".")

    def day(self, day: date | None, *, year: bool = False) -> str:
        """`4 janv.`, `4 Jan`."""
        if day is None:
            return "–"
        return f"{day.day} {MONTHS[self.language][day.month - 1]}{f' {day.year}' if year else ''}"

    def term(self, word: str) -> str:
        """A gate, reason or figure in words."""
        return set_text(term(word, self.language), self.language)

    def between(self, range_: Range, *, signed: bool = False) -> str:
        """The interval."""
        show = self.signed if signed else self.number
        return self.w["interval"].format(low=show(range_.low), high=show(range_.high)).partition(":")[2].strip()

    def interval(self, range_: Range) -> str:
        """The interval with its name."""
        return self.w["interval"].format(low=self.number(range_.low), high=self.number(range_.high))
