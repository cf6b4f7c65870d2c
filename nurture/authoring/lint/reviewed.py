"""What a warning is found in: one campaign as its file has it and as it was compiled, beside what the company says."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from nurture.authoring.drafts import CampaignDraft, Draft, StageDraft, in_document_order
from nurture.authoring.nodes import Node, Table
from nurture.authoring.problems import Spot
from nurture.core.program import Content, Program, Stage, Step


@dataclass(frozen=True, slots=True)
class Drafted:
    """A campaign without errors: its file's tree, and what the tree came to."""

    tree: Node
    draft: CampaignDraft
    program: Program


@dataclass(frozen=True, slots=True)
class Reviewed:
    """One campaign and its surroundings. `grades` go from the best to the worst."""

    drafted: Drafted
    catalogue: Mapping[str, Content]
    personas: tuple[str, ...]
    grades: tuple[str, ...]

    @property
    def draft(self) -> CampaignDraft:
        """The campaign as its file has it."""
        return self.drafted.draft

    @property
    def program(self) -> Program:
        """The campaign as it runs."""
        return self.drafted.program

    def stages(self) -> Iterator[tuple[StageDraft, Stage]]:
        """Each stage as written and as compiled."""
        yield from zip(self.draft.stages, self.program.stages, strict=True)

    def spot(self, *path: str) -> Spot:
        """Where the value lies that these keys lead to, from the top of the file; as far as they lead."""
        node, spot = self.drafted.tree, self.draft.spot
        for key in path:
            found = node.get(key) if isinstance(node, Table) else None
            if found is None:
                break
            node, spot = found, found.spot
        return spot


def in_step(draft: StageDraft, stage: Stage) -> Iterator[tuple[Draft, Step]]:
    """Each step of a stage as written and as compiled."""
    yield from zip(in_document_order(draft.steps), stage.steps, strict=True)
