"""Every mail that the files can send, by name: each step of each campaign in each variant, and the notices."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from nurture.authoring.bundle import Compiled
from nurture.authoring.mails import TEMPLATES, mails_of
from nurture.core.acts import Notify
from nurture.core.program import Mailing, Program
from nurture.core.world import World
from nurture.storage.words import Purpose


@dataclass(frozen=True)
class StepMail:
    """The mail of a step: `variant` of its wordings, or the part of an invitation."""

    program: Program
    stage: str
    step: Mailing
    variant: str | None

    @property
    def id(self) -> str:
        """As `nurture send-test` calls it."""
        return id_of(self.program, self.step, self.variant)

    @property
    def language(self) -> str:
        """The language it is written in."""
        return self.program.language

    @property
    def place(self) -> str:
        """Where the author asked for it."""
        return place_of(self.program, self.step.line)


@dataclass(frozen=True)
class Notice:
    """A mail to one person about one thing. `subject` is the form that is confirmed, the team a prospect is given to, or the
    step of `campaign` that tells a team."""

    purpose: Purpose
    subject: str
    language: str
    campaign: str = ""

    @property
    def id(self) -> str:
        """Its kind, what it is about, and its language."""
        return f"{self.purpose}/{self.subject}.{self.language}"

    @property
    def place(self) -> str:
        """The template it is made from: it stands in no campaign."""
        return f"{TEMPLATES}/{self.purpose}.{self.language}.mjml"


Mail: TypeAlias = StepMail | Notice


def every_mail(world: World, compiled: Compiled) -> Iterator[Mail]:
    """In the order of campaigns and steps, then the notices."""
    for program in world.current_programs():
        yield from step_mails(program)
    for form in compiled.forms.values():
        if form.double_opt_in:
            yield from (Notice(Purpose.CONFIRMATION, form.id, text.language) for text in form.texts)
    given = {program.prospect.team: program.name for program in world.current_programs() if program.prospect}
    for team, campaign in given.items():
        if team in world.teams:
            yield Notice(Purpose.HAND_OFF, team, world.teams[team].language, campaign)
    for program in world.current_programs():
        for step in (each for stage in program.stages for each in stage.steps):
            if isinstance(step, Notify) and step.team in world.teams:
                yield Notice(Purpose.NOTIFY, step.key, world.teams[step.team].language, program.name)


def step_mails(program: Program) -> Iterator[StepMail]:
    """The mails of one campaign, in its order."""
    stage_of = {step.key: stage.name for stage in program.stages for step in stage.steps}
    for step, variant in mails_of(program):
        yield StepMail(program, stage_of[step.key], step, variant)


def id_of(program: Program, step: Mailing, variant: str | None) -> str:
    """The name of a step's mail."""
    return f"{program.name}/{step.key}" + (f"?{variant}" if variant else "")


def place_of(program: Program, line: int) -> str:
    """`file:line`, as editors open it."""
    return f"{program.file}:{line}" if line else program.file
