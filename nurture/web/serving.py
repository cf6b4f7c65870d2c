"""The web on a real port: what it needs of the system, and an ASGI server that can be asked to end."""

import asyncio
import errno
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from nurture.engine.worlds import Applied, NothingApplied
from nurture.inbound.intake import Intake
from nurture.memory import calm_the_collector
from nurture.web.services import HookAccess, Services, Site
from nurture.wiring import System


class PortTaken(Exception):
    """The address cannot be listened on; the text says why and what to do."""


class CurrentSite:
    """The pages' view of what is applied, made once for each bundle. Safe to share between threads."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._lock = threading.Lock()
        self._made: tuple[str, Site] = ("", Site())

    def __call__(self) -> Site:
        """The site now; an empty one before anything was applied."""
        try:
            applied = self._system.worlds.current()
        except NothingApplied:
            return Site()
        with self._lock:
            if self._made[0] != applied.world.hash:
                self._made = applied.world.hash, site_of(applied, self._system.settings.campaigns_dir / "assets")
            return self._made[1]


def site_of(applied: Applied, assets: Path) -> Site:
    """What the pages show of a bundle. Only files that the catalogue names can be downloaded."""
    translations = [t for content in applied.world.catalogue.values() for t in content.translations]
    named = {t.asset for t in translations if t.asset is not None}
    return Site(
        name=applied.library.sender_for("fr").name,
        forms=applied.compiled.forms,
        assets={name: assets / name for name in named & set(applied.compiled.assets)},
        contents=frozenset(applied.world.catalogue),
        teams=applied.world.teams,
    )


def services_of(system: System, intake: Intake) -> Services:
    """What `create_app` is built from."""
    settings = system.settings
    password = settings.postmark_webhook_password
    hooks = HookAccess(
        settings.postmark_webhook_user or "",
        password.get_secret_value() if password else "",
        settings.resend_webhook_secret.get_secret_value() if settings.resend_webhook_secret else "",
    )
    return Services(system.db, intake, system.tokens, system.clock, CurrentSite(system), hooks)


def listen(host: str, port: int) -> socket.socket:
    """A socket bound to the address; port 0 is any free one. Raises PortTaken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
        bound.listen()  # two sockets may be bound to one port; only one may listen
    except OSError as error:
        bound.close()
        raise PortTaken(_why(error, host, port)) from None
    return bound


def _why(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} of {host} is taken by another program: set NURTURE_PORT to a free one, or end that program."
        )
    if error.errno == errno.EACCES:
        return f"Port {port} is reserved for the system: set NURTURE_PORT to one above 1023."
    return f"{host}:{port} cannot be listened on ({error.strerror}): set NURTURE_HOST and NURTURE_PORT."


class Server(uvicorn.Server):
    """Uvicorn without its own signal handlers: whoever runs it decides when it ends."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to the process."""
        yield


async def serve(app: object, bound: socket.socket, stop: asyncio.Event) -> None:
    """Serve until `stop` is set; requests under way are answered first.

    Nobody asks by which scheme or from where a request came to a proxy, so its headers are not read.
    """
    config = uvicorn.Config(
        app,  # type: ignore[arg-type]
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=5,
        proxy_headers=False,
    )
    server = Server(config)
    calm_the_collector()
    task = asyncio.create_task(server.serve(sockets=[bound]))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait([task, stopping], return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    server.should_exit = True
    await task
