"""The shipped campaign with contacts in it, put there by the engine itself: due at their first send, or asleep.

They are tagged on a Sunday, so the engine enters them and puts off the first mail to Monday morning, when the campaign's
window opens: every one of them has a timer then, and nothing is due before.
"""

from collections.abc import Sequence
from datetime import timedelta

from nurture.core.events import ProfileChanged
from nurture.core.words import Basis
from nurture.engine.deciding import Decider
from nurture.engine.worlds import Worlds
from nurture.planning.apply import apply_bundle
from nurture.storage.contacts import NewContact, upsert_contacts
from nurture.storage.database import Database
from nurture.storage.inbox import post_events
from tests.benchmarks.settings import SUNDAY
from tests.benchmarks.shipped import shipped

CAMPAIGN = "migration-cloud"
TAG = "salon-2026"
AT_ONCE = 5000
LEASE = timedelta(minutes=5)


def apply_campaigns(db: Database) -> None:
    """The campaigns and templates that the repository ships."""
    apply_bundle(db, shipped(), SUNDAY)


def take_in(db: Database, count: int, first: int = 0) -> list[int]:
    """New contacts, who belong to nothing yet; answers their numbers."""
    ids: list[int] = []
    for start in range(first, first + count, AT_ONCE):
        new = [_contact(n) for n in range(start, min(start + AT_ONCE, first + count))]
        with db.begin() as c:
            ids += [one.id for one in upsert_contacts(c, new, SUNDAY)]
    return ids


def enter(db: Database, ids: Sequence[int]) -> None:
    """Tag the contacts on Sunday and decide: each then waits for Monday's window."""
    for start in range(0, len(ids), AT_ONCE):
        tagged = [(who, ProfileChanged("tag:fair", SUNDAY, tags=(TAG,))) for who in ids[start : start + AT_ONCE]]
        with db.begin() as c:
            post_events(c, tagged, SUNDAY)
    decider = Decider(db, Worlds(db).world, AT_ONCE, LEASE)
    while decider.run_once(SUNDAY).contacts:
        pass


def _contact(n: int) -> NewContact:
    """Somebody who fits: about one in twenty is held out of every mail, as the campaign says."""
    return NewContact(
        f"claire.martin.{n}@entreprise-{n % 997}.example",
        {
            "first_name": f"Claire-{n}",
            "last_name": "Martin",
            "company": f"Entreprise {n % 997}",
            "job_title": "Directrice informatique",
            "industry": "Mécanique",
            "employees": 100 + n % 900,
        },
        language="fr",
        country="FR",
        zone="Europe/Paris",
        basis=Basis.OPT_IN,
        company_domain=f"entreprise-{n % 997}.example",
        company_name=f"Entreprise {n % 997}",
    )
