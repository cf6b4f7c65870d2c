"""`goals` and the reasons of `leave_if`: where a condition takes a contact from anywhere in a campaign."""

from nurture.authoring.conditions import parse
from nurture.authoring.drafts import CampaignDraft, GoalDraft, in_document_order
from nurture.authoring.keys import Keys
from nurture.authoring.nodes import Node
from nurture.authoring.problems import Code, Log, did_you_mean, one_of
from nurture.authoring.values import keyed, listing, name, text
from nurture.authoring.verbs.place import Place
from nurture.authoring.verbs.routes import LONGEST_REASON
from nurture.authoring.vocabulary import Vocabulary
from nurture.core.conditions import NEVER
from nurture.core.program import Exit

GOAL = Keys("a goal", required=("when",), optional=("go", "end"))
EXIT = Keys("a reason to leave", required=("when", "reason"))


def read_goals(node: Node | None, place: Place) -> tuple[GoalDraft, ...]:
    """`- when: condition` with `go: stage or id of a step`, or with `end: the reason`."""
    return () if node is None else tuple(_goal(item, place) for item in listing(node, place.log, "goals"))


def _goal(node: Node, place: Place) -> GoalDraft:
    said = keyed(node, place.log, GOAL) or {}
    if said and ("go" in said) is ("end" in said):
        place.log.add(
            Code.MISSING_KEY, node.spot, 'a goal needs "go" or "end", one of them', "go: a stage, or end: a reason"
        )
    return GoalDraft(
        when=parse(said.get("when"), place.vocabulary, place.log) or NEVER,
        spot=said["go"].spot if "go" in said else node.spot,
        target=name(said.get("go"), place.log),
        why=text(said.get("end"), place.log, "a reason", longest=LONGEST_REASON) or "",
    )


def read_exits(node: Node, known: Vocabulary, log: Log) -> tuple[Exit, ...]:
    """`- {when: condition, reason: words}`."""
    return tuple(exit_ for item in listing(node, log, "leave_if") if (exit_ := _exit(item, known, log)))


def _exit(node: Node, known: Vocabulary, log: Log) -> Exit | None:
    said = keyed(node, log, EXIT)
    if said is None:
        return None
    why = text(said.get("reason"), log, "a reason", longest=LONGEST_REASON)
    return Exit(parse(said.get("when"), known, log) or NEVER, why or "")


def check_goals(campaign: CampaignDraft, log: Log) -> None:
    """Report goals that lead nowhere."""
    stages = [stage.name for stage in campaign.stages]
    ids = [step.name for stage in campaign.stages for step in in_document_order(stage.steps) if step.name]
    for goal in campaign.goals:
        if goal.target is not None and goal.target not in (*stages, *ids):
            hint = did_you_mean(goal.target, [*stages, *ids], otherwise=one_of(stages) if stages else "")
            log.add(Code.UNKNOWN_STAGE, goal.spot, f'unknown stage or step "{goal.target}"', hint)
