"""Each mail as it was sent, to look at: served at /mails while the demo runs, written as files when it ends."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeAlias

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from nurture.demo.archive import Archive, Sent
from nurture.demo.board import depth, shown
from nurture.demo.results import answer_of, name_of, reasons_of
from nurture.storage.hand_offs import Prospect

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'"
"""A mail that is looked at here loads nothing: looking is no opening."""

FILES_AT_MOST = 5000

Steps: TypeAlias = Mapping[str, tuple[str, str, str]]
Link: TypeAlias = Callable[[str], str]
Known: TypeAlias = Callable[[], tuple[Steps, Sequence[Prospect]]]


@dataclass(frozen=True, slots=True)
class Shown:
    """A mail in the list."""

    sent: Sent
    campaign: str
    step: str
    variant: str

    @property
    def kind(self) -> tuple[str, str, str]:
        """What it is one of."""
        return self.campaign, self.step, self.variant

    @property
    def when(self) -> str:
        """When it left."""
        return shown(self.sent.at)


def routes(archive: Archive, known: Known) -> list[BaseRoute]:
    """/mails and /mails/{key}; `known` is asked in a thread."""

    async def listed(request: Request) -> Response:
        steps, prospects = await asyncio.to_thread(known)
        return _response(list_page(archive, steps, prospects, lambda key: f"/mails/{key}"))

    async def one(request: Request) -> Response:
        sent = archive.find(request.path_params["key"])
        if sent is None:
            return HTMLResponse("There is no such mail: see /mails.", 404)
        return _response(mail_page(sent, "/mails"))

    return [Route("/mails", listed), Route("/mails/{key}", one)]


def _response(text: str) -> Response:
    headers = {"Content-Security-Policy": POLICY, "X-Frame-Options": "SAMEORIGIN", "Cache-Control": "no-store"}
    return HTMLResponse(text, headers=headers)


def write_pages(archive: Archive, steps: Steps, prospects: Sequence[Prospect], folder: Path) -> Path:
    """Write the pages as files; answers the one to open."""
    folder.mkdir(parents=True, exist_ok=True)
    for sent in archive.in_order()[:FILES_AT_MOST]:
        (folder / f"{sent.key}.html").write_text(mail_page(sent, "index.html"), encoding="utf-8")
    index = folder / "index.html"
    index.write_text(list_page(archive, steps, prospects, lambda key: f"{key}.html"), encoding="utf-8")
    return index


def list_page(archive: Archive, steps: Steps, prospects: Sequence[Prospect], link: Link) -> str:
    """One of each kind, the prospects, then every mail."""
    mails = [Shown(sent, *steps.get(sent.key, ("", sent.purpose.value, ""))) for sent in archive.in_order()]
    kinds: dict[tuple[str, str, str], list[Shown]] = {}
    for mail in mails:
        kinds.setdefault(mail.kind, []).append(mail)
    given = [(name_of(p), p, shown(p.hand_off.offered_at), answer_of(p), reasons_of(p)) for p in prospects]
    ordered = [kinds[kind] for kind in sorted(kinds, key=_along_the_funnel)]
    page = _environment().get_template("list.html")
    return page.render(mails=mails[:FILES_AT_MOST], total=len(mails), kinds=ordered, prospects=given, link=link)


def _along_the_funnel(kind: tuple[str, str, str]) -> tuple[str, tuple[int, str], str]:
    campaign, step, variant = kind
    return campaign, depth(step.partition("/")[0]), f"{step}:{variant}"


def mail_page(sent: Sent, back: str) -> str:
    """A mail: as most people see it, as text, and its headers."""
    letter = sent.letter
    # What is pressed in the mail opens beside it.
    html = letter.html.replace("<head>", '<head><base target="_blank">', 1)
    page = _environment().get_template("mail.html")
    return page.render(
        sent=sent, when=shown(sent.at), html=html, text=letter.text, headers=letter.headers(), back=back, policy=POLICY
    )


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("nurture.demo", "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
