"""The text part, derived once from the compiled HTML.

inscriptis prints what CSS would show of a page; a mail differs in three ways, prepared here: the
preheader is hidden by means it does not read, layout tables are not data, and an address must
stand beside the words that led to it.
"""

import re
from collections.abc import Mapping

from inscriptis import get_text
from lxml import html as lxml_html  # type: ignore[import-untyped]

HTML_ONLY = "html-only"
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_TABLES = frozenset({"table", "tbody", "thead", "tr", "td", "th"})
_JOINTS: Mapping[str, str] = {"fr": "\u00a0: "}
_BULLET = re.compile(r"^[*+o] ")
_BLANK_LINES = re.compile(r"\n{3,}")


def plain_text(html: str, language: str) -> str:
    """The words of this HTML mail, links as addresses, ending with one line break."""
    tree = lxml_html.document_fromstring(html)
    for element in list(tree.iter()):
        if not isinstance(element.tag, str):
            element.drop_tree() if element.getparent() is not None else None
        elif _unseen(element):
            element.drop_tree()
        elif element.tag in _TABLES:
            element.tag = "div"
        elif element.tag == "a":
            _spell_out(element, _JOINTS.get(language, ": "))
    return _tidy(get_text(lxml_html.tostring(tree, encoding="unicode")))


def _unseen(element: lxml_html.HtmlElement) -> bool:
    return (
        element.tag in ("head", "style", "img")
        or HTML_ONLY in (element.get("class") or "").split()
        or bool(_HIDDEN.search(element.get("style") or ""))
    ) and element.getparent() is not None


def _spell_out(link: lxml_html.HtmlElement, joint: str) -> None:
    words, address = " ".join(link.text_content().split(" ")).strip(), link.get("href") or ""
    for child in list(link):
        link.remove(child)
    link.text = address if words in ("", address) else f"{words}{joint}{address}"


def _tidy(text: str) -> str:
    """inscriptis indents by nesting, which in a mail is layout and means nothing."""
    lines = (_BULLET.sub("- ", line.strip(" \t")) for line in text.split("\n"))
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip("\n") + "\n"
