"""A Chromium of this machine without a window, told what to do over its DevTools protocol: open a page, give its picture."""

import asyncio
import base64
import itertools
import json
import os
import re
import shutil
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
STARTS_WITHIN = 30.0
LOADS_WITHIN = 20.0
TALLEST = 16_000
"""Pixels of a picture; what is longer is cut there."""

_LISTENS = re.compile(rb"DevTools listening on (ws://\S+)")


class NoChromium(Exception):
    """There is no Chromium to be had, or it does not start; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Size:
    """How a page is looked at: as wide as this, `scale` pixels for each of its own, and as high as it is."""

    width: int
    scale: float = 1.0
    is_phone: bool = False
    is_dark: bool = False


def find_chromium(named: Path | None) -> str:
    """The program's path (NoChromium: there is none)."""
    if named is not None:
        found = shutil.which(str(named))
        if found is None:
            raise NoChromium(f"NURTURE_CHROMIUM is {named}, which is no program that can be run: correct it.")
        return found
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        raise NoChromium(
            "Pictures are made by Chromium or Chrome, and there is none on this machine: install one "
            "(apt install chromium), or name it with NURTURE_CHROMIUM."
        )
    return found


@asynccontextmanager
async def chromium(program: str) -> AsyncIterator["Browser"]:
    """A browser, ended at the end with everything it wrote (NoChromium: it does not start)."""
    with tempfile.TemporaryDirectory(prefix="nurture-chromium-", ignore_cleanup_errors=True) as profile:
        process = await asyncio.create_subprocess_exec(
            program, *_arguments(profile), stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
        )
        try:
            address = await _address(process, program)
            async with connect(address, max_size=None, proxy=None) as socket:
                browser = Browser(socket)
                listening = asyncio.create_task(browser.listen())
                try:
                    yield browser
                finally:
                    listening.cancel()
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()


def _arguments(profile: str) -> list[str]:
    wanted = [
        "--headless=new",
        "--remote-debugging-port=0",
        f"--user-data-dir={profile}",
        "--hide-scrollbars",
        "--no-first-run",
        "--disable-gpu",
        "--disable-extensions",
        "--disable-background-networking",
        "--force-color-profile=srgb",
    ]
    # Chromium's own sandbox refuses the administrator, which containers usually are.
    return [*wanted, "--no-sandbox"] if os.name == "posix" and os.geteuid() == 0 else wanted


async def _address(process: asyncio.subprocess.Process, program: str) -> str:
    said: list[bytes] = []
    assert process.stderr is not None
    try:
        async with asyncio.timeout(STARTS_WITHIN):
            async for line in process.stderr:
                if found := _LISTENS.search(line):
                    return found[1].decode()
                said.append(line)
    except TimeoutError:
        pass
    last = b"".join(said[-3:]).decode("utf-8", "replace").strip() or "it said nothing"
    raise NoChromium(f"{program} does not start: {last}")


@dataclass
class Browser:
    """One running browser, and the pages it is asked to open. One picture at a time."""

    socket: ClientConnection
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    _waiting: dict[int, "asyncio.Future[dict[str, Any]]"] = field(default_factory=dict)
    _loaded: asyncio.Event = field(default_factory=asyncio.Event)
    _session: str = ""

    async def listen(self) -> None:
        """Hand each answer to whoever asked."""
        async for message in self.socket:
            told = json.loads(message)
            future = self._waiting.pop(told.get("id", 0), None)
            if future is not None and not future.done():
                future.set_result(told)
            elif told.get("method") == "Page.loadEventFired":
                self._loaded.set()

    async def open(self, address: str, size: Size) -> None:
        """Go to a page, and wait until it is there with everything in it."""
        await self._page()
        await self._look(size, 600)
        self._loaded.clear()
        await self._ask("Page.navigate", {"url": address})
        async with asyncio.timeout(LOADS_WITHIN):
            await self._loaded.wait()

    async def picture(self, address: str, size: Size) -> bytes:
        """The whole page as PNG."""
        await self.open(address, size)
        metrics = await self._ask("Page.getLayoutMetrics", {})
        whole = metrics["cssContentSize"]
        width, height = max(size.width, round(whole["width"])), min(round(whole["height"]), TALLEST)
        await self._look(Size(width, size.scale, size.is_phone, size.is_dark), height)
        shot = await self._ask("Page.captureScreenshot", {"format": "png"})
        return base64.b64decode(shot["data"])

    async def value(self, expression: str) -> object:
        """What the page's own script says; an error in it is None."""
        told = await self._ask("Runtime.evaluate", {"expression": expression, "returnByValue": True})
        return told["result"].get("value")

    async def _page(self) -> None:
        if self._session:
            return
        target = await self._ask("Target.createTarget", {"url": "about:blank"})
        attached = await self._ask("Target.attachToTarget", {"targetId": target["targetId"], "flatten": True})
        self._session = attached["sessionId"]
        await self._ask("Page.enable", {})

    async def _look(self, size: Size, height: int) -> None:
        shape = {"width": size.width, "height": height, "deviceScaleFactor": size.scale, "mobile": size.is_phone}
        await self._ask("Emulation.setDeviceMetricsOverride", shape)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if size.is_dark else "light"}
        await self._ask("Emulation.setEmulatedMedia", {"features": [scheme]})

    async def _ask(self, method: str, params: Mapping[str, Any]) -> dict[str, Any]:
        number = next(self._numbers)
        future = self._waiting[number] = asyncio.get_running_loop().create_future()
        about = {"sessionId": self._session} if self._session else {}
        await self.socket.send(json.dumps({"id": number, "method": method, "params": params, **about}))
        async with asyncio.timeout(LOADS_WITHIN):
            told = await future
        if "error" in told:
            raise NoChromium(f"Chromium cannot do {method}: {told['error'].get('message', 'no reason given')}")
        result: dict[str, Any] = told["result"]
        return result
