"""A mail's HTML as a frame shows it: dark or light whatever the machine prefers, its links leading where they lead in the end.

A frame cannot be told which colour scheme to prefer, so the mail's own questions about it are answered beforehand: this is
what a mail program does that heeds them. One that recolours mails by itself cannot be shown.
"""

import re
from enum import StrEnum
from html import escape
from typing import Final

from nurture.content.links import Link, LinkKind
from nurture.preview.letters import Letter

HOLDS: Final = "(min-width:0px)"
FAILS: Final = "(min-width:9999999px)"


class Scheme(StrEnum):
    """Which colours the reader's machine prefers."""

    LIGHT = "light"
    DARK = "dark"


_PREFERS = re.compile(r"\(\s*prefers-color-scheme\s*:\s*(light|dark)\s*\)", re.IGNORECASE)
_SCHEME = re.compile(r"(?<![-\w])(color-scheme\s*:\s*)[^;}\"]+", re.IGNORECASE)
_META = re.compile(r"(<meta[^>]*name=\"(?:supported-)?color-schemes?\"[^>]*content=\")[^\"]*", re.IGNORECASE)
_PIXEL = re.compile(r"<img[^>]*\ssrc=\"[^\"]*/o/[A-Za-z0-9_-]+\.gif\"[^>]*>", re.IGNORECASE)
_TRACKED = re.compile(r"(?<=href=\")[^\"]*/(?:[cd]/[A-Za-z0-9_-]+/(\d+)|(u)/[A-Za-z0-9_-]+)(?=\")")


def framed(letter: Letter, scheme: Scheme) -> str:
    """The HTML for a frame: without the picture that counts openings, its links opening beside it."""
    html = _PREFERS.sub(lambda asked: HOLDS if asked[1].lower() == scheme else FAILS, letter.html)
    html = _META.sub(rf"\g<1>{scheme}", _SCHEME.sub(rf"\g<1>{scheme}", html))
    html = _TRACKED.sub(lambda link: _target(letter, link[1], link[2]), _PIXEL.sub("", html))
    return html.replace("<head>", f'<head><base target="_blank"><style>:root{{color-scheme:{scheme}}}</style>', 1)


def _target(letter: Letter, index: str | None, unsubscribe: str | None) -> str:
    if unsubscribe or index is None:
        return "#"
    return escape(leads_to(letter.skeleton.links[int(index)]) or "#")


def leads_to(link: Link) -> str:
    """Where a link leads from this page; empty where it leads to a page that only a sent mail has."""
    match link.kind:
        case LinkKind.CLICK | LinkKind.PAGE:
            return link.url
        case LinkKind.DOWNLOAD:
            return f"/assets/{link.url.rpartition('/')[2]}"
        case LinkKind.UNSUBSCRIBE:
            return ""
