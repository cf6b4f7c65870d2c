"""The names of one project, which its schemas suggest."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from nurture.authoring.files import Read, assets_of, read_files, templates_of
from nurture.authoring.naming import EVENT_KINDS
from nurture.authoring.problems import Log
from nurture.authoring.vocabulary import STANDARD_FIELDS

Names = frozenset[str]
NONE: Names = frozenset()


@dataclass(frozen=True, slots=True)
class Known:
    """Ids and names by what bears them. `templates` are the files without language and ending, as a step names them."""

    contents: Names = NONE
    webinars: Names = NONE
    kinds: Names = NONE
    stages: Names = NONE
    teams: Names = NONE
    personas: Names = NONE
    templates: Names = NONE
    assets: Names = NONE
    segments: Names = NONE
    fields: Names = field(default_factory=lambda: frozenset(STANDARD_FIELDS))


def known_of(files: Mapping[str, str]) -> Known:
    """The names in a bundle's files, as far as they can be understood."""
    read, templates = read_files(files, Log()), templates_of(files)
    contents = read.catalogue.values()
    mails = frozenset(name.partition(".")[0] for name in templates if name.count(".") > 1)
    return Known(
        contents=frozenset(read.catalogue),
        webinars=frozenset(each.id for each in contents if each.kind in EVENT_KINDS),
        kinds=frozenset(each.kind for each in contents),
        stages=_stages(read),
        teams=frozenset(read.teams),
        personas=frozenset(persona.name for persona in read.scoring.personas),
        templates=mails,
        assets=frozenset(assets_of(files)),
        segments=frozenset(read.segments.segments),
        fields=frozenset(read.fields),
    )


def _stages(read: Read) -> Names:
    of_campaigns = frozenset(stage.name for program in read.programs for stage in program.stages)
    return of_campaigns | {content.stage for content in read.catalogue.values()}
