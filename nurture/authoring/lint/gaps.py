"""Gaps in the catalogue: a stage that has nothing to say to a persona in the campaign's language."""

from nurture.authoring.lint.reviewed import Reviewed
from nurture.authoring.problems import Code, Log


def check_gaps(reviewed: Reviewed, log: Log) -> None:
    """Warn of each stage and persona for which the catalogue has no content in the campaign's language.

    A stage whose name no content bears is one of the campaign's own, of which the catalogue says nothing.
    """
    language = reviewed.program.language
    for draft in reviewed.draft.stages:
        here = [content for content in reviewed.catalogue.values() if content.stage == draft.name]
        spoken = [content for content in here if content.translation(language) is not None]
        lacking = [
            persona
            for persona in reviewed.personas
            if not any(not content.personas or persona in content.personas for content in spoken)
        ]
        if here and lacking:
            whom = ", ".join(f'"{persona}"' for persona in lacking)
            log.warn(
                Code.CONTENT_GAP,
                draft.spot,
                f'content.yaml has nothing in "{language}" for {whom} at the stage "{draft.name}"',
                "write one, or add the persona or a translation to one that is there",
            )
