"""Options that several commands share, so that they are called and explained alike."""

from enum import StrEnum
from typing import Annotated, TypeAlias

import typer


class Language(StrEnum):
    """Languages that people are told things in."""

    FR = "fr"
    EN = "en"


AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="Print JSON, for a program to read.")]
InLanguage: TypeAlias = Annotated[Language, typer.Option("--lang", help="The language of the reasons.")]
Who: TypeAlias = Annotated[str, typer.Argument(metavar="CONTACT", help="An address, or the contact's key.")]
