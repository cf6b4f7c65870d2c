"""segments.yaml: conditions with a name, made of one another in any order, and never of themselves."""

import pytest

from nurture.authoring.problems import Code
from nurture.core.conditions import ALWAYS, And, DaysAway, InSegment, Not, Ref, Scope, Signalled, Tagged
from nurture.core.words import SignalKind
from tests.authoring.builders import CAMPAIGN, FILES, SCORING, Edit, compiled, place, problems, program

SEGMENTS = "campaigns/segments.yaml"
ENTER = '  enter: submitted("guide")\n'


def files(segments: str, only_if: str = 'in segment("a")') -> dict[str, str]:
    """A campaign that asks for one."""
    asking = FILES[CAMPAIGN].replace(ENTER, f"{ENTER}  only_if: {only_if}\n")
    return {**FILES, CAMPAIGN: asking, SEGMENTS: f"segments:\n{segments}"}


def told(segments: str, only_if: str = 'in segment("a")') -> list[tuple[str, str]]:
    return [(p.code, p.message) for p in problems(files=files(segments, only_if))]


SILENT = Not(Signalled(SignalKind.OPENED, None, 1, Scope.WITHIN, 60))


def test_a_segment_means_its_condition_in_any_condition() -> None:
    text = "  a: {name: {fr: Dormants, en: Idle}, when: not (opened() within 60 days) and in segment(\"b\")}\n  b: tagged('x')\n"
    world = compiled(files=files(text)).world
    assert world is not None
    idle = And((SILENT, InSegment("b", Tagged("x"))))
    assert world.segments["a"].when == idle
    assert [world.segments[name].title("fr") for name in "ab"] == ["Dormants", "b"]
    (campaign,) = world.current_programs()
    assert campaign.audience.only_if == InSegment("a", idle)


def test_a_changed_segment_is_another_version_of_the_campaigns_that_ask_for_it() -> None:
    versions = set()
    for text in ("  a: tagged('x')\n", "  a: tagged('y')\n"):
        world = compiled(files=files(text)).world
        assert world is not None
        versions.add(world.current["welcome"])
    assert len(versions) == 2


def test_when_a_lead_is_an_mql_may_be_a_segment() -> None:
    text = {**files("  a: tagged('x')\n"), SCORING: FILES[SCORING].replace("engagement >= 30", 'in segment("a")')}
    world = compiled(files=text).world
    assert world is not None
    assert world.scoring.mql == InSegment("a", Tagged("x"))


def test_dates_count_from_today_in_segments_too() -> None:
    text = {
        **files("  a: due_on within next 3 days\n"),
        SCORING: FILES[SCORING].replace("servers: number", "servers: number, due_on: date"),
    }
    world = compiled(files=text).world
    assert world is not None
    assert world.segments["a"].when == DaysAway(Ref("due_on"), 0, 3)


@pytest.mark.parametrize(
    ("segments", "code", "message"),
    [
        ('  a: not in segment("a")\n', Code.SEGMENT_OF_ITSELF, '"a" is made of itself: a → a'),
        (
            '  a: in segment("b") and in segment("c")\n  b: in segment("c")\n  c: in segment("a")\n',
            Code.SEGMENT_OF_ITSELF,
            '"a" is made of itself: a → b → c → a',
        ),
        ('  a: in segment("bb")\n', Code.UNKNOWN_SEGMENT, 'unknown segment "bb"'),
        ('  a: segment("b")\n  b: tagged("x")\n', Code.BAD_CONDITION, "one is in a segment"),
        ('  a: in tagged("b")\n', Code.BAD_CONDITION, "in which segment?"),
        ("  a: in segment()\n", Code.BAD_CONDITION, "in which segment?"),
        ('  a: stage = "tofu"\n', Code.UNKNOWN_FIELD, '"stage" cannot be used here'),
        ("  a: {name: {fr: Banques}}\n", Code.MISSING_KEY, 'a segment needs "when"'),
        ("  a: [tagged('x')]\n", Code.WRONG_SHAPE, 'a segment is written as lines of "key: value"'),
        ("  A b: tagged('x')\n  a: tagged('x')\n", Code.BAD_VALUE, '"A b" cannot be a name'),
    ],
)
def test_a_wrong_segment_is_told(segments: str, code: Code, message: str) -> None:
    assert told(segments)[0] == (code, message)


def test_the_place_of_a_way_round_is_the_name_that_closes_it() -> None:
    text = files('  a: tagged("x") or in segment("b")\n  b: in segment("a")\n')
    (problem,) = problems(files=text)
    assert (problem.line, problem.column) == place(text, SEGMENTS, 'a")\n')


def test_an_unknown_segment_is_told_with_the_one_that_was_meant() -> None:
    (problem,) = problems(files=files("  banks-idle: tagged('x')\n", 'in segment("bank-idle")'))
    assert (problem.code, problem.hint) == (Code.UNKNOWN_SEGMENT, 'did you mean "banks-idle"?')


def test_a_persona_knows_no_segments() -> None:
    edit = Edit(SCORING, "when: servers >= 20", 'when: in segment("a")')
    (problem,) = problems(edit, files=files("  a: tagged('x')\n"))
    assert (problem.code, problem.file) == (Code.UNKNOWN_SEGMENT, SCORING)


def test_segments_that_multiply_are_refused_and_not_expanded() -> None:
    """Each names the one before it ten times: the twentieth would be 10²⁰ questions."""
    lines = [f"  s{n}: " + " or ".join([f'in segment("s{n - 1}")'] * 10) for n in range(1, 30)]
    text = "\n".join(["  s0: tagged('x')", *lines, '  a: in segment("s29")', ""])
    found = {(code, message) for code, message in told(text)}
    assert (Code.BAD_CONDITION, "with its segments, this condition is too long") in found


def test_a_long_chain_in_any_order_ends_in_a_sentence() -> None:
    chain = [f'  s{n}: in segment("s{n + 1}")' for n in range(2000)]
    assert told("\n".join([*chain, "  s2000: tagged('x')", '  a: in segment("s1999")', ""]))


def test_without_the_file_nothing_is_missing() -> None:
    assert program().audience.only_if == ALWAYS
    assert compiled().world is not None
