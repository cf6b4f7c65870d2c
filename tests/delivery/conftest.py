"""A house on each database."""

from collections.abc import Iterator

import pytest

from tests.delivery.harness import House, a_house


@pytest.fixture
def house(database_url: str) -> Iterator[House]:
    """The campaign on an empty database."""
    house = a_house(database_url)
    yield house
    house.db.close()
