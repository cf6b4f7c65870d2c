"""Which schema is whose: one for campaigns, one for each file beside them."""

from collections.abc import Callable, Mapping

from nurture.authoring.schemas.campaign import of_campaign
from nurture.authoring.schemas.company import of_cadence, of_teams
from nurture.authoring.schemas.content import of_content
from nurture.authoring.schemas.forms import of_forms
from nurture.authoring.schemas.known import Known
from nurture.authoring.schemas.newsletter import of_newsletter
from nurture.authoring.schemas.parts import Schema
from nurture.authoring.schemas.scoring import of_scoring
from nurture.authoring.schemas.segments import of_segments

DIALECT = "https://json-schema.org/draft/2020-12/schema"
CAMPAIGN, NEWSLETTER = "campaign", "newsletter"

SCHEMAS: Mapping[str, Callable[[Known], Schema]] = {
    CAMPAIGN: of_campaign,
    NEWSLETTER: of_newsletter,
    "content": of_content,
    "scoring": of_scoring,
    "teams": of_teams,
    "cadence": of_cadence,
    "forms": of_forms,
    "segments": of_segments,
}
"""By name: that of the file it describes, without its ending, or what the file is."""

FOLDER = ".schemas"
"""Of campaigns/, where editors are told to look; the files of campaigns/ that begin with a dot are no campaigns."""


def schema(name: str, known: Known) -> Schema:
    """The JSON Schema of that name (KeyError: there is none), with the names of a project."""
    return {"$schema": DIALECT, "title": f"nurture: {name}", **SCHEMAS[name](known)}


def file_name(name: str) -> str:
    """What a schema is called in `FOLDER`."""
    return f"{name}.json"


def line_for_editors(name: str) -> str:
    """The first line of a file, by which editors find its schema."""
    return f"# yaml-language-server: $schema={FOLDER}/{file_name(name)}\n"
