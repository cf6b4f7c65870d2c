"""The short form of `python -m tests.chaos.restarts`: a server that says good-bye, and one that crashes."""

import pytest

from tests.chaos.restarts import is_good, main, read_arguments
from tests.postgres import Server

pytestmark = [pytest.mark.postgres, pytest.mark.smtp]


def test_postgresql_restarts_under_load_and_all_resumes_by_itself(postgres_server: Server) -> None:
    """`postgres_server` only skips where there is none: this test restarts a server of its own."""
    told = main(read_arguments(["--times=2", "--every=1"]))
    assert is_good(told), told
    assert told["restarts"] == 2
