"""However somebody spoils a campaign, `check` answers with problems that have places: some hundreds of `fuzz.py`'s files."""

import pytest

from tests.authoring.fuzz import spoilt, wrong_of

HUNDRED = 100


@pytest.mark.slow
@pytest.mark.parametrize("hundred", range(5))
def test_a_spoilt_file_is_answered_with_problems_that_have_places(hundred: int) -> None:
    for number in range(hundred * HUNDRED, (hundred + 1) * HUNDRED):
        name, text = spoilt(number, seed=7)
        assert list(wrong_of(name, text)) == [], number
