"""YAML as campaign files use it: texts stay what was written, and each has its place."""

import pytest
import yaml as libyaml
from hypothesis import given, settings
from hypothesis import strategies as st

from nurture.authoring.nodes import Listing, Node, Scalar, Table
from nurture.authoring.problems import Log
from nurture.authoring.yaml import load, read_fast, refused_character
from nurture.authoring.yaml import read as read_told
from tests.authoring.fuzz import FILES as SHIPPED
from tests.authoring.fuzz import spoilt

needs_libyaml = pytest.mark.skipif(not libyaml.__with_libyaml__, reason="this Python's PyYAML has no libyaml")


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


@needs_libyaml
@settings(max_examples=2000)
@given(st.text(alphabet=" \t\nab1:-?[]{}'\"|>#&*!%@,~é\u00a0🙂\\", max_size=60))
def test_whatever_libyaml_reads_ruamel_reads_alike(text: str) -> None:
    fast = read_fast("f", text)
    assert fast is None or fast == read_told("f", text)


@needs_libyaml
@pytest.mark.slow
@pytest.mark.parametrize("hundred", range(3))
def test_files_spoilt_by_hand_are_read_alike(hundred: int) -> None:
    read_by_both = 0
    for number in range(hundred * 100, (hundred + 1) * 100):
        name, text = spoilt(number, seed=5)
        if not refused_character(text) and (fast := read_fast(name, text)) is not None:
            assert fast == read_told(name, text), number
            read_by_both += 1
    assert read_by_both > 30


@needs_libyaml
def test_what_is_right_is_read_by_libyaml() -> None:
    assert all(read_fast(name, text) for name, text in SHIPPED.items() if name.endswith(".yaml"))
