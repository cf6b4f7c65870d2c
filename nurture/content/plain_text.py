"""The text part, derived once from the compiled HTML.

inscriptis prints what CSS would show of a page; a mail differs in three ways, prepared here: the
preheader is hidden by means it does not read, layout tables are not data, and an address must
stand beside the words that led to it.
"""

import re
from collections.abc import Mapping

from inscriptis.html_engine import Inscriptis
from lxml import html as lxml_html  # type: ignore[import-untyped]

HTML_ONLY = "html-only"
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
# Cells of a layout are paragraphs, the rest of a table is nothing but their frame.
_LAYOUT: Mapping[str, str] = {"td": "p", "th": "p", **dict.fromkeys(("table", "tbody", "thead", "tr"), "div")}
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
        elif element.tag in _LAYOUT:
            element.tag = _LAYOUT[element.tag]
        elif element.tag == "a":
            _spell_out(element, _JOINTS.get(language, ": "))
    return _tidy(Inscriptis(tree).get_text())


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
