"""`nurture run`, `web`, `worker` and `clock`: the processes that keep everything moving, together or apart."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from nurture.cli.opening import read_settings, terminal_of
from nurture.cli.terminal import Terminal

if TYPE_CHECKING:
    from nurture.cli.running import Part
    from nurture.config import Settings
    from nurture.wiring import System

Host = Annotated[str, typer.Option(help="Where the web listens; left out, NURTURE_HOST.")]
Port = Annotated[int, typer.Option(min=0, max=65535, help="Its port; left out, NURTURE_PORT.")]


def run(ctx: typer.Context, host: Host = "", port: Port = 0) -> None:
    """Run everything in this one process: web, workers and clock. Ctrl-C ends it."""
    terminal = terminal_of(ctx)
    settings = read_settings(terminal)
    with _listening(host or settings.host, port or settings.port) as bound:
        _prepare(terminal, settings)

        def parts(system: "System") -> list["Part"]:
            from nurture.cli.running import clock_part, web_part, worker_part

            return [web_part(system, bound), worker_part(system), clock_part(system)]

        _live(terminal, settings, parts, f"web on {_address(bound)}, {settings.workers} worker(s), clock")


def web(ctx: typer.Context, host: Host = "", port: Port = 0) -> None:
    """Run the web alone: pages, tracking, hooks, events."""
    terminal = terminal_of(ctx)
    settings = read_settings(terminal)
    with _listening(host or settings.host, port or settings.port) as bound:

        def parts(system: "System") -> list["Part"]:
            from nurture.cli.running import web_part

            return [web_part(system, bound)]

        _live(terminal, settings, parts, f"web on {_address(bound)}", web_alone=True)


def worker(ctx: typer.Context) -> None:
    """Run workers alone: receipts, decisions, deliveries. Any number may run, on any machine."""

    def parts(system: "System") -> list["Part"]:
        from nurture.cli.running import worker_part

        return [worker_part(system)]

    terminal = terminal_of(ctx)
    settings = read_settings(terminal)
    _live(terminal, settings, parts, f"{settings.workers} worker(s)")


def clock(ctx: typer.Context) -> None:
    """Run the clock alone: housekeeping. Two of them do no harm."""

    def parts(system: "System") -> list["Part"]:
        from nurture.cli.running import clock_part

        return [clock_part(system)]

    terminal = terminal_of(ctx)
    _live(terminal, read_settings(terminal), parts, "clock")


def _live(
    terminal: Terminal,
    settings: "Settings",
    parts: "Callable[[System], list[Part]]",
    what: str,
    *,
    web_alone: bool = False,
) -> None:
    import asyncio

    from nurture.cli.logs import write_logs
    from nurture.cli.running import live, live_for_the_web
    from nurture.wiring import open_system

    system = open_system(settings)
    try:
        write_logs(settings, terminal.err_stream)
        _mention_what_is_missing(terminal, system)
        terminal.note(f"nurture runs: {what}; database {system.db.url}. Ctrl-C ends it.")
        if web_alone:
            live_for_the_web(parts(system))
        else:
            asyncio.run(live(parts(system)))
        terminal.note("nurture has ended.")
    finally:
        system.close()


def _prepare(terminal: Terminal, settings: "Settings") -> None:
    """On one laptop the database makes itself; a server's is somebody's to upgrade."""
    if not settings.is_sqlite:
        return
    from nurture.storage import migrate
    from nurture.storage.database import Database, DatabaseProblem

    try:
        Database.open(settings.database_url).close()
    except DatabaseProblem:
        migrate.upgrade(settings.database_url)
        terminal.note(f"The database {settings.database_url} was brought to revision {migrate.head()}.")


def _mention_what_is_missing(terminal: Terminal, system: "System") -> None:
    from nurture.storage.worlds import active_hash

    with system.db.read() as c:
        if active_hash(c) is None:
            terminal.note("No campaign has been applied yet: run `nurture apply`; it takes effect at once.", "yellow")


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    """The web's socket, bound before anything else is touched (PortTaken: taken, or not ours to take)."""
    from nurture.web.serving import listen

    with listen(host, port) as bound:
        yield bound


def _address(bound: socket.socket) -> str:
    host, port = bound.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
