"""forms.yaml: the forms served at /f/{form}, with the consent people give there, word for word."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from nurture.authoring.keys import Keys
from nurture.authoring.nodes import Node, Scalar, Table
from nurture.authoring.places import LANGUAGES
from nurture.authoring.problems import Code, Log, did_you_mean
from nurture.authoring.values import flag, keyed, listing, named, scalar, text
from nurture.authoring.vocabulary import Field

TEXTS = ("title", "intro", "button", "thanks")
FORMS_FILE = Keys("forms.yaml", required=("forms",))
FORM = Keys("a form", required=("double_opt_in", "translations"), optional=("fields",))
ASKED = Keys("a field", required=("name",), optional=("required", *LANGUAGES))
FORM_TEXTS = Keys("translations", optional=LANGUAGES)
FORM_TEXT = Keys("the text of a form", required=(*TEXTS, "consent"))
CONSENT = Keys("a consent", required=("version", "text"))


@dataclass(frozen=True, slots=True)
class FormField:
    """One question of a form. The address is always asked and is not among them."""

    field: Field
    required: bool = False

    def label(self, language: str) -> str:
        """The question in a language."""
        return self.field.labels.get(language, self.field.name)


@dataclass(frozen=True, slots=True)
class FormText:
    """A form in one language. `consent` is kept with each answer, under its `version`."""

    language: str
    title: str
    intro: str
    button: str
    thanks: str
    consent: str
    version: str


@dataclass(frozen=True, slots=True)
class Form:
    """A form. With `double_opt_in`, an answer counts once the address is confirmed."""

    id: str
    double_opt_in: bool
    fields: tuple[FormField, ...] = ()
    texts: tuple[FormText, ...] = ()

    def text(self, language: str) -> FormText:
        """The form in a language, else in the first it has."""
        return next((each for each in self.texts if each.language == language), self.texts[0])


def form_ids(node: Node | None) -> frozenset[str]:
    """The ids alone, which conditions need before fields are known."""
    forms = node.get("forms") if isinstance(node, Table) else None
    return frozenset(key.text for key, _ in forms.items) if isinstance(forms, Table) else frozenset()


def read_forms(node: Node | None, log: Log, fields: Mapping[str, Field]) -> dict[str, Form]:
    """The forms by id."""
    root = keyed(node, log, FORMS_FILE) or {}
    found = [_form(key, value, log, fields) for key, value in named(root.get("forms"), log, "forms")]
    return {form.id: form for form in found if form is not None}


def _form(key: Scalar, node: Node, log: Log, fields: Mapping[str, Field]) -> Form | None:
    said = keyed(node, log, FORM)
    if said is None:
        return None
    asked = (
        [_field(item, log, fields) for item in listing(said.get("fields"), log, "fields")] if "fields" in said else []
    )
    texts = keyed(said.get("translations"), log, FORM_TEXTS) or {}
    if not texts and "translations" in said:
        log.add(
            Code.NO_TRANSLATION, said["translations"].spot, f'the form "{key.text}" has no text', "write it in fr or en"
        )
    return Form(
        id=key.text,
        double_opt_in=bool(flag(said.get("double_opt_in"), log)),
        fields=tuple(each for each in asked if each is not None),
        texts=tuple(_text(language, value, log) for language, value in texts.items()),
    )


def _field(node: Node, log: Log, fields: Mapping[str, Field]) -> FormField | None:
    if not isinstance(node, Table):
        return _known(node, log, fields)
    said = keyed(node, log, ASKED) or {}
    found = _known(said.get("name"), log, fields)
    if found is None:
        return None
    labels = {each: words for each in LANGUAGES if (words := text(said.get(each), log, longest=200))}
    own = replace(found.field, labels={**found.field.labels, **labels})
    return FormField(own, bool(flag(said.get("required"), log)))


def _known(node: Node | None, log: Log, fields: Mapping[str, Field]) -> FormField | None:
    found = scalar(node, log, "a field of contacts")
    if found is None:
        return None
    if found.text not in fields:
        hint = did_you_mean(found.text, fields, otherwise='declare it under "fields" in scoring.yaml')
        log.add(Code.UNKNOWN_FIELD, found.spot, f'unknown field "{found.text}"', hint)
        return None
    return FormField(fields[found.text])


def _text(language: str, node: Node, log: Log) -> FormText:
    said = keyed(node, log, FORM_TEXT) or {}
    consent = keyed(said.get("consent"), log, CONSENT) or {}
    title, intro, button, thanks = (text(said.get(each), log) or "" for each in TEXTS)
    words, version = text(consent.get("text"), log) or "", text(consent.get("version"), log, longest=40) or ""
    return FormText(language, title, intro, button, thanks, words, version)
