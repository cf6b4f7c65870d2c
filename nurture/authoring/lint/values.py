"""Mails that real contacts would not get, because they lack what the mail prints and no default is given."""

from nurture.authoring.problems import Problem, Severity, Spot

WITHHELD = "M119"


def withheld(field: str, spot: Spot, lacking: int, of: int) -> Problem:
    """The warning at a mail's step: so many of the contacts who read its language lack the field."""
    message = f'this mail would be withheld for {lacking:,} of {of:,} contacts, who have no "{field}"'
    hint = f"write {{{{ contact.{field} | default('…') }}}}"
    return Problem(WITHHELD, spot.file, spot.line, spot.column, spot.length, message, hint, Severity.WARNING)
