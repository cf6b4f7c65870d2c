"""A campaign as a drawing: every step in it once, nothing upon anything else, whatever the campaign looks like."""

from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any, cast
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.authoring.bundle import compile_bundle
from nurture.core.conditions import InSegment, Tagged
from nurture.core.newsletters import STAGE, Issue
from nurture.core.program import END, Audience, Program, Send, Stage, Step, WhenExhausted
from nurture.core.spans import Span, Unit
from nurture.preview.graph.faces import Context
from nurture.preview.graph.layout import WIDTH, column
from nurture.preview.graph.outline import outline
from nurture.preview.graph.shape import Item, Shape, Side, Turn, shape_of, ways
from nurture.preview.graph.svg import drawing
from tests.authoring.builders import shipped
from tests.builders import (
    Item as Sequence_,
)
from tests.builders import (
    a_content,
    a_program,
    a_prospect_rule,
    a_stage,
    at,
    business_days,
    days,
    did,
    engaged,
    relance,
    send,
    wait,
    wait_for,
    wait_until,
    when,
)

SVG = "{http://www.w3.org/2000/svg}"
DONE = did("downloaded", "guide")


def drawn(program: Program, language: str = "en", **more: Any) -> ET.Element:
    """The drawing, read as XML."""
    return ET.fromstring(drawing(Context(program, language), **more))


def titles(svg: ET.Element) -> list[str]:
    """What each card says when it is pointed at."""
    return [str(card.findtext(f"{SVG}title")) for card in svg.iter(f"{SVG}g") if "card" in card.get("class", "")]


def placed(items: tuple[Item, ...]) -> list[int]:
    """Every step of a shape, in its order."""
    return [at for item in items for at in (item.at, *(n for side in item.sides for n in placed(side.items)))]


# Shapes


def test_a_branch_and_a_wait_for_become_ways_that_meet_again() -> None:
    stage = a_stage(
        "tofu", send("a"), when(DONE, [send("b")], [send("c")]), wait_for(DONE, days(4), [relance("a")]), send("d")
    )
    branch, listen = shape_of(stage).items[1:3]
    assert branch == Item(1, (Side(Turn.YES, (Item(2),), True), Side(Turn.NO, (Item(3),), True)))
    assert listen == Item(4, (Side(Turn.MET, (), True), Side(Turn.TIME_OUT, (Item(5),), True)))
    assert shape_of(stage).items[3] == Item(6)


@dataclass(frozen=True, slots=True)
class Vanish:
    """A step that nothing follows; the drawing knows nothing of it."""

    key: str
    line: int = 7


@dataclass(frozen=True, slots=True)
class BrewCoffee:
    """A step of a kind that the drawing does not know, which goes on."""

    key: str
    next: int = END
    line: int = 9


def ending(stage: Stage, ends: set[int]) -> Stage:
    """The stage with these steps turned into some that nothing follows; forks stay."""
    steps = [
        cast(Step, Vanish(step.key)) if n in ends and len(ways(step)) == 1 else step
        for n, step in enumerate(stage.steps)
    ]
    return Stage(stage.name, tuple(steps))


def test_a_way_that_ends_leaves_the_other_to_go_on() -> None:
    fork = when(DONE, [send("x")])
    stage = a_stage("tofu", fork, send("b"))
    steps = (stage.steps[0], cast(Step, Vanish("tofu/leave")), stage.steps[2])
    shape = shape_of(Stage("tofu", steps))
    assert shape.items == (Item(0, (Side(Turn.YES, (Item(1),), False), Side(Turn.NO, (), True))), Item(2))
    assert shape.goes_on


def test_ways_that_meet_before_all_of_them_end_are_drawn_to_meet() -> None:
    stage = a_stage("tofu", wait_for(DONE, days(4), [relance("a")]), send("b"), when(DONE, [send("c")], [send("d")]))
    shape = shape_of(ending(stage, {4, 5}))
    assert shape.items[0] == Item(0, (Side(Turn.MET, (), True), Side(Turn.TIME_OUT, (Item(1),), True)))
    assert shape.items[1:] == (
        Item(2),
        Item(3, (Side(Turn.YES, (Item(4),), False), Side(Turn.NO, (), True))),
        Item(5),
    )
    assert not shape.goes_on


def test_what_nothing_leads_to_is_kept() -> None:
    steps = (cast(Step, Vanish("tofu/leave")), Send("tofu/send:b", "b"))
    assert shape_of(Stage("tofu", steps)) == Shape((Item(0),), False, (1,))


def test_a_kind_of_step_without_a_face_shows_its_verb_and_its_key() -> None:
    stage = Stage("tofu", (cast(Step, BrewCoffee("tofu/set@start", 1)), cast(Step, Vanish("tofu/leave@end"))))
    assert titles(drawn(a_program(stage, file="campaigns/x.yaml"))) == [
        "Brew coffee · set@start · campaigns/x.yaml:9",
        "Vanish · leave@end · campaigns/x.yaml:7",
    ]


def items(depth: int = 3) -> st.SearchStrategy[list[Sequence_]]:
    """Any campaign's sequence."""
    plain = st.sampled_from([send("a"), send("b"), relance("a"), wait(days(3)), wait_until("talk")])
    if depth == 0:
        return st.lists(plain, max_size=3)
    inner = items(depth - 1)
    forks = st.one_of(
        st.builds(lambda a, b: when(DONE, a, b), inner, inner), st.builds(lambda a: wait_for(DONE, days(2), a), inner)
    )
    return st.lists(st.one_of(plain, forks), max_size=4)


@given(items(), st.sets(st.integers(0, 20), max_size=4))
def test_every_step_is_drawn_once_and_no_card_lies_upon_another(sequence: list[Sequence_], ends: set[int]) -> None:
    stage = ending(a_stage("tofu", *sequence), ends)
    shape = shape_of(stage)
    assert sorted([*placed(shape.items), *shape.loose]) == list(range(len(stage.steps)))
    assert shape.loose == () or ends
    block = column(shape, lambda at: 40 + 7 * (at % 5), lambda turn: turn.value)
    for a, b in combinations(block.boxes, 2):
        apart = abs(a.x - b.x) >= WIDTH or a.y + a.height <= b.y or b.y + b.height <= a.y
        assert apart, (a, b)
    for box in block.boxes:
        assert -block.left <= box.x <= block.right - WIDTH
        assert 0 <= box.y <= block.height - box.height
    for line in block.lines:
        for x, y in line.points:
            assert -block.left <= x <= block.right
            assert 0 <= y <= block.height
            assert not any(b.x < x < b.x + WIDTH and b.y < y < b.y + b.height for b in block.boxes)


# Drawings


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_shipped_campaigns_are_drawn_whole(language: str) -> None:
    world = compile_bundle(shipped(), salt=b"salt").world
    assert world is not None
    for program in world.current_programs():
        svg = ET.fromstring(drawing(Context(program, language, world.catalogue)))
        said = titles(svg)
        steps = [step for stage in program.stages for step in stage.steps]
        assert len(said) == len(steps)
        for step in steps:
            assert any(title.endswith(f"{program.file}:{step.line}") for title in said)


def test_a_campaign_of_sixty_steps_stays_readable() -> None:
    pair = [send("a"), wait_for(DONE, business_days(2), [relance("a")])]
    program = a_program(*(a_stage(name, *(pair * 6), send("end"), wait(days(1))) for name in ("tofu", "mofu", "bofu")))
    svg = drawn(program)
    assert len(titles(svg)) == 60
    assert float(svg.get("width", "")) < 2000


def test_the_drawing_says_what_moves_contacts_and_how_it_ends() -> None:
    stages = (
        a_stage("tofu", send("a"), advance=engaged(20), exhausted=WhenExhausted.ADVANCE),
        a_stage("bofu", send("b"), exhausted=WhenExhausted.LEAVE),
    )
    program = a_program(*stages, prospect=a_prospect_rule(within=Span(1, Unit.BUSINESS_DAYS)), hold_out=500)
    text = " ".join(drawn(program).itertext())
    for said in (
        'submitted("audit")',
        "engagement >= 20",
        "moves on",
        "ends",
        'replied("interested")',
        "1 business day",
        "5 %",
    ):
        assert said in text
    told = outline(Context(program, "en"))
    for said in ("engagement &gt;= 20", "replied(&quot;interested&quot;)", "moves on"):
        assert said in told


def test_a_card_leads_to_its_mail() -> None:
    svg = drawn(a_program(a_stage("tofu", send("a"))), link=lambda key: f"/mail?of={key}&x")
    assert [a.get("href") for a in svg.iter(f"{SVG}a")] == ["/mail?of=tofu/send:a&x"]


def test_words_of_authors_are_never_markup() -> None:
    evil = "</svg><script>alert(1)</script>\"'&"
    program = a_program(a_stage(evil, send("a", subject=evil), when(did("clicked", evil), [send("b")])))
    svg = ET.fromstring(drawing(Context(program, "en", {"a": a_content("a")}), lambda key: evil))
    assert not list(svg.iter(f"{SVG}script"))
    assert "<script" not in outline(Context(program, "en"), lambda key: evil)


def test_a_stage_whose_end_is_never_reached_says_nothing_of_it() -> None:
    ends = ending(a_stage("tofu", send("a")), {0})
    assert "Nothing left" not in " ".join(drawn(a_program(ends)).itertext())
    assert "Nothing left" not in outline(Context(a_program(ends), "en"))
    assert "Nothing left" in " ".join(drawn(a_program(Stage("tofu", ()))).itertext())


def test_an_empty_campaign_can_be_drawn() -> None:
    assert titles(drawn(a_program(Stage("tofu", ())))) == []


@pytest.mark.parametrize(("language", "says"), [("fr", "Part le"), ("en", "Goes out")])
def test_a_newsletter_says_when_it_goes_out_and_to_whom(language: str, says: str) -> None:
    program = a_program(a_stage(STAGE, send("news")), audience=Audience(only_if=InSegment("friends", Tagged("friend"))))
    issue = Issue("friends", at("2027-03-02 09:30"), at("2027-03-05 09:30"))
    words = " ".join("".join(svg.itertext()) for svg in [drawn(replace(program, issue=issue), language)])
    assert says in words
    assert "2027-03-02 09:30" in words
    assert 'in segment("friends")' in words
