"""A mail that branches, decided for one contact after the other. Runs where authors' templates do, in the child.

Only Jinja runs for each of them; what follows runs once for all contacts for whom a template says the same.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from nurture.content.compiler import Making
from nurture.content.environment import Draft
from nurture.content.fills import Fill
from nurture.content.known import KnownContact, Run, Value
from nurture.content.problems import TemplateProblem
from nurture.content.skeleton import Skeleton
from nurture.content.spec import MailSpec

KEPT = 32
Drafted: TypeAlias = tuple[Draft, tuple[Fill, ...]]


@dataclass(frozen=True, slots=True)
class Decision:
    """The mail of one contact: a skeleton, and the values that its template computed for the slots.

    `decided` are the fields that it hung on: with the same values there it is the same. `compared` says against what
    each was held. `made` is None where the template failed for this contact, and `problem` says why.
    """

    made: Skeleton | None
    problem: TemplateProblem | None = None
    computed: Mapping[str, str] = field(default_factory=dict)
    decided: tuple[str, ...] = ()
    compared: Mapping[str, Sequence[Value]] = field(default_factory=dict)


class Deciding:
    """One mail that branches. Raises TemplateProblem where it cannot be made for anybody."""

    def __init__(
        self, spec: MailSpec, templates: Mapping[str, str], base_url: str, contact_fields: frozenset[str]
    ) -> None:
        self._making = Making(spec, templates, base_url, contact_fields)
        self._made: OrderedDict[Drafted, Skeleton | TemplateProblem] = OrderedDict()

    def decide(self, values: Mapping[str, Value]) -> Decision:
        """The mail for the contact who has these values."""
        ledger = self._making.ledger()
        run = Run(ledger, values)
        try:
            drafted = self._making.draft(ledger, KnownContact(run))
            made = self._skeleton(drafted, run)
        except TemplateProblem as problem:
            made = problem
        if isinstance(made, Skeleton):
            return Decision(made, None, run.computed, tuple(run.decided), run.compared)
        return Decision(None, made.at(self._making.name), {}, tuple(run.decided), run.compared)

    def _skeleton(self, drafted: Draft, run: Run) -> Skeleton | TemplateProblem:
        name = (drafted, tuple(run.ledger.fills))
        made = self._made.get(name)
        if made is None:
            try:
                made = self._making.skeleton(drafted, run.ledger)
            except TemplateProblem as problem:
                made = problem
            self._made[name] = made
            if len(self._made) > KEPT:
                self._made.popitem(last=False)
        return made
