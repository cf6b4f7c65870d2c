"""What mails are made from: the rules, and the templates of the bundles that the rules were compiled from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from nurture.content.spec import Sender
from nurture.core.program import Program
from nurture.core.state import ContactState
from nurture.core.world import World

Templates: TypeAlias = Mapping[str, str]
"""File names within email_templates/, and their sources."""

OF_EVERY_CONTACT = frozenset({"address", "language", "country"})
"""Fields that every contact has, beside those of its file."""


@dataclass(frozen=True)
class Library:
    """One state of the authors' files, ready for composing.

    `pinned` holds the templates of campaign versions that the active bundle lacks. `contact_fields` are the names that
    a template may use after `contact.`; `fallback` is who writes notices while there is no campaign.
    """

    world: World
    templates: Templates
    pinned: Mapping[tuple[str, str], Templates] = field(default_factory=dict)
    contact_fields: frozenset[str] = frozenset()
    forms: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # the titles of a form, by language
    fallback: Sender = Sender("", "nobody@localhost.example")  # noqa: RUF009 - frozen

    def templates_of(self, program: Program) -> Templates:
        """The templates that a version was checked with."""
        return self.pinned.get((program.name, program.version), self.templates)

    def sender_for(self, language: str, campaign: str = "") -> Sender:
        """Who writes a notice: the campaign's sender, else that of the first campaign in the language."""
        programs = self.world.current_programs()
        for wanted in (
            [p for p in programs if p.name == campaign],
            [p for p in programs if p.language == language],
            programs,
        ):
            if wanted:
                return sender_of(wanted[0])
        return self.fallback


def form_title(library: Library, form: str, language: str) -> str:
    """What people call a form; the name of one that is not ours."""
    titles = library.forms.get(form, {})
    return titles.get(language) or next(iter(titles.values()), form)


def sender_of(program: Program) -> Sender:
    """The campaign's sender as mails show it."""
    return Sender(program.sender.name, program.sender.address, program.sender.postal)


def values_of(state: ContactState, address: str) -> dict[str, object]:
    """What a mail may print of a contact."""
    return {**state.fields, "address": address, "language": state.language, "country": state.country}
