"""`nurture preview`: every mail in all its forms and each campaign as a drawing, on a local page or as pictures."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nurture.cli.check import read_files, real_place
from nurture.cli.errors import CommandProblem
from nurture.cli.opening import read_settings, terminal_of
from nurture.cli.options import Language
from nurture.cli.terminal import Terminal

if TYPE_CHECKING:
    import socket
    from collections.abc import Sequence

    from nurture.authoring.bundle import Bundle
    from nurture.authoring.problems import Problem
    from nurture.config import Settings
    from nurture.preview.app import Room
    from nurture.storage.database import Database

PORT = 8025
HERE = "127.0.0.1"


def preview(
    ctx: typer.Context,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Where the page is; 0 is any free port.")] = PORT,
    contact: Annotated[str, typer.Option(help="Show the mails for this contact of the database.")] = "",
    sample: Annotated[
        str, typer.Option(help="Show them for an invented person: typical, empty, long, or a persona.")
    ] = "",
    language: Annotated[Language, typer.Option(help="The language of the page.")] = Language.EN,
    no_open: Annotated[bool, typer.Option("--no-open", help="Do not open a browser.")] = False,
    png: Annotated[Path | None, typer.Option(metavar="DIR", help="Write pictures there instead, by Chromium.")] = None,
) -> None:
    """Show every mail and campaign on a local page that follows your edits. Ctrl-C ends it."""
    terminal = terminal_of(ctx)
    if contact and sample:
        raise CommandProblem("Choose one reader: --contact or --sample.", code=2)
    settings = read_settings(terminal)
    with _listening(0 if png else port) as bound, _database(settings) as db, _room(terminal, settings, db) as room:
        chosen = _reading(room, language, contact, sample)
        if png is not None:
            _paint(terminal, settings, chosen, bound, png)
        else:
            _show(terminal, settings, chosen, bound, opens=not no_open)


@contextmanager
def _listening(port: int) -> "Iterator[socket.socket]":
    from nurture.web.serving import PortTaken, listen

    try:
        bound = listen(HERE, port)
    except PortTaken:
        raise CommandProblem(
            f"Port {port} of this machine cannot be listened on: another program has it, perhaps another preview; "
            "choose one with --port, or --port 0 for any."
        ) from None
    with bound:
        yield bound


@contextmanager
def _database(settings: "Settings") -> "Iterator[Database | None]":
    """The database if it is there; most of the preview needs none."""
    from nurture.storage.database import Database, DatabaseProblem

    try:
        db = Database.open(settings.database_url)
    except DatabaseProblem:
        yield None
        return
    try:
        yield db
    finally:
        db.close()


@contextmanager
def _room(terminal: Terminal, settings: "Settings", db: "Database | None") -> "Iterator[Room]":
    from nurture.content.tokens import Tokens
    from nurture.delivery.compose import Composer, Domains
    from nurture.preview.app import Room
    from nurture.preview.press import KeptCompiler
    from nurture.preview.readers import real
    from nurture.preview.studio import Desk, Studio
    from nurture.preview.watching import Broadcast
    from nurture.wiring import message_headers

    def check(bundle: "Bundle") -> "Sequence[Problem]":
        from nurture.authoring.bundle import check as check_bundle
        from nurture.delivery.specs import spec_of

        return check_bundle(bundle, spec_of)

    press = KeptCompiler()
    domains = Domains(reply=settings.reply_domain, bounce=settings.bounce_domain)
    composer = Composer(
        Tokens(b"links that lead nowhere"), settings.base_url, domains, message_headers(settings), press
    )
    desk = Desk(
        read=lambda: read_files(settings),
        check=check,
        place=lambda path: real_place(path, settings),
        composer=composer,
        now=terminal.clock.now(),
    )
    try:
        studio = Studio(desk)
        find = None if db is None else lambda address: real(db, address)
        yield Room(studio, Broadcast(studio.edition.number), settings.campaigns_dir / "assets", find=find)
    finally:
        press.close()


def _reading(room: "Room", language: Language, contact: str, sample: str) -> "Room":
    """The room with whoever was asked for, who must be there."""
    from dataclasses import replace

    from nurture.preview.pages import samples_of
    from nurture.preview.readers import TYPICAL

    if contact:
        if room.find is None:
            raise CommandProblem(
                "There is no database to look contacts up in: leave --contact out, or run `nurture doctor`."
            )
        if room.find(contact) is None:
            raise CommandProblem(f"There is no contact {contact!r}: write its whole address or its key.")
    known = [one.name for one in samples_of(room.studio.edition.good)]
    if sample and known and sample not in known:
        raise CommandProblem(f"There is no sample {sample!r}; there are {', '.join(known)}.")
    return replace(room, language=language.value, contact=contact, reader=sample or TYPICAL)


def _show(terminal: Terminal, settings: "Settings", room: "Room", bound: "socket.socket", *, opens: bool) -> None:
    import asyncio
    import webbrowser

    from nurture.cli.running import Life, live
    from nurture.preview.serving import run

    where = f"http://{HERE}:{bound.getsockname()[1]}/"
    folders = (settings.campaigns_dir, settings.templates_dir)

    async def part(life: Life) -> None:
        await run(room, folders, bound, life.stop)

    terminal.note(f"The preview is at {where} and follows {folders[0]} and {folders[1]}. Ctrl-C ends it.")
    if opens and _has_screen():
        webbrowser.open(where)
    asyncio.run(live([part]))


def _has_screen() -> bool:
    """A browser within the terminal would take it over."""
    import os
    import sys

    return sys.platform in ("darwin", "win32") or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))


def _paint(terminal: Terminal, settings: "Settings", room: "Room", bound: "socket.socket", folder: Path) -> None:
    import asyncio

    from nurture.preview.chromium import find_chromium
    from nurture.preview.pictures import paint

    if room.studio.edition.good is None:
        raise CommandProblem("The files have mistakes, and there is nothing to show: run `nurture check`.")
    program = find_chromium(settings.chromium)
    folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(paint(room, program, bound, folder, lambda path: terminal.say(str(path))))
