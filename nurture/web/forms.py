"""Forms: shown, read, and stored with the words agreed to. Known or not, an address gets the same answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final
from urllib.parse import parse_qsl

from babel import Locale
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from nurture.authoring.forms import Form, FormField, FormText
from nurture.authoring.places import countries
from nurture.authoring.vocabulary import FieldKind
from nurture.content.typography import set_text
from nurture.inbound.answers import (
    ADDRESS,
    HONEYPOT,
    LONGEST_ADDRESS,
    LONGEST_ANSWER,
    Mistake,
    Wrong,
    read_answers,
)
from nurture.inbound.submissions import submit
from nurture.web.desk import Desk
from nurture.web.render import language_of, message, page, words
from nurture.web.routing import body_of, route
from nurture.web.services import Site

MOST_BYTES: Final = 64 * 1024
MOST_FIELDS: Final = 100
NAMES: Final = {"fr": "Français", "en": "English"}
COMPLETED: Final = {
    "first_name": "given-name",
    "last_name": "family-name",
    "company": "organization",
    "job_title": "organization-title",
    "country": "country",
    "city": "address-level2",
    "phone": "tel",
    "website": "url",
}
"""What browsers know by themselves, in HTML's words."""


@dataclass(frozen=True, slots=True)
class Question:
    """One field of a form as the page shows it."""

    name: str
    label: str
    kind: str = "text"
    required: bool = False
    longest: int = LONGEST_ANSWER
    complete: str = ""
    mode: str = ""
    hint: str = ""
    choices: tuple[tuple[str, str], ...] = ()


def routes(desk: Desk) -> Sequence[BaseRoute]:
    """/f/{form}"""

    async def show(request: Request) -> Response:
        site = await desk.site()
        form = _form(site, request)
        text = form.text(_wanted(request, request.query_params))
        known = {name: request.query_params[name][:LONGEST_ANSWER] for name in _prefilled(form, request)}
        return _page(site, form, text, known)

    async def act(request: Request) -> Response:
        site = await desk.site()
        form = _form(site, request)
        said = await _said(request)
        text = form.text(_wanted(request, said))
        read = read_answers(form, said, asks_consent=bool(text.consent))
        if isinstance(read, Wrong):
            return _page(site, form, text, said, read.mistakes)
        if not said.get(HONEYPOT):
            proof = {"page": f"/f/{form.id}", "agent": request.headers.get("user-agent", "")[:300]}
            await desk.write(lambda c, now: submit(c, form, text, read, now, proof))
        return _thanks(site, form, text)

    return [route("/f/{form}", get=show, post=act)]


def _form(site: Site, request: Request) -> Form:
    form = site.forms.get(request.path_params["form"])
    if form is None or not form.texts:
        raise HTTPException(404)
    return form


def _wanted(request: Request, said: Mapping[str, str]) -> str:
    return said.get("language") or language_of(request)


def _prefilled(form: Form, request: Request) -> list[str]:
    """A link may fill in what is no secret: everything but the consent."""
    asked = {ADDRESS, *(each.field.name for each in form.fields)}
    return [name for name in request.query_params if name in asked]


async def _said(request: Request) -> dict[str, str]:
    """The posted fields, the first of each name."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in ("application/x-www-form-urlencoded", ""):
        raise HTTPException(400)
    body = await body_of(request, MOST_BYTES)
    try:
        pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise HTTPException(400) from None
    return dict(reversed(pairs))


def _page(
    site: Site, form: Form, text: FormText, said: Mapping[str, str], mistakes: Mapping[str, Mistake] | None = None
) -> Response:
    w = words(text.language)
    return page(
        "form",
        text.language,
        status=422 if mistakes else 200,
        site_name=site.name,
        title=set_text(text.title, text.language),
        intro=set_text(text.intro, text.language),
        questions=_questions(form, text.language),
        said=said,
        mistakes={name: w[mistake.value] for name, mistake in (mistakes or {}).items()},
        consent=text.consent,
        button=set_text(text.button, text.language),
        honeypot=HONEYPOT,
        others=[(t.language, NAMES.get(t.language, t.language)) for t in form.texts if t is not text],
    )


def _questions(form: Form, language: str) -> list[Question]:
    w = words(language)
    address = Question(ADDRESS, w["address"], "email", True, LONGEST_ADDRESS, "email", "email", w["address_hint"])
    return [address, *(_question(asked, language) for asked in form.fields)]


def _question(asked: FormField, language: str) -> Question:
    name, label, complete = asked.field.name, asked.label(language), COMPLETED.get(asked.field.name, "")
    match asked.field.kind:
        case FieldKind.FLAG:
            return Question(name, label, "checkbox", asked.required)
        case FieldKind.CHOICE:
            choices = tuple((choice, choice) for choice in asked.field.choices)
            return Question(name, label, "select", asked.required, complete=complete, choices=choices)
        case FieldKind.COUNTRY:
            return Question(name, label, "select", asked.required, complete=complete, choices=_countries(language))
        case FieldKind.NUMBER:
            return Question(name, label, "text", asked.required, longest=16, mode="numeric")
        case FieldKind.DATE:
            return Question(name, label, "date", asked.required)
        case FieldKind.TEXT:
            kind = "tel" if name == "phone" else "text"
            return Question(name, label, kind, asked.required, complete=complete)


@cache
def _countries(language: str) -> tuple[tuple[str, str], ...]:
    """All countries by name, in the order of the language."""
    names = Locale.parse(language).territories
    listed = [(code, str(names.get(code, name))) for code, name in countries().items()]
    return tuple(sorted(listed, key=lambda item: item[1].translate(_PLAIN)))


_PLAIN: Final = str.maketrans("ÉÈÎÔÅéèîôåç", "EEIOAeeioac")


def _thanks(site: Site, form: Form, text: FormText) -> Response:
    w = words(text.language)
    more = (w["sent_confirm"], w["sent_look"]) if form.double_opt_in else ()
    return message(text.language, w["sent_title"], set_text(text.thanks, text.language), *more, site_name=site.name)
