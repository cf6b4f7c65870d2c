"""Segments that decide nothing are warned of; those that something asks for are not."""

from nurture.authoring.bundle import Bundle, check
from nurture.authoring.problems import Code
from tests.authoring.builders import FILES
from tests.authoring.test_segments import files


def codes(text: dict[str, str]) -> list[str]:
    return [problem.code for problem in check(Bundle(text))]


def test_a_segment_that_nobody_can_be_in_is_told() -> None:
    assert Code.NEVER_TRUE in codes(files("  a: tagged('x') and not tagged('x')\n"))


def test_a_segment_that_nothing_asks_for_is_told() -> None:
    assert codes(files("  a: in segment(\"b\")\n  b: tagged('x')\n")) == codes(dict(FILES))
    assert Code.UNUSED_SEGMENT in codes(files("  a: tagged('x')\n  b: tagged('x')\n"))


def test_a_campaign_that_cannot_be_read_may_have_asked_for_it() -> None:
    assert Code.UNUSED_SEGMENT not in codes(files("  a: tagged('x')\n", "in segmnt("))
