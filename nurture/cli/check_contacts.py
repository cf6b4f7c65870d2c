"""The part of `nurture check` that looks at real contacts: whom a mail would not reach for want of a value."""

from typing import TYPE_CHECKING

from nurture.cli.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nurture.authoring.mails import Need
    from nurture.authoring.problems import Problem
    from nurture.config import Settings


def withheld_from_contacts(terminal: Terminal, settings: "Settings", needs: "Sequence[Need]") -> "list[Problem]":
    """A warning for each mail that some contacts lack a value for; without a database, a note and no warning."""
    from nurture.authoring.lint.values import withheld
    from nurture.storage.database import Database, DatabaseProblem
    from nurture.storage.lacking import lacking

    try:
        db = Database.open(settings.database_url)
    except DatabaseProblem as problem:
        terminal.note(f"The contacts were not looked at: {problem}", style="yellow")
        return []
    try:
        with db.read() as c:
            asked = dict.fromkeys((need.field, need.language) for need in needs)
            counted = {(field, language): lacking(c, field, language) for field, language in asked}
    finally:
        db.close()
    found = [(need, counted[need.field, need.language]) for need in needs]
    return [withheld(need.field, need.spot, each.lacking, each.contacts) for need, each in found if each.lacking]
