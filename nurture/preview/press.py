"""Compiles a mail once for each wording of it: after an edit, only what the edit touches is made again."""

import hashlib
import re
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping

from nurture.content.bounded import BoundedCompiler
from nurture.content.problems import UNBOUNDED, TemplateProblem
from nurture.content.skeleton import Skeleton
from nurture.content.spec import MailSpec, template_of

KEPT = 4096

_REFERENCE = re.compile(r"\{%-?\+?\s*(?:extends|include|import|from)\s+(?:([\"'])(.*?)\1)?")


class KeptCompiler(BoundedCompiler):
    """A compiler that remembers what it made from the very same words. Safe for many threads; `close` ends its child.

    `made` counts the mails that were really compiled.
    """

    def __init__(self) -> None:
        super().__init__()
        self._kept: OrderedDict[bytes, Skeleton | TemplateProblem] = OrderedDict()
        self._lock = threading.Lock()
        self.made = 0

    def compile(
        self, spec: MailSpec, templates: Mapping[str, str], *, base_url: str, contact_fields: frozenset[str]
    ) -> Skeleton:
        """As `BoundedCompiler.compile`; a mistake in a template that this mail does not use does not concern it."""
        used = used_by(spec, templates)
        name = _name(spec, used, base_url, contact_fields)
        with self._lock:
            found = self._kept.get(name)
        if found is None:
            found = self._pressed(spec, used, base_url, contact_fields)
            if not (isinstance(found, TemplateProblem) and found.code in UNBOUNDED):
                self._keep(name, found)  # the compiler itself remembers the others, for as long as it may be believed
        if isinstance(found, TemplateProblem):
            raise found.again()
        return found

    def _pressed(
        self, spec: MailSpec, used: Mapping[str, str], base_url: str, contact_fields: frozenset[str]
    ) -> Skeleton | TemplateProblem:
        self.made += 1
        try:
            return super().compile(spec, used, base_url=base_url, contact_fields=contact_fields)
        except TemplateProblem as problem:
            return problem

    def _keep(self, name: bytes, found: Skeleton | TemplateProblem) -> None:
        with self._lock:
            self._kept[name] = found
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)


def used_by(spec: MailSpec, templates: Mapping[str, str]) -> Mapping[str, str]:
    """The templates that this mail is made from; all, where a template's name is only known when it runs."""
    try:
        waiting = [template_of(spec, templates)]
    except TemplateProblem:
        return templates  # the nearest name is among all of them
    used: dict[str, str] = {}
    while waiting:
        name = waiting.pop()
        if name in used or name not in templates:
            continue
        used[name] = templates[name]
        for referred in _references(templates[name]):
            if referred is None:
                return templates
            waiting.append(referred)
    return used


def _references(source: str) -> Iterator[str | None]:
    """What a template extends, includes or imports; None where that is an expression."""
    for tag in _REFERENCE.finditer(source):
        yield tag[2]


def _name(spec: MailSpec, used: Mapping[str, str], base_url: str, contact_fields: frozenset[str]) -> bytes:
    words = (spec, sorted(used.items()), base_url, sorted(contact_fields))
    return hashlib.sha256(repr(words).encode("utf-8", "surrogatepass")).digest()
