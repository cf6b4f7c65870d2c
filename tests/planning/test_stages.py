"""The stages that a plan prints are what apply performs: on the same contacts, once, also when it is killed in between."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import func, select

from nurture.core.scoring import Scoring
from nurture.core.state import Ended, Enrolment, Exhausted, Position, Waiting
from nurture.core.words import End
from nurture.engine.worlds import Worlds
from nurture.planning.apply import finish, perform
from nurture.planning.choices import read_choice
from nurture.planning.plan import Intent, intend
from nurture.planning.stages import Activate, CarryOver, ForContacts, LookAgain, concerned, concerns, from_json, to_json
from nurture.storage.applications import AppliedMeanwhile, apply_alone, history, stage_rows, unfinished, version_runs
from nurture.storage.database import Database
from nurture.storage.load import load_contacts
from nurture.storage.states import save_states
from nurture.storage.tables import applications, enrolments, events
from nurture.storage.worlds import activate, active_hash, store_bundle
from tests.authoring.builders import CAMPAIGN, Bundle, Edit
from tests.authoring.builders import FILES as LEAST
from tests.builders import MONDAY, at
from tests.planning.test_apply import decide
from tests.storage.scenes import people

NOW = at(MONDAY)
WAIT = "tofu/wait@send:guide#1"
HERE = Waiting(WAIT, NOW + timedelta(days=3))
LONGER = Edit(CAMPAIGN, "wait: 3 days", "wait: 5 days")
STAGES: list[ForContacts] = [
    CarryOver("welcome", "v2"),
    CarryOver("welcome", "v2", only_from="v1"),
    LookAgain("b"),
    LookAgain("b", ("other",)),
    LookAgain("b", everybody=True),
]


class Killed(Exception):
    """The process died."""


def place(db: Database, *places: tuple[str, str, Position], first: int = 0) -> list[int]:
    """So many contacts, each at a place of a campaign's version."""
    ids = people(db, len(places), first)
    with db.begin() as c:
        found = load_contacts(c, ids, NOW)
        changes = []
        for who, (campaign, version, position) in zip(ids, places, strict=True):
            state = found[who].state
            enrolment = Enrolment(campaign, version, "tofu", position, NOW, NOW, NOW)
            changes.append((who, state, replace(state, enrolments={campaign: enrolment})))
        save_states(c, changes, Scoring(), NOW)
    return ids


def intent(db: Database, *choices: str, files: dict[str, str] | None = None) -> Intent:
    """What the files mean now."""
    with db.read() as c:
        return intend(c, Bundle(files if files is not None else dict(LEAST)), [read_choice(text) for text in choices])


def in_the_campaign(db: Database, count: int) -> tuple[list[int], Intent]:
    """The least campaign applied, with so many in it, and what making its wait longer means."""
    perform(db, intent(db), NOW)
    first = intent(db).after.current["welcome"]
    ids = place(db, *[("welcome", first, HERE)] * count)
    return ids, intent(db, files=LONGER.of(LEAST))


def told(db: Database, kind: str) -> int:
    """How many events of a kind there are."""
    with db.read() as c:
        return int(c.execute(select(func.count()).where(events.c.kind == kind)).scalar_one())


@pytest.mark.parametrize("stage", STAGES, ids=str)
def test_a_stage_concerns_the_same_contacts_in_memory_and_in_the_database(db: Database, stage: ForContacts) -> None:
    over = Ended(End.LEFT, NOW)
    everywhere: list[tuple[str, str, Position]] = [
        (campaign, version, position)
        for campaign in ("welcome", "other")
        for version in ("v1", "v2", "v3")
        for position in (HERE, Exhausted(), over)
    ]
    ids = place(db, *everywhere)
    with db.read() as c:
        loaded = load_contacts(c, ids, NOW)
        asked = sorted(map(int, c.execute(concerned(stage)).scalars()))
    assert asked == sorted(who for who in ids if concerns(stage, loaded[who].state))


@pytest.mark.parametrize("stage", [Activate("b"), CarryOver("c", "v", "w", ("x",), ("y", "z")), *STAGES], ids=str)
def test_a_stage_is_kept_as_it_is(stage: Activate | ForContacts) -> None:
    assert from_json(to_json(stage)) == stage


def test_killed_between_chunks_it_goes_on_where_it_was(db: Database) -> None:
    ids, edit = in_the_campaign(db, 7)

    def die(count: int) -> None:
        raise Killed

    with pytest.raises(Killed):
        perform(db, edit, NOW, progress=die, at_once=3)
    assert told(db, "carried_over") == 3
    with db.read() as c:
        (left,) = unfinished(c)
        assert active_hash(c) == edit.bundle.hash
    with pytest.raises(Killed):
        finish(db, left.n, NOW, die, 3)
    assert finish(db, left.n, NOW, at_once=3).carried == len(ids)
    assert told(db, "carried_over") == len(ids)
    with db.read() as c:
        assert unfinished(c) == []
        assert [row.contacts for row in stage_rows(c, left.n)] == [0, 7, 0]


def test_finished_twice_is_finished_once(db: Database) -> None:
    ids, edit = in_the_campaign(db, 2)
    perform(db, edit, NOW)
    with db.read() as c:
        n = history(c)[0].n
    assert finish(db, n, NOW).carried == len(ids)
    assert told(db, "carried_over") == len(ids)


def test_an_intent_is_not_performed_on_other_files_than_it_was_made_for(db: Database) -> None:
    _, edit = in_the_campaign(db, 1)
    perform(db, intent(db, files=Edit(CAMPAIGN, "wait: 3 days", "wait: 9 days").of(LEAST)), NOW)
    with pytest.raises(AppliedMeanwhile, match="look at `nurture plan` again"):
        perform(db, edit, NOW)
    with db.read() as c:
        assert active_hash(c) != edit.bundle.hash
        assert len(history(c)) == 2


def test_of_two_who_apply_at_once_one_does_and_the_other_is_told(db: Database) -> None:
    ids, edit = in_the_campaign(db, 3)
    other = intent(db, files=Edit(CAMPAIGN, "wait: 3 days", "wait: 9 days").of(LEAST))
    ready = Barrier(2)

    def apply(mine: Intent) -> bool:
        ready.wait(30)
        try:
            return perform(db, mine, NOW).changed
        except AppliedMeanwhile:
            return False

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(apply, [edit, other])) == [False, True]
    with db.read() as c:
        assert [each.finished_at for each in history(c)] == [NOW, NOW]
    assert told(db, "carried_over") == len(ids)


def test_who_applies_waits_for_whoever_is_at_it(db: Database) -> None:
    _, edit = in_the_campaign(db, 3)
    with ThreadPoolExecutor(1) as pool:
        with db.begin() as c:
            apply_alone(c)
            waiting = pool.submit(perform, db, edit, NOW)
            with pytest.raises(TimeoutError):
                waiting.result(0.5)
        assert waiting.result(30).changed


def test_two_who_finish_at_once_tell_everybody_once(db: Database) -> None:
    ids, edit = in_the_campaign(db, 9)

    def die(count: int) -> None:
        raise Killed

    with pytest.raises(Killed):
        perform(db, edit, NOW, progress=die, at_once=2)
    with db.read() as c:
        (left,) = unfinished(c)
    with ThreadPoolExecutor(2) as pool:
        counts = list(pool.map(lambda _: finish(db, left.n, NOW, at_once=2).carried, range(2)))
    assert max(counts) == len(ids)
    assert told(db, "carried_over") == len(ids)


def test_applied_files_that_can_no_longer_be_read_do_not_stand_in_the_way(db: Database) -> None:
    perform(db, intent(db), NOW)
    spoilt = Bundle({**LEAST, CAMPAIGN: LEAST[CAMPAIGN].replace("- send: guide", "- shout: guide")})
    with db.begin() as c:
        store_bundle(c, spoilt, [], NOW)
        activate(c, spoilt.hash, NOW)
    mended = intent(db)
    assert (mended.base, mended.before) == (spoilt.hash, None)
    assert perform(db, mended, NOW).changed


def test_files_that_come_back_are_another_application(db: Database) -> None:
    ids, edit = in_the_campaign(db, 1)
    perform(db, edit, NOW)
    decide(db, Worlds(db))
    back = perform(db, intent(db), NOW + timedelta(hours=1))
    assert (back.changed, back.carried) == (True, len(ids))
    with db.read() as c:
        runs = version_runs(c, "welcome")
        versions = [run.version for run in runs]
        assert versions[0] == versions[2] != versions[1]
        assert [run.is_current for run in runs] == [True, False, False]
        assert [each.before for each in history(c)][-1] is None
        assert c.execute(select(func.count()).select_from(applications)).scalar_one() == 3


def test_an_edit_taken_back_before_anybody_heard_of_it_moves_nobody(db: Database) -> None:
    ids, edit = in_the_campaign(db, 2)
    perform(db, edit, NOW)
    assert perform(db, intent(db), NOW + timedelta(hours=1)).carried == 0
    place(db, ("welcome", edit.after.current["welcome"], HERE), first=2)  # so that the version is still known
    decide(db, Worlds(db))
    with db.read() as c:
        versions = c.execute(select(enrolments.c.version).where(enrolments.c.contact_id.in_(ids))).scalars().all()
    assert set(versions) == {intent(db).after.current["welcome"]}


def test_whom_it_tells_goes_on_by_the_new_version(db: Database) -> None:
    ids, edit = in_the_campaign(db, 3)
    perform(db, edit, NOW)
    decide(db, Worlds(db))
    with db.read() as c:
        rows = c.execute(select(enrolments.c.version, enrolments.c.due_at)).all()
    assert [tuple(row) for row in rows] == [(edit.after.current["welcome"], NOW + timedelta(days=5))] * len(ids)
