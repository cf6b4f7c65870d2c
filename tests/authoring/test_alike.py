"""Mails that are made in another's image come to what they come to alone, at a fraction of the work."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import pytest

from nurture.authoring.alike import Made, Project, made, only_printed
from nurture.content.bounded import BoundedCompiler
from nurture.content.exchange import Request
from nurture.content.problems import TemplateProblem
from nurture.content.skeleton import Pieces, Skeleton
from nurture.content.spec import MailSpec
from nurture.content.trials import mails_made
from tests.content.builders import BASE_URL, FIELDS, a_content, a_spec, a_template, shipped


class Counting(BoundedCompiler):
    """Counts the mails that are compiled as a whole."""

    def __init__(self) -> None:
        super().__init__()
        self.compiled = 0

    def compile(
        self, spec: MailSpec, templates: Mapping[str, str], *, base_url: str, contact_fields: frozenset[str]
    ) -> Skeleton:
        self.compiled += 1
        return super().compile(spec, templates, base_url=base_url, contact_fields=contact_fields)


@pytest.fixture(scope="module")
def shared() -> Iterator[Counting]:
    compiler = Counting()
    yield compiler
    compiler.close()


@pytest.fixture
def compiler(shared: Counting) -> Counting:
    shared.compiled = 0
    return shared


SUBJECTS = (
    None,
    "Votre guide",
    "{{ contact.first_name | default('Bonjour') }}, votre guide",
    "{{ campaign }} : {{ content.title }}",
    "{{ contact.frist_name }}",
    "{% if contact.company == 'Banque' %}a{% else %}b{% endif %}",
    "{{ 'x' * 600 }}",
    "{{ ' ' }}",
    "{{ nothing",
    "Ligne\u2028coupée",
    "{% for n in range(100000000) %}{% endfor %}a",
)
TITLES = ("Migrer", "Une campagne au nom plus long", "Une <autre> & plus")
BODIES = {
    "plain": "Bonjour",
    "mistaken": "{{ contact.compani }}",
    "not closed": "<b>Bonjour",
    "branching": "{% if contact.company %}a{% endif %}",
    "asking for the campaign": "{% if campaign == 'Migrer' %}{{ contact.compani }}{% endif %}",
}


def every_spec(subjects: Sequence[str | None] = SUBJECTS) -> list[MailSpec]:
    """Each subject in each campaign, for two contents."""
    contents = (a_content(), a_content(id="autre", title="Un autre contenu"))
    return [a_spec(subject=s, campaign=title, content=c) for c in contents for title in TITLES for s in subjects]


def project(body: str, compiler: BoundedCompiler) -> Project:
    return Project({**shipped(), "white_paper.fr.mjml": a_template(body)}, BASE_URL, FIELDS, (compiler,))


def alone(spec: MailSpec, within: Project) -> Made:
    try:
        (compiler,) = within.compilers
        return Made(mails_made(compiler, Request(spec, within.templates, within.base_url, within.contact_fields)))
    except TemplateProblem as problem:
        return Made(problem=problem)


def told(made: Made) -> tuple[object, ...]:
    """What a check says of it: the mistake, or the subjects and the fields that are printed."""
    problem = made.problem
    if problem is not None:
        return problem.code, problem.message, problem.file, problem.line
    return tuple(sorted((mail.subject, sorted(mail.fields)) for mail in made.mails))


@pytest.mark.slow
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_each_comes_to_what_it_comes_to_alone(compiler: Counting, body: str) -> None:
    within = project(body, compiler)
    specs = every_spec()
    answers = {repr(spec): told(each) for spec, each in made(specs, within)}
    assert len(answers) == len(specs)
    templates = {title: told(alone(a_spec(subject="Votre guide", campaign=title), within)) for title in TITLES}
    good = project("Bonjour", compiler)
    subjects_of_good_mails = {told(each) for _, each in made(specs, good) if each.problem is not None}
    for spec in specs:
        here, there = answers[repr(spec)], told(alone(spec, within))
        # Where the template is wrong as well, the mistake of the subject is worth more: it is told nowhere else.
        assert here == there or (there == templates[spec.campaign] and here in subjects_of_good_mails), spec


def test_the_work_does_not_grow_with_the_campaigns(compiler: Counting) -> None:
    titles = [f"Campagne {number}" for number in range(50)]
    specs = [a_spec(campaign=title, subject=subject) for title in titles for subject in (None, f"{title} : un mot")]
    answers = list(made(specs, project("Bonjour", compiler)))
    assert (len(answers), compiler.compiled) == (100, 1)
    assert {each.mails[0].subject for _, each in answers} > {(f"Campagne 7{chr(0xA0)}: un mot",)}


def test_a_template_that_is_missing_is_told_of_each(compiler: Counting) -> None:
    specs = [a_spec(subject=f"Sujet {number}", template="gone") for number in range(9)]
    pid = compiler.pid
    answers = list(made(specs, project("Bonjour", compiler)))
    assert {each.problem.code for _, each in answers if each.problem} == {"M108"}
    assert (len(answers), compiler.pid) == (9, pid)  # nothing broke down for it


def test_a_mistake_of_the_template_is_found_once_for_all(compiler: Counting) -> None:
    specs = [a_spec(subject=f"Sujet {number}") for number in range(30)]
    answers = list(made(specs, project("<b>Bonjour", compiler)))
    assert compiler.compiled == 1
    assert all(each.problem is not None for _, each in answers)


@pytest.mark.slow
def test_after_three_that_must_be_stopped_the_others_are_left(compiler: Counting) -> None:
    endless = "{{% for a in range(99999) %}}{{% for b in range(99999) %}}{{% endfor %}}{{% endfor %}}{0}"
    specs = [a_spec(subject=endless.format(number)) for number in range(20)]
    answers = list(made(specs, project("Bonjour", compiler)))
    assert [each.is_stopped for _, each in answers] == [True] * 3


def test_mails_of_another_sender_or_language_are_not_alike(compiler: Counting) -> None:
    specs = [a_spec(), a_spec(sender=replace(a_spec().sender, postal="")), a_spec(language="en")]
    list(made(specs, Project(shipped(), BASE_URL, FIELDS, (compiler,))))
    assert compiler.compiled == 3


def test_many_mails_are_shared_between_two_processes(compiler: Counting) -> None:
    specs = [a_spec(content=a_content(id=f"n{number}")) for number in range(60)]
    other = Counting()
    try:
        answers = list(made(specs, Project(shipped(), BASE_URL, FIELDS, (compiler, other))))
    finally:
        other.close()
    assert [spec for spec, _ in answers] == specs
    assert compiler.compiled + other.compiled == 60
    assert min(compiler.compiled, other.compiled) > 0


def test_whoever_stops_listening_stops_the_making(compiler: Counting) -> None:
    specs = [a_spec(content=a_content(id=f"n{number}")) for number in range(40)]
    making = made(specs, Project(shipped(), BASE_URL, FIELDS, (compiler,)))
    next(making)
    making.close()
    assert compiler.compiled < 40


@pytest.mark.parametrize(
    "template",
    [
        "{{ campaign }}",
        "{% if campaign %} {{ words.about | format(campaign) }}{% endif %}",
        "{{ campaign | upper | truncate(20) }}",
        '{% set footnote = "sent by a campaign" %}',
        "a campaign == b",
        "{# campaign == 'x' #}",
    ],
)
def test_a_title_that_is_printed_makes_no_difference(template: str) -> None:
    assert only_printed({"a.mjml": template})


@pytest.mark.parametrize(
    "template",
    [
        "{% if campaign == 'Migrer' %}a{% endif %}",
        "{{ 'a' if campaign else 'b' }}",
        "{% set name = campaign %}",
        "{{ words[campaign] }}",
        "{{ campaign > 'm' }}",
        "{% if campaign and x %}a{% endif %}",
        "{% for letter in campaign %}a{% endfor %}",
    ],
)
def test_a_title_that_is_asked_for_does(template: str) -> None:
    assert not only_printed({"a.mjml": "{{ campaign }}", "b.mjml": template})


def test_the_titles_of_the_shipped_templates_are_printed() -> None:
    assert only_printed(shipped())


def test_subjects_are_told_in_their_order_up_to_one_that_must_be_stopped(compiler: Counting) -> None:
    request = Request(a_spec(), shipped(), BASE_URL, FIELDS)
    answers: list[Pieces | TemplateProblem] = compiler.subjects(request, ["un", "{{ nothing }}", "deux"])
    assert (answers[0], answers[2]) == (("un",), ("deux",))
    assert isinstance(answers[1], TemplateProblem)
    assert answers[1].code == "M110"
    endless = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"
    assert compiler.subjects(request, ["un", endless, "deux"]) == [("un",)]
    assert compiler.subjects(request, ["deux"]) == [("deux",)]
