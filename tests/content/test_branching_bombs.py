"""Bombs that one contact sets off: each costs its bound, and the contacts before and after it are made as ever."""

import time
from collections.abc import Iterator

import pytest

from nurture.content.bounded import MOST_IN_A_ROW, BoundedCompiler
from nurture.content.exchange import Request
from nurture.content.problems import SECONDS, UNBOUNDED
from tests.content.builders import BASE_URL, FIELDS, a_spec, a_template
from tests.content.test_bombs import IN_LINE, SLACK

SET_OFF = {name: bomb for name, bomb in IN_LINE.items() if name != "a power that Python cannot be interrupted in"} | {
    "a power of a number that is a variable's": ("{% set n = 9 %}{{ 9 ** (9 ** n) }}", "M114"),
    "a text as long as a contact says": ("{{ 'a' * (contact.last_name * 10 ** 9) }}", "M115"),
    "a loop as long as a contact says": ("{% for i in range(contact.last_name * 10 ** 9) %}{% endfor %}", "M111"),
    "a contact's text that doubles": (
        "{% set n = namespace(x=contact.first_name) %}{% for i in range(99) %}{% set n.x = n.x + n.x %}{% endfor %}",
        "M115",
    ),
    "the insides of what we pass": ("{{ contact._run }}", "M110"),
    "insides of a contact's value": ("{{ contact.first_name.__class__.__mro__ }}", "M110"),
    "insides through a format": ("{{ '{0.run.ledger.__class__}'.format(contact.first_name) }}", "M110"),
}
PEOPLE = [{"first_name": name, "last_name": 1} for name in ("Anne", "Poison", "Zoé")]


@pytest.fixture
def compiler() -> Iterator[BoundedCompiler]:
    compiler = BoundedCompiler()
    yield compiler
    compiler.close()


def asked(body: str) -> Request:
    return Request(a_spec(template="own"), {"own.fr.mjml": a_template(body)}, BASE_URL, FIELDS)


@pytest.mark.parametrize("name", SET_OFF)
def test_a_bomb_hurts_only_whom_it_is_for(compiler: BoundedCompiler, name: str) -> None:
    bomb, code = SET_OFF[name]
    request = asked("{% if contact.first_name == 'Poison' %}\n" + bomb + "\n{% endif %}{{ contact.first_name }}")
    began = time.monotonic()
    decisions, stopped = compiler.decide(request, PEOPLE, 3)
    assert time.monotonic() - began < SECONDS + 2 * SLACK
    first, poisoned, last = decisions
    assert first.made is not None
    assert first.made == last.made
    assert poisoned.problem is not None
    assert (poisoned.problem.code, poisoned.problem.file) == (code, "own.fr.mjml")
    assert stopped == (code in UNBOUNDED)


def test_a_template_that_is_bad_for_everybody_is_soon_refused_unread(compiler: BoundedCompiler) -> None:
    request = asked("{% if contact.first_name %}{{ [1] * 10 ** (contact.last_name * 10) }}{% endif %}")
    people = [{"first_name": f"n{number}", "last_name": 1} for number in range(200)]
    _, stopped = compiler.decide(request, people, 100)
    assert stopped == MOST_IN_A_ROW
    began = time.monotonic()
    decisions, stopped = compiler.decide(request, people, 100)
    assert time.monotonic() - began < SLACK
    assert stopped == 0
    assert {decision.problem.code for decision in decisions if decision.problem is not None} == {"M115"}
    assert len(decisions) == 200


def test_only_so_many_are_stopped_in_one_go(compiler: BoundedCompiler) -> None:
    request = asked("{% if contact.last_name == 1 %}{{ [1] * 10 ** (contact.last_name * 10) }}{% endif %}")
    people = [{"first_name": f"n{number}", "last_name": number % 2} for number in range(50)]
    decisions, stopped = compiler.decide(request, people, 2)
    assert stopped == 2
    assert len(decisions) == 4, "the others wait"
