"""What passes between this process and the one that runs authors' templates, as JSON: never objects, never code.

Whoever broke out of the sandbox could then answer wrong words, and nothing else.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from nurture.content.problems import TemplateProblem
from nurture.content.skeleton import Skeleton
from nurture.content.spec import Content, MailSpec, Sender


@dataclass(frozen=True, slots=True)
class Request:
    """One mail to compile, and everything it is made from."""

    spec: MailSpec
    templates: Mapping[str, str]
    base_url: str
    contact_fields: frozenset[str]

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
        }
        return json.dumps(document).encode()

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
        )


_PLAIN = ("kind", "language", "marketing", "campaign", "subject", "template")
_OF_PROBLEMS = ("code", "message", "file", "line", "column", "suggestion")


def answer_of(made: Skeleton | TemplateProblem) -> bytes:
    """What became of a request."""
    if isinstance(made, Skeleton):
        return json.dumps({"skeleton": made.to_json()}).encode()
    return json.dumps({"problem": {name: getattr(made, name) for name in _OF_PROBLEMS}}).encode()


def read_answer(data: bytes) -> Skeleton | TemplateProblem:
    """What became of a request. Raises ValueError, KeyError or TypeError for anything else."""
    document: Mapping[str, Any] = json.loads(data)
    if "skeleton" in document:
        return Skeleton.from_json(document["skeleton"])
    problem = document["problem"]
    return TemplateProblem(
        problem["code"],
        problem["message"],
        file=problem["file"],
        line=problem["line"],
        column=problem["column"],
        suggestion=problem["suggestion"],
    )
