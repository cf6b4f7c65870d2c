"""Looks over template sources for slips the MJML compiler would swallow in silence.

Works on the source, before Jinja, so that each problem points at the author's own line. Jinja's
marks and comments are blanked out first, keeping every other character in its place.
"""

import re
from collections.abc import Iterator, Mapping

from nurture.content.problems import TemplateProblem, nearest
from nurture.content.vocabulary import ATTRIBUTES, EVERYWHERE, FORBIDDEN, TAGS, accepts

_UNSEEN = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<!--.*?-->", re.DOTALL)
_TAG = re.compile(r"<(/?)([A-Za-z][\w-]*)((?:\s+[^\s=<>/]+(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'))?)*)\s*(/?)>")
_ATTRIBUTE = re.compile(r"([^\s=<>/]+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'))?")
_IMAGES = frozenset({"mj-image", "img"})
_INSTRUCTION = re.compile(r"[^\n]")


def lint(templates: Mapping[str, str]) -> tuple[TemplateProblem, ...]:
    """Every problem of every template, in the order an author reads them."""
    return tuple(problem for name in sorted(templates) for problem in _of_source(name, templates[name]))


def _of_source(name: str, source: str) -> Iterator[TemplateProblem]:
    seen = _UNSEEN.sub(lambda hidden: _INSTRUCTION.sub("\x00", hidden[0]), source)
    for tag in _TAG.finditer(seen):
        for offset, code, message, suggestion in _of_tag(tag):
            line = source.count("\n", 0, offset) + 1
            column = offset - source.rfind("\n", 0, offset)
            yield TemplateProblem(code, message, file=name, line=line, column=column, suggestion=suggestion)


Finding = tuple[int, str, str, str | None]


def _of_tag(tag: re.Match[str]) -> Iterator[Finding]:
    name = tag[2]
    if name in FORBIDDEN:
        yield tag.start(2), "M203", f"<{name}> has no place in a mail; take it out.", None
    elif name not in TAGS:
        if name.startswith("mj") or nearest(name, TAGS) == f"mj-{name}":
            yield tag.start(2), "M201", f"MJML has no tag <{name}>.", nearest(name, TAGS)
        elif name == "img":
            yield from _without_alt(tag, _attributes(tag))
    elif not tag[1]:
        yield from _of_attributes(tag, name)


def _of_attributes(tag: re.Match[str], name: str) -> Iterator[Finding]:
    found = _attributes(tag)
    for attribute, offset in found.items():
        # A Jinja mark among the attributes hides a name we cannot know.
        if "\x00" not in attribute and not accepts(name, attribute):
            known = (TAGS[name] - {"*"} or ATTRIBUTES) | EVERYWHERE
            yield offset, "M202", f'<{name}> has no attribute "{attribute}".', nearest(attribute, known)
    if name in _IMAGES and "src" in found:
        yield from _without_alt(tag, found)


def _without_alt(tag: re.Match[str], found: Mapping[str, int]) -> Iterator[Finding]:
    if "alt" not in found:
        yield tag.start(2), "M204", 'A picture needs words for those who cannot see it: alt="…".', None


def _attributes(tag: re.Match[str]) -> dict[str, int]:
    return {found[1]: tag.start(3) + found.start(1) for found in _ATTRIBUTE.finditer(tag[3])}


def unclosed(mjml: str) -> str | None:
    """A sentence naming the first MJML tag that is left open or closed twice, if any."""
    opened: list[str] = []
    for tag in _TAG.finditer(_UNSEEN.sub("", mjml)):
        name = tag[2]
        if name not in TAGS or tag[4]:
            continue
        if not tag[1]:
            opened.append(name)
        elif not opened:
            return f"</{name}> closes what was never opened"
        elif opened[-1] != name:
            return f"<{opened[-1]}> is still open where </{name}> stands"
        else:
            opened.pop()
    return f"<{opened[-1]}> is never closed" if opened else None
