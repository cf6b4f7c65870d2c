"""YAML as campaign files use it: texts stay what was written, and each has its place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.authoring.nodes import Listing, Node, Scalar, Table
from nurture.authoring.problems import Log
from nurture.authoring.yaml import load


def read(text: str) -> Node | None:
    log = Log()
    node = load("f", text, log)
    assert not log.problems
    return node


def value(text: str) -> Scalar:
    node = read(f"a: {text}\n")
    assert isinstance(node, Table)
    found = node.get("a")
    assert isinstance(found, Scalar)
    return found


@pytest.mark.parametrize("text", ["NO", "yes", "12:30", "09:00-17:30", "2027-01-21", "0o14", "1_000", "50%", "1e3"])
def test_a_plain_word_stays_the_text_it_is(text: str) -> None:
    assert value(text).text == text


@pytest.mark.parametrize("text", ["", "~", "null"])
def test_nothing_is_nothing(text: str) -> None:
    assert value(text).is_null


def test_quoted_words_are_texts_even_if_they_say_null() -> None:
    assert not value('"null"').is_null


def test_every_key_and_value_knows_its_place() -> None:
    node = read("# a comment\na:\n  - b: [c,\n      d]\n")
    assert isinstance(node, Table)
    items = node.get("a")
    assert isinstance(items, Listing)
    (inner,) = items.items
    assert isinstance(inner, Table)
    ((key, listing),) = inner.items
    assert isinstance(listing, Listing)
    spots = [key.spot, listing.spot, *(item.spot for item in listing.items)]
    assert [(s.line, s.column) for s in spots] == [(3, 5), (3, 8), (3, 9), (4, 7)]


def test_line_ends_and_a_byte_order_mark_of_other_systems_move_nothing() -> None:
    assert read("\ufeffa: 1\r\nb:\r\n  - c\r\n") == read("a: 1\nb:\n  - c\n")


@given(st.text(st.sampled_from(":-[]{}'\"\\|> \n\tab#&*!%@?,~\u2028\ud800\udcff"), max_size=40))
def test_any_text_is_a_tree_or_a_problem(text: str) -> None:
    log = Log()
    node = load("f", text, log)
    assert node is not None or log.failed
    for problem in log.problems:
        assert problem.line >= 1
        assert problem.column >= 1


words = st.text(
    st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs"), exclude_characters="\ufeff\ufffe\uffff")
)


def _double(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _single(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


@given(words, st.sampled_from([_double, _single]))
def test_each_character_of_a_quoted_text_is_found_in_the_file(text: str, quote: object) -> None:
    assert callable(quote)
    source = f"a: {quote(text)}\n"
    node = load("f", source, Log())
    if not isinstance(node, Table):
        return  # a character that YAML refuses
    found = node.get("a")
    assert isinstance(found, Scalar)
    for at, char in enumerate(found.text):
        spot = found.spot_of(at, at + 1)
        written = source[spot.column - 1 : spot.column + 1]
        assert written[0] == char or written == f"\\{char}"
