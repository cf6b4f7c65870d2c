"""The schema of forms.yaml."""

from nurture.authoring import forms
from nurture.authoring.places import LANGUAGES
from nurture.authoring.schemas.known import Known
from nurture.authoring.schemas.parts import Schema, either, flag, items, named, record, suggested, text


def of_forms(known: Known) -> Schema:
    """The forms served at /f/…."""
    said = {
        "double_opt_in": flag("Whether an answer counts only once its address is confirmed by mail."),
        "translations": record(forms.FORM_TEXTS, "The form by language.", dict.fromkeys(LANGUAGES, _text())),
        "fields": items("What is asked after the address.", _field(known)),
    }
    form = record(forms.FORM, "A form.", said)
    return record(
        forms.FORMS_FILE,
        "The forms served at /f/…, with the consent given there.",
        {"forms": named("Forms by id.", form)},
    )


def _field(known: Known) -> Schema:
    field = suggested("A field of contacts.", known.fields)
    said = {
        "name": field,
        "required": flag("Whether an answer is needed."),
        **{each: text(f"The question in this language: {each}.") for each in LANGUAGES},
    }
    return either("A field, or a field with a question.", field, record(forms.ASKED, "A question.", said))


def _text() -> Schema:
    consent = {
        "version": text("A name for these words; new words need a new one.", "en-2027-01"),
        "text": text("What people agree to, kept word for word."),
    }
    said = {
        "title": text("The heading."),
        "intro": text("What comes before the questions."),
        "button": text("The words on the button."),
        "thanks": text("What is said after."),
        "consent": record(forms.CONSENT, "The consent.", consent),
    }
    return record(forms.FORM_TEXT, "The form in this language.", said)
