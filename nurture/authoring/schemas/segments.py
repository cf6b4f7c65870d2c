"""The schema of segments.yaml."""

from nurture.authoring import segments
from nurture.authoring.places import LANGUAGES
from nurture.authoring.schemas.known import Known
from nurture.authoring.schemas.parts import Schema, condition, either, named, record, text


def of_segments(_: Known) -> Schema:
    """Conditions with a name."""
    meets = condition("Who is in it.", 'industry = "Banque" and not opened within 60 days')
    titles = record(segments.TITLES, "By language.", {each: text(f"In this language: {each}.") for each in LANGUAGES})
    said = {"when": meets, "name": either("What people call it.", text(""), titles)}
    segment = either("A condition, or one with a name for people.", meets, record(segments.SEGMENT, "A segment.", said))
    return record(
        segments.SEGMENTS_FILE,
        "Groups of contacts by what is true of them now.",
        {"segments": named("Segments by the name that conditions ask for.", segment)},
    )
