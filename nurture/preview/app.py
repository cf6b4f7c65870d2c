"""The pages of the preview as one application: lists, mails, frames, drawings, and the stream that says what changed."""

import asyncio
import mimetypes
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response, StreamingResponse
from starlette.routing import Route

from nurture.authoring.problems import Problem
from nurture.core.program import Program
from nurture.preview import pages
from nurture.preview.frames import Scheme, framed
from nurture.preview.graph.faces import Context
from nurture.preview.graph.outline import outline
from nurture.preview.graph.svg import drawing
from nurture.preview.guard import DRAWING, MAIL, Guard
from nurture.preview.mails import Mail, Notice, StepMail
from nurture.preview.making import Failure
from nurture.preview.readers import TYPICAL, Reader
from nurture.preview.studio import Edition, Good, Shown, Studio
from nurture.preview.watching import Broadcast
from nurture.storage.database import DatabaseProblem
from nurture.texts import preview as texts

LANGUAGES = ("fr", "en")
_STATIC = ("preview.css", "preview.js")


@dataclass(frozen=True)
class Room:
    """What the pages are made from. `find` looks a real contact up (DatabaseProblem); None where there is no database."""

    studio: Studio
    broadcast: Broadcast
    assets: Path
    language: str = "en"
    reader: str = TYPICAL
    contact: str = ""
    find: Callable[[str], Reader | None] | None = None


def create_app(room: Room) -> Starlette:
    """Ready for an ASGI server."""
    desk = _Pages(room)

    def page(make: Callable[["_Look"], Response]) -> Callable[..., Any]:
        async def answer(request: Request, _: Exception | None = None) -> Response:
            return await asyncio.to_thread(lambda: make(_look(room, request)))

        return answer

    async def live(request: Request) -> Response:
        seen = request.query_params.get("seen", "")
        stream = room.broadcast.stream(int(seen) if seen.isascii() and seen.isdecimal() else -1)
        return StreamingResponse(stream, media_type="text/event-stream")

    return Starlette(
        routes=[
            Route("/", page(desk.index)),
            Route("/campaign/{name}", page(desk.campaign)),
            Route("/mail", page(desk.mail)),
            Route("/frame", page(desk.frame)),
            Route("/drawing/{name}", page(desk.drawing)),
            Route("/live", live),
            Route("/assets/{name}", page(desk.asset)),
            Route("/static/{name}", page(desk.static)),
        ],
        middleware=[Middleware(Guard)],
        exception_handlers={404: page(desk.gone)},
    )


@dataclass(frozen=True)
class _Look:
    """One request: what is asked, for which reader, in which language."""

    path: str
    asked: Mapping[str, str]
    parts: Mapping[str, str]
    language: str
    given: Mapping[str, str]
    reader: Reader | None
    trouble: str
    edition: Edition

    def link(self, path: str, **changes: str) -> str:
        """A page for the same reader in the same language."""
        return pages.address(path, self.given, **changes)


def _look(room: Room, request: Request) -> _Look:
    asked = dict(request.query_params)
    language = asked.get("lang") if asked.get("lang") in LANGUAGES else room.language
    assert language is not None
    edition = room.studio.edition
    contact = asked.get("contact", "" if "reader" in asked else room.contact).strip()
    name = asked.get("reader", "") or room.reader
    found, trouble = _contact(room, contact, texts.words(language)) if contact else (None, "")
    samples = pages.samples_of(edition.good)
    reader = found or next((one for one in samples if one.name == name), samples[0] if samples else None)
    kept = {"lang": language if language != room.language else "", "contact": contact if found else ""}
    kept["reader"] = "" if found or reader is None or (name == room.reader and not room.contact) else reader.name
    return _Look(request.url.path, asked, request.path_params, language, kept, reader, trouble, edition)


def _contact(room: Room, contact: str, words: Mapping[str, str]) -> tuple[Reader | None, str]:
    if room.find is None:
        return None, words["no_database"].format(why="")
    try:
        found = room.find(contact)
    except DatabaseProblem as problem:
        return None, words["no_database"].format(why=problem)
    return found, "" if found is not None else words["no_contact"].format(address=contact)


class _Pages:
    """Answers each page. Runs in threads."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def index(self, look: _Look) -> Response:
        good = look.edition.good
        wanted = [m for m in good.mails.values() if not good.is_large or isinstance(m, Notice)] if good else []
        rows = [(mail, self._row(good, mail, look)) for mail in wanted if good]
        problems = look.edition.problems
        errors = sum(problem.is_error for problem in problems)
        words = texts.words(look.language)
        return self._page(
            look,
            "index",
            campaigns=[self._card(program, rows, look) for program in good.world.current_programs()] if good else [],
            notices=[row for mail, row in rows if isinstance(mail, Notice)],
            problems=pages.told(problems, look.edition.files),
            errors=words["errors"].format(n=errors) if errors else "",
            warnings=words["warnings"].format(n=len(problems) - errors) if len(problems) > errors else "",
        )

    def campaign(self, look: _Look) -> Response:
        good = look.edition.good
        program = good.program(look.parts["name"]) if good else None
        if good is None or program is None:
            return self.gone(look)
        rows = [(m, self._row(good, m, look)) for m in good.mails.values() if _is_of(m, program)]
        links = {m.step.key: row.href for m, row in reversed(rows) if isinstance(m, StepMail)}
        context = Context(program, look.language, good.world.catalogue)
        return self._page(
            look,
            "campaign",
            campaign=self._card(program, rows, look),
            problems=self._problems(look, program.file),
            drawing=pages.markup(drawing(context, links.get)),
            outline=pages.markup(outline(context, links.get)),
        )

    def mail(self, look: _Look) -> Response:
        good, mail = look.edition.good, _mail(look)
        if good is None or mail is None or look.reader is None:
            return self.gone(look)
        shown = self._room.studio.show(good, mail, look.reader)
        letter, words = shown.letter, texts.words(look.language)
        names = list(good.mails)
        at = names.index(mail.id)
        near = [look.link("/mail", of=names[n]) if 0 <= n < len(names) else "" for n in (at - 1, at + 1)]
        program = mail.program if isinstance(mail, StepMail) else None
        template = f"email_templates/{letter.skeleton.template}" if letter else ""
        sender = letter.message["From"].addresses[0] if letter else None
        sizes = {"html": letter.size, "whole": len(letter.data)} if letter else {}
        return self._page(
            look,
            "mail",
            row=pages.row_of(mail, shown, look.link, look.language, self._room.studio.place),
            letter=letter,
            campaign=self._card(program, [], look) if program else None,
            stage=mail.stage if isinstance(mail, StepMail) else "",
            before=near[0],
            after=near[1],
            template=self._room.studio.place(template) if template else "",
            problems=self._problems(look, *(part for part in (program and program.file, template) if part)),
            failing=self._failing(mail, look, good, shown.failure),
            sender=(sender.display_name or sender.addr_spec) if sender else "",
            initial=(sender.display_name or sender.addr_spec)[:1].upper() if sender else "",
            weight=words["weight"].format(**{k: pages.weight(v, look.language) for k, v in sizes.items()})
            if sizes
            else "",
            links=pages.links_of(letter, look.language) if letter else [],
            frame=lambda scheme: look.link("/frame", of=mail.id, scheme=scheme, v=letter.version if letter else ""),
        )

    def frame(self, look: _Look) -> Response:
        good, mail = look.edition.good, _mail(look)
        letter = self._room.studio.show(good, mail, look.reader).letter if good and mail and look.reader else None
        if letter is None:
            return self.gone(look)
        scheme = Scheme.DARK if look.asked.get("scheme") == Scheme.DARK else Scheme.LIGHT
        return HTMLResponse(framed(letter, scheme), headers={"Content-Security-Policy": MAIL})

    def drawing(self, look: _Look) -> Response:
        """The drawing alone, to be kept or put into a document."""
        good = look.edition.good
        program = good.program(look.parts["name"]) if good else None
        if good is None or program is None:
            return self.gone(look)
        context = Context(program, look.language, good.world.catalogue)
        headers = {"Content-Security-Policy": DRAWING}
        return Response(drawing(context), media_type="image/svg+xml", headers=headers)

    def asset(self, look: _Look) -> Response:
        good, name = look.edition.good, look.parts["name"]
        path = self._room.assets / name
        if good is None or name not in good.compiled.assets or not path.is_file():
            return self.gone(look)
        return FileResponse(path, filename=name)

    def static(self, look: _Look) -> Response:
        name = look.parts["name"]
        if name not in _STATIC:
            return self.gone(look)
        kind = mimetypes.guess_type(name)[0] or "text/plain"
        return Response(files("nurture.preview").joinpath("pages", name).read_bytes(), media_type=kind)

    def gone(self, look: _Look) -> Response:
        return self._page(look, "message", 404, said=texts.words(look.language)["gone"])

    def _page(self, look: _Look, name: str, status: int = 200, **values: Any) -> Response:
        real = look.reader if look.reader is not None and look.reader.is_real else None
        kept = [
            (key, value) for key, value in {"of": look.asked.get("of", ""), "lang": look.given["lang"]}.items() if value
        ]
        made = pages.fill(
            name,
            look.language,
            **values,
            edition=look.edition,
            path=look.path,
            link=lambda path, **changes: look.link(path, **_here(look, path), **changes),
            kept=kept,
            readers=pages.readers(look.edition.good, real, look.language),
            reader="" if real else look.reader.name if look.reader else "",
            contact=look.reader.address if real and look.reader else "",
            asks_contacts=self._room.find is not None,
            trouble=look.trouble,
        )
        return HTMLResponse(made, status)

    def _row(self, good: Good, mail: Mail, look: _Look) -> pages.Row:
        shown = self._room.studio.show(good, mail, look.reader) if look.reader else Shown(None)
        return pages.row_of(mail, shown, look.link, look.language, self._room.studio.place)

    def _card(self, program: Program, rows: Sequence[tuple[Mail, pages.Row]], look: _Look) -> pages.CampaignCard:
        mails = look.edition.good.mails.values() if look.edition.good else ()
        count = sum(_is_of(mail, program) for mail in mails)
        return pages.card_of(program, rows, count, look.link, self._room.studio.place)

    def _problems(self, look: _Look, *written: str) -> list[pages.Told]:
        """Those of these files of the bundle."""
        wanted = {self._room.studio.place(name) for name in written}
        found: list[Problem] = [problem for problem in look.edition.problems if problem.file in wanted]
        return pages.told(found, look.edition.files)

    def _failing(self, mail: Mail, look: _Look, good: Good, known: Failure | None) -> list[tuple[str, str]]:
        """The invented people to whom this mail cannot be written, and why, unless that is known already."""
        names = dict(pages.readers(good, None, look.language))
        shown = [(one, self._room.studio.show(good, mail, one).failure) for one in good.samples if one != look.reader]
        return [
            (names[one.name], failure.sentence) for one, failure in shown if failure is not None and failure != known
        ]


def _here(look: _Look, path: str) -> dict[str, str]:
    """What names the page itself, where the link leads to it again."""
    return {"of": look.asked["of"]} if path == look.path and "of" in look.asked else {}


def _mail(look: _Look) -> Mail | None:
    return look.edition.good.mails.get(look.asked.get("of", "")) if look.edition.good else None


def _is_of(mail: Mail, program: Program) -> bool:
    return isinstance(mail, StepMail) and mail.program.name == program.name
