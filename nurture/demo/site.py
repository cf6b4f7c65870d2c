"""The company's own site, as far as links of mails lead there: what its pages mean, and what it reports."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from nurture.core.program import Content

WEBINAR = "webinar"
PRICES = {"fr": "/tarifs", "en": "/pricing"}


@dataclass(frozen=True, slots=True)
class Page:
    """A page that a content leads to; webinars have times."""

    content: str
    kind: str
    starts_at: datetime | None
    ends_at: datetime | None


def pages_of(catalogue: Iterable[Content]) -> dict[str, Page]:
    """Every page of the site that a content leads to, by path."""
    return {
        urlsplit(translation.url).path: Page(content.id, content.kind, content.starts_at, content.ends_at)
        for content in catalogue
        for translation in content.translations
        if translation.url
    }


def fact(signal: str, address: str, about: str, key: str) -> Mapping[str, Any]:
    """One thing the site reports, named so that it counts once."""
    return {"signal": signal, "contact": address, "object": about, "key": key}
