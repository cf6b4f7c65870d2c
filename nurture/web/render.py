"""Pages from templates: escaped, in the reader's language, without a script."""

import hashlib
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from nurture.content.typography import set_text
from nurture.texts import pages as texts

DEFAULT: Final = "fr"
YEAR: Final = 365 * 24 * 3600
_PREFERENCE = re.compile(r"\s*([A-Za-z]{2})(?:-[A-Za-z0-9]+)*\s*(?:;\s*q=([01](?:\.\d{1,3})?))?\s*$")


@cache
def words(language: str) -> Mapping[str, str]:
    """The words of the pages, with the spaces their language wants."""
    return {name: set_text(said, language) for name, said in texts.words(language).items()}


def page(name: str, language: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """A page in a language we have, else in French."""
    language = language if language in texts.LANGUAGES else DEFAULT
    given: Mapping[str, Any] = {"site_name": "", **values, "language": language, "w": words(language)}
    text = _environment().get_template(f"{name}.html").render(**given, style_version=_style_version())
    return HTMLResponse(text, status, headers={"Cache-Control": "no-store", "Content-Language": language})


def message(language: str, title: str, *paragraphs: str, site_name: str = "") -> HTMLResponse:
    """A page that only says something."""
    return page("message", language, title=title, paragraphs=paragraphs, site_name=site_name)


def problem(request: Request, status: int, headers: Mapping[str, str] | None = None) -> Response:
    """What went wrong, in both languages, the reader's first."""
    language = language_of(request)
    other = next(each for each in texts.LANGUAGES if each != language)
    code = status if f"error_{status}" in words(language) else 404 if status < 500 else 500
    own, theirs = words(language), words(other)
    answer = page(
        "error",
        language,
        status=status,
        title=own[f"error_{code}"],
        text=own[f"error_{code}_text"],
        other_language=other,
        other_title=theirs[f"error_{code}"],
        other_text=theirs[f"error_{code}_text"],
    )
    answer.headers.update(headers or {})
    return answer


def language_of(request: Request) -> str:
    """The language the reader's program prefers among those we have."""
    best, weight = DEFAULT, 0.0
    for item in request.headers.get("accept-language", "")[:500].split(","):
        found = _PREFERENCE.match(item)
        if found and found[1].lower() in texts.LANGUAGES and float(found[2] or 1) > weight:
            best, weight = found[1].lower(), float(found[2] or 1)
    return best


async def stylesheet(request: Request) -> Response:
    """The stylesheet; its address changes with its content, so it may be kept."""
    headers = {"Cache-Control": f"public, max-age={YEAR}, immutable"}
    return Response(_style(), media_type="text/css; charset=utf-8", headers=headers)


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("nurture.web", "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _style() -> bytes:
    return files("nurture.web").joinpath("pages", "pages.css").read_bytes()


@cache
def _style_version() -> str:
    return hashlib.sha256(_style()).hexdigest()[:12]
