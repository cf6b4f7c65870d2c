"""Turns an HTML reply into lines that the quote splitter reads: what is quoted gets its ">".

Not a renderer. One pass over the tags with bounded expressions, so that it is linear on anything;
a real HTML parser is neither needed to find quotes nor safe on what strangers send.
"""

from __future__ import annotations

import html
import re

MAX_CHARS = 200_000
# What opens a quote that no blockquote holds: everything below is not the author's (Outlook, Yahoo).
_QUOTE_STARTS = re.compile(
    r"divrplyfwdmsg|appendonsend|mail-editor-reference-message-container|yahoo_quoted"
    r"|border-top: ?solid #(?:e1e1e1|b5c4df)"
)
# The "X wrote:" above a blockquote, in whatever language (Gmail, Thunderbird): to the end of its block.
_ATTRIBUTION = re.compile(r"gmail_attr|moz-cite-prefix")
_TOKEN = re.compile(r"<!--.*?(?:-->|\Z)|<(/?)([a-zA-Z][a-zA-Z0-9]{0,20})([^>]*+)>?|<", re.DOTALL)
_BREAKS = frozenset({"br", "p", "div", "li", "tr", "table", "ul", "ol", "h1", "h2", "h3", "h4", "hr", "blockquote"})
_HIDDEN = frozenset({"style", "script", "head", "title"})
_SPACES = re.compile(r"[ \t\r\n\f\xa0]+")
_LONG_REFERENCE = re.compile(r"&#x?[0-9a-fA-F]{8,}+;?")


def lines_of(source: str) -> str:
    """The text of an HTML mail, one line a block; quoted blocks are marked with "> "."""
    reader = _Reader()
    last = 0
    capped = source[:MAX_CHARS]
    for found in _TOKEN.finditer(capped):
        reader.text(capped[last : found.start()])
        last = found.end()
        if found[2]:
            reader.tag(found[2].lower(), closing=bool(found[1]), attributes=found[3][:300].lower())
    reader.text(capped[last:])
    return reader.result()


class _Reader:
    def __init__(self) -> None:
        self._lines: list[str] = []
        self._line: list[str] = []
        self._hidden: str | None = None
        self._depth = 0  # of blockquotes
        self._attribution = False
        self._quoted = False  # for good: the reply is over

    def text(self, raw: str) -> None:
        if raw and self._hidden is None:
            self._line.append(_SPACES.sub(" ", html.unescape(_LONG_REFERENCE.sub(" ", raw))))

    def tag(self, name: str, *, closing: bool, attributes: str) -> None:
        if self._hidden is not None or name in _HIDDEN:
            self._hide(name, closing)
            return
        if name in _BREAKS:
            self._end_line()
            self._attribution = self._attribution and name == "br"
        if name == "blockquote":
            self._depth = max(0, self._depth + (-1 if closing else 1))
        if not closing and _QUOTE_STARTS.search(attributes):
            self._quoted = True
        if not closing and _ATTRIBUTION.search(attributes):
            self._attribution = True

    def _hide(self, name: str, closing: bool) -> None:
        if self._hidden is None and not closing:
            self._hidden = name
        elif closing and name == self._hidden:
            self._hidden = None

    def _end_line(self) -> None:
        said = "".join(self._line).strip()
        mark = "> " if self._quoted or self._attribution or self._depth else ""
        self._lines.append(mark + said if said else "")
        self._line = []

    def result(self) -> str:
        self._end_line()
        return re.sub(r"\n{3,}", "\n\n", "\n".join(self._lines)).strip()
