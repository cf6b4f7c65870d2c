"""`nurture check` on mails that branch: a mistake that only some contacts would meet is told with its line."""

from nurture.authoring.lint.mail import Sources
from nurture.authoring.mails import check_mails
from nurture.delivery.specs import spec_of
from tests.content.builders import FIELDS, a_template
from tests.delivery.harness import TEMPLATES, the_campaign, the_world


def found(body: str, subject: str = "Votre guide") -> list[tuple[str, int, str]]:
    templates = {**TEMPLATES, "white_paper.fr.mjml": a_template(body)}
    mails = check_mails(the_world(subject), templates, FIELDS, {}, spec_of, Sources({}))
    return [(problem.file, problem.line, problem.code) for problem in mails.problems]


def test_a_branch_is_no_mistake() -> None:
    assert found("{% if contact.company == 'Banque' %}a{% else %}b{% endif %}") == []
    assert found("a", "{{ 'a' if contact.company else 'b' }}") == []


def test_a_mistake_in_a_branch_is_told_with_its_line() -> None:
    body = "{% if contact.company == 'Banque' %}\n<a href='nowhere'>x</a>{{ contact.compani }}{% endif %}"
    assert found(body) == [("email_templates/white_paper.fr.mjml", 4, "M103")]


def test_a_mistake_in_a_branching_subject_is_the_steps() -> None:
    ((file, _, code),) = found("a", "{% if contact.company == 'Banque' %}{{ nothing }}{% else %}b{% endif %}")
    assert (file, code) == (the_campaign("").file, "M110")
