"""What the campaign asks a mail to say, before any contact is known."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from nurture.content.problems import TemplateProblem, nearest

SUBJECT_OF_STEP = "subject of the step"
"""What problems call the place of a subject that a campaign's file gives."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Who writes: the From line, and the postal line the law wants in the footer."""

    name: str
    address: str
    postal: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """One translation of a catalogue item. It leads to a `url`, or to an `asset` kept by us."""

    id: str
    kind: str
    title: str
    summary: str = ""
    bullets: tuple[str, ...] = ()
    action: str = ""
    url: str | None = None
    asset: str | None = None
    extra: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MailSpec:
    """One mail to compile. `subject` and `template` override what the kind would use.

    `campaign` is the campaign's title. `extra` holds ready words for mails compiled one at a
    time (a hand-off's reasons, a confirmation's link); its URLs stay as given, untracked.
    """

    kind: str
    language: str
    sender: Sender
    marketing: bool = True
    content: Content | None = None
    campaign: str = ""
    subject: str | None = None
    template: str | None = None
    extra: Mapping[str, object] = field(default_factory=dict)


def template_of(spec: MailSpec, templates: Mapping[str, str]) -> str:
    """The file that this mail is made from. Raises TemplateProblem where there is none."""
    wanted = spec.template or spec.kind
    for name in (f"{wanted}.{spec.language}.mjml", f"{wanted}.mjml", wanted):
        if name in templates:
            return name
    missing = f"{wanted}.{spec.language}.mjml"
    raise TemplateProblem(
        "M108",
        f"The template {missing} is not in email_templates/.",
        file=missing,
        suggestion=nearest(missing, templates),
    )
