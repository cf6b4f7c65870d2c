"""Who may ask: a browser of this machine, by this machine's own names, for pages that load nothing from elsewhere.

A page of the web can make a browser ask 127.0.0.1, and by DNS rebinding read the answer as its own: such a request names
another host, and is refused. Contacts may be shown here, so nothing is shared with another origin.
"""

from collections.abc import Mapping
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from nurture.preview.graph.svg import style_hash
from nurture.web.guard import Guard as Completing

NAMES: Final = frozenset({"127.0.0.1", "localhost"})
PAGE: Final = (
    f"default-src 'none'; style-src 'self' {style_hash()}; script-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
MAIL: Final = (
    "sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox; default-src 'none'; "
    "style-src 'unsafe-inline'; img-src https: data:; form-action 'none'; frame-ancestors 'self'"
)
"""Of a mail in its frame: no script runs in it. It shares the page's origin so that the page can measure its height."""

DRAWING: Final = f"default-src 'none'; style-src {style_hash()}; frame-ancestors 'none'"
"""Of a drawing by itself."""

HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": PAGE,
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Guard:
    """Wraps the whole application."""

    def __init__(self, app: ASGIApp) -> None:
        self._completed = Completing(app, HEADERS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse strangers, and complete the answer to others."""
        if scope["type"] == "http" and not _is_ours(Headers(scope=scope)):
            sentence = "This preview answers at http://127.0.0.1 and http://localhost only, to pages of its own.\n"
            await PlainTextResponse(sentence, 403)(scope, receive, send)
            return
        await self._completed(scope, receive, send)


def _is_ours(headers: Headers) -> bool:
    own_page = headers.get("sec-fetch-site", "none") in ("none", "same-origin")
    return own_page and _is_here(headers.get("host", ""))


def _is_here(host: str) -> bool:
    name, _, port = host.rpartition(":") if ":" in host else (host, "", "")
    return name.lower() in NAMES and (not port or port.isdecimal())
