"""What authors applied stays as it was, as long as anybody is in it."""

from nurture.core.state import End, Ended, Enrolment, Exhausted
from nurture.storage.database import Database
from nurture.storage.worlds import (
    Bundle,
    CampaignVersion,
    activate,
    active_hash,
    load_bundles,
    source_of,
    store_bundle,
)
from tests.storage.scenes import DAY, NOW, decide, people

FIRST = Bundle({"campaigns/c.yaml": "campaign: c\nversion: 1\n", "campaigns/content.yaml": "é"})
SECOND = Bundle({"campaigns/c.yaml": "campaign: c\nversion: 2\n", "campaigns/content.yaml": "é"})


def apply(db: Database, bundle: Bundle, version: str, days: int = 0) -> str:
    """Store and activate a bundle with one campaign."""
    with db.begin() as c:
        name = store_bundle(c, bundle, [CampaignVersion("c", version, "campaigns/c.yaml")], NOW + days * DAY)
        activate(c, name, NOW + days * DAY)
        return name


def enrolled(version: str, ended: bool = False) -> dict[str, Enrolment]:
    """In the campaign at a version."""
    position = Ended(End.COMPLETED, NOW) if ended else Exhausted()
    return {"c": Enrolment("c", version, "tofu", position, NOW, NOW, NOW)}


def test_nothing_is_active_at_first(db: Database) -> None:
    with db.read() as c:
        assert active_hash(c) is None
        assert load_bundles(c).active is None


def test_a_bundle_is_named_by_its_content() -> None:
    assert FIRST.hash == Bundle(dict(reversed(FIRST.files.items()))).hash != SECOND.hash


def test_the_active_bundle_comes_back_as_it_was(db: Database) -> None:
    name = apply(db, FIRST, "v1")
    with db.read() as c:
        assert (active_hash(c), load_bundles(c).active) == (name, FIRST)
        assert load_bundles(c).pinned == {}


def test_applying_twice_changes_nothing(db: Database) -> None:
    assert apply(db, FIRST, "v1") == apply(db, FIRST, "v1", days=1)
    with db.read() as c:
        assert source_of(c, "c", "v1") == FIRST.files["campaigns/c.yaml"]


def test_a_version_with_contacts_in_it_stays_loaded(db: Database) -> None:
    apply(db, FIRST, "v1")
    (who,) = people(db, 1)
    decide(db, who, enrolments=enrolled("v1"))
    apply(db, SECOND, "v2", days=1)
    with db.read() as c:
        found = load_bundles(c)
    assert (found.active, found.pinned) == (SECOND, {("c", "v1"): FIRST})


def test_a_version_nobody_is_in_any_more_is_not_loaded(db: Database) -> None:
    apply(db, FIRST, "v1")
    (who,) = people(db, 1)
    decide(db, who, enrolments=enrolled("v1", ended=True))
    apply(db, SECOND, "v2", days=1)
    with db.read() as c:
        assert load_bundles(c).pinned == {}
        assert source_of(c, "c", "v1") == FIRST.files["campaigns/c.yaml"]


def test_going_back_to_an_earlier_bundle(db: Database) -> None:
    first = apply(db, FIRST, "v1")
    apply(db, SECOND, "v2", days=1)
    assert apply(db, FIRST, "v1", days=2) == first
    with db.read() as c:
        assert load_bundles(c).active == FIRST
