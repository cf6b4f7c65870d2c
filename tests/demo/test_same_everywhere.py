"""One seed tells one story: on both databases, for any size of batch, for any number of workers."""

from pathlib import Path
from typing import Any

import pytest

from tests.demo.play import told

SMALL: dict[str, Any] = {"contacts": 10, "weeks": 3}
Story = dict[str, Any]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    return told(tmp_path_factory.mktemp("story"), **SMALL)


@pytest.mark.parametrize(("workers", "batch"), [(1, 1), (2, 7), (4, 500)])
def test_sqlite_tells_the_same_for_any_batch_and_any_number_of_workers(
    story: Story, tmp_path: Path, workers: int, batch: int
) -> None:
    assert told(tmp_path, workers=workers, batch_size=batch, **SMALL) == story


@pytest.mark.parametrize(("workers", "batch"), [(1, 500), (1, 1), (4, 7)])
def test_postgresql_tells_the_same_as_sqlite(
    story: Story, tmp_path: Path, postgres_url: str, workers: int, batch: int
) -> None:
    assert told(tmp_path, postgres_url, workers=workers, batch_size=batch, **SMALL) == story


def test_another_seed_tells_another_story(story: Story, tmp_path: Path) -> None:
    other = told(tmp_path, seed=4, contacts=6, weeks=1)
    assert other["journal_digest"] != story["journal_digest"]


def test_the_story_has_everything_in_it(story: Story) -> None:
    assert story["mails"] > 20
    assert {"sent", "delivered", "signalled", "submitted", "suppressed"} <= story["events"].keys()
