"""What the compiled HTML must satisfy before any contact may receive it."""

import re

from nurture.content.problems import TemplateProblem
from nurture.content.slots import Ledger

HEAVIEST_MAIL = 102_000
"""Octets after which Gmail cuts a message and hides its unsubscribe link."""

TOKEN_LENGTH = 54

_TAG = re.compile(r"<[A-Za-z][\w-]*((?:\s+[^\s=>\"]+(?:=\"[^\"]*\")?)*)\s*/?>")
_ATTRIBUTE = re.compile(r"([^\s=\"]+)=\"([^\"]*)\"")
_STYLE = re.compile(r"<style\b.*?</style>", re.DOTALL | re.IGNORECASE)
_WORDS_FOR_PEOPLE = frozenset({"alt", "title", "aria-label"})
_ADDRESSES = frozenset({"href", "src", "action", "background"})


def check_html(html: str, ledger: Ledger) -> None:
    """Raise TemplateProblem for contact data where it could do harm, and for a mail too heavy."""
    if any(ledger.holds(style) for style in _STYLE.findall(html)):
        raise TemplateProblem("M401", "Contact data stands in a style sheet; only text may hold it.")
    for tag in _TAG.finditer(html):
        for name, value in _ATTRIBUTE.findall(tag[1]):
            _check_attribute(name, value, ledger)
    weight = len(html.encode()) + html.count(ledger.token_word) * (TOKEN_LENGTH - len(ledger.token_word))
    if weight > HEAVIEST_MAIL:
        raise TemplateProblem(
            "M402", f"The mail weighs {weight:,} octets; Gmail cuts it after {HEAVIEST_MAIL:,}. Shorten it."
        )


def _check_attribute(name: str, value: str, ledger: Ledger) -> None:
    rest = value.replace(ledger.token_word, "") if name in _ADDRESSES else value
    if name not in _WORDS_FOR_PEOPLE and ledger.holds(rest):
        raise TemplateProblem("M403", f'Contact data stands in the attribute "{name}"; only text may hold it.')
    if name in _ADDRESSES and value.strip().lower().startswith(("javascript:", "data:", "vbscript:")):
        raise TemplateProblem("M404", f'"{value[:40]}" in "{name}" would be refused by every mail client.')
