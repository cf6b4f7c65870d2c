"""A template that takes too much is stopped with a sentence; the process that asked for it never notices."""

import time
from collections.abc import Iterator

import pytest

from nurture.content.bounded import BoundedCompiler
from nurture.content.problems import MEGABYTES, SECONDS, TemplateProblem
from tests.content.builders import BASE_URL, FIELDS, a_spec, a_template, compiled, shipped

SLACK = 1.0
"""For starting a process, on a machine that does other things as well."""

IN_LINE = {
    "a text of half a gigabyte": ("{{ 'a' * 500000000 }}", "M115"),
    "loops in loops in loops": (
        "{% for i in range(99999) %}{% for j in range(99999) %}{% for k in range(99999) %}{% endfor %}{% endfor %}{% endfor %}",
        "M114",
    ),
    "a loop beyond what the sandbox allows": ("{% for i in range(10**9) %}{% endfor %}", "M111"),
    "a list of a billion": ("{{ range(10**9) | list }}", "M111"),
    "a list of lists": ("{{ (range(99999) | list) * 99999 }}", "M115"),
    "a macro that calls itself": ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "M116"),
    "a power that Python cannot be interrupted in": ("{{ 9 ** (9 ** 9) }}", "M114"),
    "a width of a gigabyte": ("{{ '%1000000000d' % 1 }}", "M115"),
    "the same through format": ("{{ '{:1000000000d}'.format(1) }}", "M115"),
    "a text that doubles": (
        "{% set n = namespace(x='a') %}{% for i in range(99) %}{% set n.x = n.x ~ n.x %}{% endfor %}{{ n.x }}",
        "M115",
    ),
    "the way to object": ("{{ ''.__class__.__mro__ }}", "M110"),
    "the same by a filter": ("{{ '' | attr('__class__') }}", "M110"),
    "the same by a format": ("{{ '{0.__class__}'.format(1) }}", "M110"),
    "the globals of Jinja's own helpers": ("{{ cycler.__init__.__globals__ }}", "M110"),
    "the template's own insides": ("{{ self.__init__.__globals__ }}", "M110"),
    "the insides of what we pass": ("{{ contact._ledger }}", "M110"),
}
"""Bombs of one line, which is told: as a mail's words and as a subject in a campaign's file."""

SOMEWHERE = {
    "filters on a long text": ("{{ (['a' * 9999] * 99999) | join | upper | lower | title }}", {"M115", "M114"}),
    "blocks ten thousand deep": ("{% if true %}" * 10_000 + "{% endif %}" * 10_000, {"M116"}),
    "brackets ten thousand deep": ("{{ " + "(" * 10_000 + "1" + ")" * 10_000 + " }}", {"M116"}),
    "a template that includes itself": ("{% include 'own.fr.mjml' %}", {"M116"}),
    "ten megabytes": ("x" * 10_000_000, {"M114", "M115", "M402"}),
    "HTML nested beyond every stack": ("<div>" * 20_000 + "</div>" * 20_000, {"M114", "M115", "M116", "M117"}),
    "the same by a loop": ("{% for i in range(9999) %}<div>{% endfor %}", {"M114", "M115", "M116", "M117"}),
    "MJML nested beyond every stack": (
        "</mj-text>" + "<mj-wrapper>" * 20_000 + "</mj-wrapper>" * 20_000 + "<mj-text>",
        {"M114", "M115", "M116", "M117"},
    ),
    "comments never closed, for the lint": ("{#" * 400_000, {"M114"}),
    "tags never closed, for the lint": ("<a " * 300_000, {"M114", "M206"}),
    "a link made of spaces": ("a" + " " * 900_000 + "b", {"M402"}),
}
"""Bombs of the stages after Jinja, or before a line is known."""


@pytest.fixture(scope="module")
def compiler() -> Iterator[BoundedCompiler]:
    compiler = BoundedCompiler()
    yield compiler
    compiler.close()


def refused(compiler: BoundedCompiler, body: str, subject: str | None = None) -> TemplateProblem:
    """What the author is told, which is told in time; the mail after it is made."""
    spec = a_spec(template="own", subject=subject)
    templates = {"own.fr.mjml": a_template(body)}
    began = time.monotonic()
    with pytest.raises(TemplateProblem) as problem:
        compiler.compile(spec, templates, base_url=BASE_URL, contact_fields=FIELDS)
    assert time.monotonic() - began < SECONDS + SLACK
    good = compiler.compile(a_spec(), shipped(), base_url=BASE_URL, contact_fields=FIELDS)
    assert good == compiled()
    return problem.value


@pytest.mark.parametrize("name", IN_LINE)
def test_a_bomb_is_pointed_at(compiler: BoundedCompiler, name: str) -> None:
    source, code = IN_LINE[name]
    problem = refused(compiler, source)
    assert (problem.code, problem.file, problem.line) == (code, "own.fr.mjml", 3)
    assert problem.message.endswith((".", '"'))


@pytest.mark.parametrize("name", IN_LINE)
def test_a_bomb_in_a_subject_is_pointed_at(compiler: BoundedCompiler, name: str) -> None:
    source, code = IN_LINE[name]
    problem = refused(compiler, "Bonjour", source)
    assert (problem.code, problem.file, problem.line) == (code, "subject of the step", 1)


@pytest.mark.parametrize("name", SOMEWHERE)
def test_a_bomb_for_the_later_stages_names_its_file(compiler: BoundedCompiler, name: str) -> None:
    source, codes = SOMEWHERE[name]
    problem = refused(compiler, source)
    assert problem.code in codes
    assert problem.file == "own.fr.mjml"


def test_a_style_sheet_that_selects_for_minutes_is_stopped(compiler: BoundedCompiler) -> None:
    rules = "".join(f"p:not(.a{number}) b > i ~ u {{color:red}}" for number in range(20_000))
    body = "<p><b><i></i><u>x</u></b></p>" * 3_000
    source = a_template(body).replace(
        "<mjml>", f'<mjml><mj-head><mj-style inline="inline">{rules}</mj-style></mj-head>'
    )
    with pytest.raises(TemplateProblem) as problem:
        compiler.compile(a_spec(template="own"), {"own.fr.mjml": source}, base_url=BASE_URL, contact_fields=FIELDS)
    assert problem.value.code in {"M114", "M115"}


def test_a_subject_nobody_could_read_is_refused(compiler: BoundedCompiler) -> None:
    problem = refused(compiler, "Bonjour", "{{ 'a' * 501 }}")
    assert (problem.code, "501 characters" in problem.message) == ("M112", True)


def test_the_bound_on_memory_is_the_systems_own(compiler: BoundedCompiler) -> None:
    resource = pytest.importorskip("resource")
    if not hasattr(resource, "prlimit"):
        pytest.skip("only Linux tells the limits of another process")
    compiler.compile(a_spec(), shipped(), base_url=BASE_URL, contact_fields=FIELDS)
    assert compiler.pid is not None
    assert resource.prlimit(compiler.pid, resource.RLIMIT_AS) == (MEGABYTES * 1024**2,) * 2


def test_what_had_to_be_stopped_is_refused_unread_for_a_while() -> None:
    now = 0.0
    compiler = BoundedCompiler(lambda: now)
    loops = IN_LINE["loops in loops in loops"][0]
    first = refused(compiler, loops)
    began = time.monotonic()
    again = refused(compiler, loops)
    assert time.monotonic() - began < SLACK, "the mails after it do not wait"
    assert str(again) == str(first)
    now = 601.0
    began = time.monotonic()
    refused(compiler, loops)
    assert time.monotonic() - began > SLACK, "a machine that stood still for a moment is forgiven"
    compiler.close()
