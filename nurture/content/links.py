"""Every address in a mail, decided once: which are counted, and where they lead.

A link becomes an entry of a table, and the mail holds `{base}/c/{token}/{n}`. So one signed token
per message serves all its links, and nothing about the contact is in the address.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from html import escape, unescape

from nurture.content.problems import TemplateProblem
from nurture.content.slots import Ledger
from nurture.content.spec import Content, MailSpec


class LinkKind(StrEnum):
    """What following a link means."""

    CLICK = "click"
    DOWNLOAD = "download"
    UNSUBSCRIBE = "unsubscribe"
    PAGE = "page"  # one of our own pages, given whole and left as it is


@dataclass(frozen=True, slots=True)
class Link:
    """Entry `index` of a mail's table: `url` is the target, for a download the asset's path."""

    index: int
    kind: LinkKind
    url: str
    object: str = ""


_ANCHOR = re.compile(r"<a((?:\s+[^\s=>\"]+(?:=\"[^\"]*\")?)*)\s*/?>")
_HREF = re.compile(r"(?<=\shref=\")[^\"]*")
_LEFT_ALONE = ("mailto:", "tel:")


@dataclass(slots=True)
class LinkTable:
    """Collects the links of one compilation and rewrites the HTML that holds them."""

    spec: MailSpec
    base_url: str
    ledger: Ledger
    links: list[Link] = field(default_factory=list)

    def names(self) -> Mapping[str, str]:
        """What a template knows as `links`: `unsubscribe` in marketing mails, `content` where it leads somewhere."""
        names = {"unsubscribe": self._marker("unsubscribe")} if self.spec.marketing else {}
        match self.spec.content:
            case Content(asset=str(asset)) if asset:
                return {**names, "content": self._marker("asset")}
            case Content(url=str(url)) if url:
                return {**names, "content": url}
            case _:
                return names

    def rewrite(self, html: str) -> str:
        """The HTML with every address replaced by the one that goes out."""
        return _ANCHOR.sub(lambda tag: _HREF.sub(lambda href: self._sent(href[0]), tag[0]), html)

    def pixel(self) -> str:
        """The picture that tells a mail was displayed (by a person or a proxy)."""
        address = f"{self.base_url}/o/{self.ledger.token_word}.gif"
        return f'<img src="{address}" width="1" height="1" alt="" style="display:block;border:0;width:1px;height:1px">'

    def _marker(self, what: str) -> str:
        return f"https://{self.ledger.prefix}.invalid/{what}"

    def _sent(self, attribute: str) -> str:
        url = unescape(attribute).strip()
        if url.startswith(_LEFT_ALONE):
            return attribute
        if url == self._marker("unsubscribe"):
            return self._address("u", self._entry(LinkKind.UNSUBSCRIBE, ""), numbered=False)
        if url == self._marker("asset"):
            return self._address("d", self._entry(LinkKind.DOWNLOAD, _target(self.spec.content) or ""))
        self._check(url)
        if not self.spec.marketing:
            self._entry(LinkKind.PAGE, url)
            return attribute
        return self._address("c", self._entry(LinkKind.CLICK, url))

    def _check(self, url: str) -> None:
        if self.ledger.holds(url):
            raise TemplateProblem(
                "M301", "An address cannot hold a contact's value; the click already says who it was."
            )
        if not url.startswith(("https://", "http://")) or any(space in url for space in " \n\t"):
            raise TemplateProblem("M302", f'"{url[:80]}" is not a whole address; it begins with https://.')

    def _entry(self, kind: LinkKind, url: str) -> Link:
        for link in self.links:
            if (link.kind, link.url) == (kind, url):
                return link
        content = self.spec.content
        about = content.id if content is not None and url and url == _target(content) else ""
        self.links.append(Link(len(self.links), kind, url, about))
        return self.links[-1]

    def _address(self, route: str, link: Link, *, numbered: bool = True) -> str:
        address = f"{self.base_url}/{route}/{self.ledger.token_word}"
        return escape(f"{address}/{link.index}" if numbered else address)


def _target(content: Content | None) -> str | None:
    """Where a content leads: an asset we keep goes before an address elsewhere."""
    return None if content is None else content.asset or content.url
