"""What a template may do with a contact's data once the contact is known, and what stays as safe as slots."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from nurture.content.bounded import BoundedCompiler
from nurture.content.branching import Branching, Decided, Fixed, Undecided, at_once, mail_of
from nurture.content.decided import Deciding, Decision
from nurture.content.exchange import Request
from nurture.content.problems import HeaderRefused, TemplateProblem
from nurture.content.render import preview_html, render
from nurture.content.trials import mails_made
from tests.content.builders import BASE_URL, FIELDS, TOKEN, a_heading, a_spec, a_template, compiled_body
from tests.content.test_render import parsed

ANNE = {"first_name": "Anne", "company": "Aciers <SA> & fils", "last_name": 42}


@pytest.fixture(scope="module")
def compiler() -> Iterator[BoundedCompiler]:
    compiler = BoundedCompiler()
    yield compiler
    compiler.close()


def asked(body: str, subject: str | None = None) -> Request:
    return Request(
        a_spec(template="own", language="en", subject=subject), {"own.en.mjml": a_template(body)}, BASE_URL, FIELDS
    )


def decide(body: str, values: Mapping[str, Any], subject: str | None = None) -> Decision:
    """Within this process."""
    request = asked(body, subject)
    return Deciding(request.spec, request.templates, request.base_url, request.contact_fields).decide(values)


def words(body: str, values: Mapping[str, Any] = ANNE) -> str:
    """The HTML of the mail's first paragraph."""
    decision = decide(f"<u>{body}</u>", values)
    assert decision.problem is None, decision.problem
    assert decision.made is not None
    html = preview_html(decision.made, Decided(decision.made, decision.computed).with_computed(values), TOKEN)
    return html[html.index("<u>") + 3 : html.index("</u>")]


def refused(body: str, values: Mapping[str, Any] = ANNE) -> TemplateProblem:
    problem = decide(body, values).problem
    assert problem is not None
    return problem


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("{% if contact.company %}a{% else %}b{% endif %}", "a"),
        ("{% if contact.email %}a{% else %}b{% endif %}", "b"),
        ("{% if contact.first_name == 'Anne' %}a{% endif %}", "a"),
        ("{% if contact.first_name | upper == 'ANNE' %}a{% endif %}", "a"),
        ("{% if contact.first_name in ['Anne', 'Zoé'] %}a{% endif %}", "a"),
        ("{% if 'fils' in contact.company %}a{% endif %}", "a"),
        ("{% if contact.last_name > 41 and contact.last_name * 2 < 85 %}a{% endif %}", "a"),
        ("{% if contact.first_name > 3 %}a{% else %}b{% endif %}", "b"),
        ("{% if contact.email > 3 or contact.email < 3 %}a{% else %}b{% endif %}", "b"),
        ("{{ contact.first_name or 'x' }}", "Anne"),
        ("{{ contact.email or 'x' }}", "x"),
        ("{{ contact.last_name + 1 }}", "43"),
        ("{{ {'Anne': 'soft'}[contact.first_name] }}", "soft"),
        ("{{ contact.company | length }}", "18"),
        ("{{ contact.company | replace('SA', '<b>') }}", "Aciers &lt;&lt;b&gt;&gt; &amp; fils"),
        ("{{ contact.company | safe }}", "Aciers &lt;SA&gt; &amp; fils"),
        ("{{ contact.company | escape }}", "Aciers &lt;SA&gt; &amp; fils"),
        ("{{ contact.first_name.lower() }}", "anne"),
        ("{{ contact.first_name[:2] }}", "An"),
        ("{{ '%s!' | format(contact.first_name) }}", "Anne!"),
        ("{{ '{}!'.format(contact.first_name) }}", "Anne!"),
        ("{{ contact.email | default(contact.first_name) }}", "Anne"),
        ("{{ 'a' if contact.email is defined else 'b' }}", "b"),
        ("{% for part in contact.company.split(' ') %}{{ part }}/{% endfor %}", "Aciers/&lt;SA&gt;/&amp;/fils/"),
        ("{{ [contact.email, contact.first_name] | select | join(', ') }}", "Anne"),
        ("{% set n = namespace(x=contact.first_name) %}{{ n.x | reverse }}", "ennA"),
        ("{% macro hello(name) %}{{ name }}!{% endmacro %}{{ hello(contact.first_name | upper) }}", "ANNE!"),
        ("{{ contact.company | replace('Aciers <SA> & fils', '') }}", ""),
    ],
)
def test_it_does_what_jinja_does(body: str, expected: str) -> None:
    assert words(body) == expected


@pytest.mark.parametrize(
    ("body", "code", "says"),
    [
        ("{{ contact.email | length }}", "M120", "contact.email is given to length"),
        ("{% for letter in contact.email %}{% endfor %}", "M120", "contact.email is looped over"),
        ("{{ contact.email + 'a' }}", "M120", "calculated with"),
        ("{% if contact.first_name ~ '' == 'Anne' %}a{% endif %}", "M104", "compare the value itself"),
        ("{% set n %}{{ contact.first_name }}{% endset %}{% if 'Anne' in n %}a{% endif %}", "M104", "the value itself"),
        ("{{ contact.company.split(' ') }}", "M121", "is no text"),
        ("{{ contact.frist_name == 'a' }}", "M103", "no field"),
        ("{{ contact.first_name.__class__ }}", "M110", "There is no"),
        ("{{ contact.first_name | attr('__class__') }}", "M110", "There is no"),
        ("{{ '{0.__class__}'.format(contact.first_name) }}", "M110", "There is no"),
        ("{{ contact.first_name.format.__globals__ }}", "M110", "There is no"),
        ("{{ contact.first_name.run.ledger }}", "M110", 'no "run"'),
        ('<a href="https://x.example/{{ contact.company | reverse }}">x</a>', "M301", "cannot hold"),
        ('<b style="color:{{ contact.company | reverse }}">x</b>', "M403", "attribute"),
        ("{% if contact.company %}<a href='nowhere'>x</a>{% endif %}", "M302", "no whole address|not a whole address"),
        ("{% if contact.company %}{{ 'x' * 102000 }}{% endif %}", "M402", "octets"),
        ("{% if contact.company %}{{ ['a'] | random }}{% endif %}", "M106", "must be the same"),
        ("{% if contact.company %}{{ contact }}{% endif %}", "M121", "cannot be printed"),
    ],
)
def test_what_it_may_not_do_is_told_with_its_line(body: str, code: str, says: str) -> None:
    problem = refused(body)
    assert (problem.code, problem.file) == (code, "own.en.mjml")
    assert any(one in problem.message for one in says.split("|")), problem.message


def test_a_branch_without_the_way_out_is_refused() -> None:
    source = a_template("x", footer="{% if contact.company %}<a href='{{ links.unsubscribe }}'>stop</a>{% endif %}")
    making = Deciding(a_spec(template="own"), {"own.fr.mjml": source}, BASE_URL, FIELDS)
    assert making.decide(ANNE).problem is None
    problem = making.decide({}).problem
    assert problem is not None
    assert problem.code == "M303"


def test_a_control_character_reaches_no_subject(compiler: BoundedCompiler) -> None:
    mail = mail_of(compiler, asked("x", "{{ contact.first_name | replace('x', 'y') }}"))
    for name in ("a\r\nBcc: b@x.example", "=?utf-8?q?a=0D=0AB?=", "a\x00b"):
        values = {"first_name": name}
        decided = at_once(mail, values)
        with pytest.raises(HeaderRefused):
            render(decided.skeleton, decided.with_computed(values), a_heading())


def test_a_subject_holds_values_as_they_are(compiler: BoundedCompiler) -> None:
    mail = mail_of(compiler, asked("x", "{{ contact.company | replace('SA', 'é') }} : {{ 'a' if contact.email }}"))
    decided = at_once(mail, ANNE)
    made = render(decided.skeleton, decided.with_computed(ANNE), a_heading())
    assert made.subject.strip() == "Aciers <é> & fils :"
    assert parsed(made.data)["Subject"].strip() == made.subject.strip()


def test_slots_are_slots_as_ever(compiler: BoundedCompiler) -> None:
    mail = mail_of(compiler, asked("{{ contact.first_name }}"))
    assert isinstance(mail, Fixed)
    assert mail.of({}).skeleton == compiled_body("{{ contact.first_name }}", language="en")


def test_what_was_learnt_for_one_holds_for_all_alike(compiler: BoundedCompiler) -> None:
    mail = mail_of(compiler, asked("{% if contact.company == 'a' %}A{% else %}B{% endif %}, {{ contact.first_name }}"))
    assert isinstance(mail, Branching)
    with pytest.raises(Undecided) as undecided:
        mail.of({"company": "a", "first_name": "Anne"})
    mail.learn([undecided.value.values], 1)
    known = mail.of({"company": "a", "first_name": "Anne"})
    assert mail.of({"company": "a", "first_name": "Zoé"}) is known
    with pytest.raises(Undecided):
        mail.of({"company": "b", "first_name": "Anne"})


def test_a_hundred_are_decided_in_one_request(compiler: BoundedCompiler) -> None:
    mail = mail_of(compiler, asked("{{ contact.first_name | reverse }}"))
    people = [{"first_name": f"n{number}"} for number in range(300)]
    assert isinstance(mail, Branching)
    assert mail.learn(people, 3) == 0
    decided = [mail.of(values) for values in people]
    assert len({id(one.skeleton) for one in decided}) == 1, "what was computed is no part of the skeleton"
    assert [list(one.computed.values()) for one in decided] == [[values["first_name"][::-1]] for values in people]


def test_one_contact_made_twice_is_the_same(compiler: BoundedCompiler) -> None:
    body = (
        "{% for c in contact.company %}{{ c }}{{ loop.cycle('-', '+') }}{% endfor %}{{ contact.company | wordcount }}"
    )
    first, second = (at_once(mail_of(compiler, asked(body)), ANNE) for _ in range(2))
    other = decide(body, ANNE)
    assert first == second == Decided(other.made, other.computed)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("body", "code", "line"),
    [
        ("{% if contact.company == 'Banque' %}\n{{ contact.nothing }}{% endif %}", "M103", 4),
        ("{% if contact.last_name > 50 %}\n{{ nothing }}{% endif %}", "M110", 4),
        ("{{ contact.company | length }}", "M120", 3),
        ("{% if contact.company %}{% if not contact.email %}\n{{ 1 / 0 }}{% endif %}{% endif %}", "M111", 4),
        ("{% if contact.last_name == 7 %}{% if contact.email == 'x' %}\n{{ 1 // 0 }}{% endif %}{% endif %}", "M111", 4),
    ],
)
def test_a_mistake_in_a_branch_is_found_before_anybody_takes_it(
    compiler: BoundedCompiler, body: str, code: str, line: int
) -> None:
    with pytest.raises(TemplateProblem) as problem:
        mails_made(compiler, asked(body))
    assert (problem.value.code, problem.value.file, problem.value.line) == (code, "own.en.mjml", line)


@pytest.mark.parametrize(
    ("body", "mails"),
    [
        ("{% if contact.company == 'Banque' %}a{% elif contact.company %}b{% else %}c{% endif %}", 3),
        ("{% if contact.last_name and contact.last_name * 2 > 50 %}a{% endif %}", 2),
        ("{{ contact.first_name }}", 1),
        ("{{ (contact.company or 'x') | length }}", 2),
    ],
)
def test_a_trial_finds_the_ways_through_a_template(compiler: BoundedCompiler, body: str, mails: int) -> None:
    assert len(mails_made(compiler, asked(body))) == mails
