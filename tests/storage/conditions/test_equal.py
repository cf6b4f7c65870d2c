"""A condition means the same contacts in SQL as in Python: NULLs, types, letters, windows, counts and scores included."""

from hypothesis import HealthCheck, given, settings

from nurture.storage.database import Database
from tests.storage.conditions.proof import disagreements
from tests.storage.conditions.strategies import Crowd, crowds

SOME = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
    max_examples=25,
)


@SOME
@given(crowd=crowds())
def test_sql_alone_means_whom_the_core_means(db: Database, crowd: Crowd) -> None:
    assert disagreements(db, crowd, exact=True) == []


@SOME
@given(crowd=crowds(awkward=True))
def test_what_sql_cannot_say_is_finished_by_the_core(db: Database, crowd: Crowd) -> None:
    assert disagreements(db, crowd, exact=False) == []
