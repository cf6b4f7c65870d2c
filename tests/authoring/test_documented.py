"""What an author can write is what the README says can be written."""

import pytest

from nurture.authoring.steps import VERBS
from tests.authoring.builders import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_is_in_the_reference(verb: str) -> None:
    assert f"`{verb}: " in README
