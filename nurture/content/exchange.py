"""What passes between this process and the one that runs authors' templates, as JSON: never objects, never code.

Whoever broke out of the sandbox could then answer wrong words, and nothing else.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from nurture.content.decided import Decision
from nurture.content.known import Value
from nurture.content.problems import TemplateProblem
from nurture.content.skeleton import Pieces, Skeleton, from_plain, to_plain
from nurture.content.spec import Content, MailSpec, Sender


@dataclass(frozen=True)
class Request:
    """One mail to compile, and everything it is made from.

    `people` are the values of those to decide it for, one answer each. `subjects` are what steps say in its place, one
    answer each. None of both asks for the mail of slots, one answer.
    """

    spec: MailSpec
    templates: Mapping[str, str]
    base_url: str
    contact_fields: frozenset[str]
    people: Sequence[Mapping[str, Value]] | None = None
    subjects: Sequence[str] | None = None

    def to_bytes(self) -> bytes:
        """As the pipe carries it."""
        document = {
            "spec": {name: getattr(self.spec, name) for name in _PLAIN},
            "sender": asdict(self.spec.sender),
            "content": asdict(self.spec.content) if self.spec.content is not None else None,
            "extra": dict(self.spec.extra),
            "templates": dict(self.templates),
            "base_url": self.base_url,
            "contact_fields": sorted(self.contact_fields),
            "people": self.people,
            "subjects": self.subjects,
        }
        return json.dumps(document).encode()

    @cached_property
    def mail(self) -> bytes:
        """What names the mail, whomever it is for."""
        parts = (self.spec, sorted(self.templates.items()), self.base_url, sorted(self.contact_fields))
        return hashlib.sha256(repr(parts).encode()).digest()

    @classmethod
    def from_bytes(cls, data: bytes) -> "Request":
        """What `to_bytes` wrote; lists that were tuples are lists."""
        document = json.loads(data)
        content = document["content"]
        return cls(
            MailSpec(
                **document["spec"],
                sender=Sender(**document["sender"]),
                content=Content(**{**content, "bullets": tuple(content["bullets"])}) if content is not None else None,
                extra=document["extra"],
            ),
            document["templates"],
            document["base_url"],
            frozenset(document["contact_fields"]),
            document["people"],
            document["subjects"],
        )


_PLAIN = ("kind", "language", "marketing", "campaign", "subject", "template")
_OF_PROBLEMS = ("code", "message", "file", "line", "column", "suggestion")


def answer_of(made: Skeleton | TemplateProblem) -> bytes:
    """What became of a request."""
    if isinstance(made, Skeleton):
        return json.dumps({"skeleton": made.to_json()}).encode()
    return json.dumps({"problem": _of_problem(made)}).encode()


def read_answer(data: bytes) -> Skeleton | TemplateProblem:
    """What became of a request. Raises ValueError, KeyError or TypeError for anything else."""
    document: Mapping[str, Any] = json.loads(data)
    if "skeleton" in document:
        return Skeleton.from_json(document["skeleton"])
    return _problem(document["problem"])


def subject_answer(made: Pieces | TemplateProblem) -> bytes:
    """What became of a subject."""
    if isinstance(made, TemplateProblem):
        return json.dumps({"problem": _of_problem(made)}).encode()
    return json.dumps({"subject": to_plain(made)}).encode()


def read_subject(data: bytes) -> Pieces | TemplateProblem:
    """The same, read. Raises ValueError, KeyError or TypeError for anything else."""
    document: Mapping[str, Any] = json.loads(data)
    return _problem(document["problem"]) if "problem" in document else from_plain(document["subject"])


def decision_answer(decision: Decision, told: dict[str, int]) -> bytes:
    """What became of one contact's mail; a skeleton is told once, and by its number in `told` afterwards."""
    document: dict[str, Any] = {
        "computed": dict(decision.computed),
        "decided": list(decision.decided),
        "compared": {name: list(values) for name, values in decision.compared.items()},
    }
    if decision.problem is not None:
        document["problem"] = _of_problem(decision.problem)
    elif decision.made is not None:
        if decision.made.composition not in told:
            told[decision.made.composition] = len(told)
            document["skeleton"] = decision.made.to_json()
        document["number"] = told[decision.made.composition]
    return json.dumps(document).encode()


def read_decision(data: bytes, told: list[Skeleton]) -> Decision:
    """The same, read. Raises ValueError, KeyError, IndexError or TypeError for anything else."""
    document: Mapping[str, Any] = json.loads(data)
    made = problem = None
    if "problem" in document:
        problem = _problem(document["problem"])
    else:
        if "skeleton" in document:
            told.append(Skeleton.from_json(document["skeleton"]))
        made = told[document["number"]]
    return Decision(made, problem, dict(document["computed"]), tuple(document["decided"]), dict(document["compared"]))


def _of_problem(problem: TemplateProblem) -> Mapping[str, Any]:
    return {name: getattr(problem, name) for name in _OF_PROBLEMS}


def _problem(document: Mapping[str, Any]) -> TemplateProblem:
    return TemplateProblem(
        document["code"],
        document["message"],
        file=document["file"],
        line=document["line"],
        column=document["column"],
        suggestion=document["suggestion"],
    )
