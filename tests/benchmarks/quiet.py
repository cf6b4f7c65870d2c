"""Whether everything is done: nothing due, and nothing in any worker's hands, at one and the same moment."""

from datetime import datetime

from nurture.storage.claims import in_hand, next_due
from nurture.storage.database import Database


def is_over(db: Database, now: datetime) -> bool:
    """Of one snapshot: what goes from hand to hand between two looks would be seen by neither."""
    with db.read() as c:
        if db.engine.dialect.name == "postgresql":
            c.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        due = next_due(c)
        return (due is None or due > now) and not in_hand(c, now)
