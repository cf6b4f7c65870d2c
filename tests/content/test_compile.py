"""A template that would go wrong for a contact is refused before there is one."""

from typing import Any

import pytest

from nurture.content.lint import lint
from nurture.content.problems import TemplateProblem
from nurture.content.spec import Sender
from tests.content.builders import a_content, a_spec, a_template, compiled, compiled_body, shipped


def problem_of(body: str, **spec: Any) -> TemplateProblem:
    with pytest.raises(TemplateProblem) as raised:
        compiled_body(body, **spec)
    return raised.value


@pytest.mark.parametrize(
    ("body", "code", "says"),
    [
        ("{{ contact.frist_name }}", "M103", 'no field "frist_name"'),
        ("{% if contact.company %}x{% endif %}", "M101", "contact.company is tested"),
        ("{{ contact.company or 'x' }}", "M101", "tested"),
        ("{{ 'a' if contact.company == 'b' }}", "M101", "compared"),
        ("{{ 'a' if 'b' in contact.company }}", "M101", "looped over"),
        ("{% for letter in contact.company %}{% endfor %}", "M101", "looped over"),
        ("{{ contact.company + 'a' }}", "M101", "calculated with"),
        ("{{ contact.company.name }}", "M101", "taken apart"),
        ("{{ contact.company() }}", "M101", "taken apart"),
        ("{{ contact.company | length }}", "M105", "The filter length"),
        ("{{ contact.company is defined }}", "M105", "The filter defined"),
        ("{{ contact.company | truncate('a') }}", "M102", "one number"),
        ("{{ contact.company | default(contact.email) }}", "M102", "one text in quotes"),
        ("{{ 'a' | replace('a', contact.company) }}", "M105", "The filter replace"),
        ("{{ ('a' ~ contact.company) | upper }}", "M104", "upper is applied"),
        ("{{ ('a' ~ contact.company)[:9] }}", "M104", "changed afterwards"),
        ("{{ content.tilte }}", "M110", 'Did you mean "title"'),
        ("{{ nothing }}", "M110", "not known here"),
        ("{{ contact.__class__ }}", "M110", "__class__"),
        ("{{ ''.__class__.__mro__ }}", "M110", "__class__"),
        ("{{ 1 / 0 }}", "M111", "division by zero"),
        ("{% if %}", "M109", "Jinja cannot read this"),
        ("{% include 'gone.mjml' %}", "M108", "gone.mjml is not in"),
        ("<mj-txet>x</mj-txet>", "M201", "<mj-txet>"),
        ("<button>x</button>", "M201", "<button>"),
        ("<script>x</script>", "M203", "<script>"),
        ("<img src='https://x.example/a.png'>", "M204", "alt="),
        ('<a href="exemple.example">x</a>', "M302", "whole address"),
        ('<a href="javascript:x()">x</a>', "M302", "whole address"),
        ('<a href="">x</a>', "M302", "whole address"),
        ('<a href="https://x.example/?n={{ contact.email }}">x</a>', "M301", "contact's value"),
        ('<p style="color:{{ contact.company }}">x</p>', "M403", '"style"'),
        ('<img alt="" src="https://x.example/{{ contact.company }}.png">', "M403", '"src"'),
        ('<img alt="" src="data:image/gif;base64,xx">', "M404", "refused by every mail client"),
        ("x" * 110_000, "M402", "Gmail cuts"),
        ("<mj-section>", "M205", "mj-section"),
        ("<p>", "M206", "MJML cannot read this"),
    ],
)
def test_a_mistake_is_answered_with_a_sentence(body: str, code: str, says: str) -> None:
    problem = problem_of(body)
    assert problem.code == code
    assert says in str(problem)
    assert problem.file in ("own.fr.mjml", "gone.mjml")


def test_a_mistake_is_shown_where_it_stands() -> None:
    problem = problem_of("\n\n{{ contact.frist_name }}")
    assert (problem.file, problem.line, problem.suggestion) == ("own.fr.mjml", 5, "first_name")
    assert str(problem).startswith("own.fr.mjml:5  Contacts have no field")


def test_a_mistake_in_a_parent_template_is_shown_there() -> None:
    templates = {
        "base.mjml": a_template("{% block body %}{% endblock %}\n{{ content.tilte }}"),
        "own.fr.mjml": '{% extends "base.mjml" %}\n{% block body %}x{% endblock %}',
    }
    with pytest.raises(TemplateProblem) as raised:
        compiled(a_spec(template="own"), templates)
    assert (raised.value.file, raised.value.line) == ("base.mjml", 4)


def test_a_slip_in_the_markup_is_shown_to_the_column() -> None:
    problems = lint({"own.fr.mjml": '<mj-text {{ x }} colour="#fff"\n  fnot-size="12px">{# <mj-foo> #}</mj-text>'})
    assert [(p.line, p.column, p.code, p.suggestion) for p in problems] == [
        (1, 18, "M202", "color"),
        (2, 3, "M202", "font-size"),
    ]


def test_a_step_may_bring_its_own_subject_and_template() -> None:
    skeleton = compiled(a_spec(subject="{{ contact.first_name | default('Bonjour') }}, R&D à 20 % ?"))
    assert skeleton.fields == {"first_name"}
    assert skeleton.subject[1:] == (", R&D à 20\u00a0%\u202f?",)
    assert compiled(a_spec(template="article")).template == "article.fr.mjml"


def test_a_mistake_in_a_steps_subject_is_named_as_such() -> None:
    with pytest.raises(TemplateProblem, match=r"subject of the step:1 .*frist_name.*Did you mean"):
        compiled(a_spec(subject="{{ contact.frist_name }}"))


@pytest.mark.parametrize("subject", ["", "   ", "{{ '' }}"])
def test_a_mail_needs_a_subject(subject: str) -> None:
    with pytest.raises(TemplateProblem, match="no subject"):
        compiled(a_spec(subject=subject))


def test_a_template_that_is_not_there_is_named_with_the_nearest() -> None:
    with pytest.raises(TemplateProblem, match=r'article.fr.mjml"\?'):
        compiled(a_spec(template="artikle"))


def test_a_marketing_mail_nobody_could_leave_is_refused() -> None:
    with pytest.raises(TemplateProblem, match="must let people leave"):
        compiled(a_spec(template="own"), {"own.fr.mjml": a_template("x", footer="rien")})


def test_a_sender_that_cannot_stand_in_a_header_is_refused_now() -> None:
    with pytest.raises(TemplateProblem, match="From was refused"):
        compiled(a_spec(sender=Sender("Exemple\nBcc: x@y.example", "a@x.example")))


def test_content_is_words_and_never_markup_or_template() -> None:
    content = a_content(title="<b>{{ contact.company }}</b> & zq0123456789abf0z", bullets=("<li>", "</mj-text>"))
    html = "".join(map(str, compiled(a_spec(content=content)).html))
    assert "&lt;b&gt;{{ contact.company }}&lt;/b&gt; &amp; zq0123456789abf0z" in html
    assert "&lt;/mj-text&gt;" in html


def test_the_same_address_is_one_entry_and_others_keep_their_place() -> None:
    body = (
        " ".join(f'<a href="https://x.example/{n}?a=1&amp;b=2">x</a>' for n in (1, 2, 1))
        + ' <a href="mailto:a@x.example">m</a>'
    )
    skeleton = compiled_body(body)
    assert [link.url for link in skeleton.links] == ["https://x.example/1?a=1&b=2", "https://x.example/2?a=1&b=2", ""]
    assert "mailto:a@x.example" in "".join(map(str, skeleton.html))


def test_compiling_is_repeatable() -> None:
    assert compiled().to_json() == compiled(a_spec(), dict(reversed(shipped().items()))).to_json()
