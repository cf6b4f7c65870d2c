"""Tags in SQL: letter for letter."""

from sqlalchemy import Boolean, Text, func, literal, select

from nurture.storage.conditions.asked import Asked, can_be_kept
from nurture.storage.conditions.bounds import Bounds, settled, unsure
from nurture.storage.tables import contacts


def tagged(tag: str, asked: Asked) -> Bounds:
    """Bears the tag."""
    if not can_be_kept(tag):
        return unsure()
    wanted = literal(tag, Text())
    if not asked.lite:
        return settled(contacts.c.tags.op("?", return_type=Boolean())(wanted))
    borne = func.json_each(contacts.c.tags).table_valued("value", name="borne")
    return settled(select(borne.c.value).where(borne.c.value == wanted).correlate(contacts).exists())
