"""The journal says why, and says the same on both databases."""

from dataclasses import replace

import pytest
from sqlalchemy.exc import IntegrityError

from nurture.core.effects import Because, Decision
from nurture.core.reasons import Reason
from nurture.storage.database import Database
from nurture.storage.journal import Entry, digest, journal_of
from nurture.storage.save import Outcome
from tests.storage.scenes import DAY, NOW, claim, commit, decide, fact, loaded, outcome, people, post, timer


def live_a_little(db: Database, order: int = 1) -> None:
    """A few contacts with decisions; `order` is that in which they are committed."""
    for who in people(db, 4)[::order]:
        decide(db, who, language="fr", fields={"é": "ï", "n": 1, "b": True})
        decide(db, who, now=NOW + DAY, country="FR")


def test_the_digest_is_the_same_on_both_databases_and_in_any_order(sqlite_db: Database, postgres_db: Database) -> None:
    live_a_little(sqlite_db)
    live_a_little(postgres_db, order=-1)
    with sqlite_db.read() as one, postgres_db.read() as other:
        assert digest(one) == digest(other)


def test_the_digest_sees_every_difference(db: Database) -> None:
    (who,) = people(db, 1)
    seen = set[str]()
    for now in (NOW, NOW + DAY):
        with db.read() as c:
            seen.add(digest(c))
        decide(db, who, now=now)
    with db.read() as c:
        seen.add(digest(c))
    assert len(seen) == 3


def test_an_entry_says_what_was_heard_and_why(db: Database) -> None:
    (who,) = people(db, 1)
    post(db, [who])
    before, held = loaded(db, who).state, claim(db)
    after = replace(before, seq=1)
    because = (Because(Reason.GATED, "c", {"gate": "cap", "days": 3, "until": None}), Because(Reason.WAITING))
    commit(
        db,
        held,
        [Outcome(who, before, after, ("e1",), ((timer("enrolment:c", NOW), Decision(after, (), because, NOW)),))],
    )
    told = [
        {"reason": "gated", "subject": "c", "detail": {"gate": "cap", "days": 3, "until": None}},
        {"reason": "waiting", "subject": "", "detail": {}},
    ]
    with db.read() as c:
        assert journal_of(c, before.key) == [Entry(1, NOW, "timer_fired", "enrolment:c", "world", told)]
        assert journal_of(c, before.key, after=1) == []
        assert journal_of(c, "nobody") == []


def test_a_decision_has_one_number_and_a_second_of_the_same_writes_nothing(db: Database) -> None:
    (who,) = people(db, 1)
    before = loaded(db, who).state
    decide(db, who)
    post(db, [who], fact("e2"))
    with pytest.raises(IntegrityError):
        commit(db, claim(db), [outcome(who, before, language="fr")])
    assert loaded(db, who).state.language == ""
