"""Signals in SQL: how often a contact gave one, by the ledger's days."""

from typing import Any, assert_never

from sqlalchemy import BigInteger, ColumnElement, and_, func, literal, or_, select

from nurture.core.conditions import Scope, Signalled
from nurture.core.words import CONTENT_FACTS
from nurture.storage.conditions.asked import Asked, can_be_kept
from nurture.storage.conditions.bounds import Bounds, always, settled, unsure
from nurture.storage.tables import contacts, enrolments, ledger


def signalled(ask: Signalled, asked: Asked) -> Bounds:
    """At least so many times in the scope; days still to come are within any number of days."""
    if ask.at_least < 1:
        return always()
    if not (can_be_kept(ask.object or "") and can_be_kept(ask.at_least) and can_be_kept(asked.today - ask.days)):
        return unsure()
    days = select(ledger.c.count).where(and_(*_counted(ask, asked))).correlate(contacts)
    if ask.at_least == 1:
        return settled(days.where(ledger.c.count > 0).exists())
    total = days.with_only_columns(func.coalesce(func.sum(ledger.c.count), 0)).scalar_subquery()
    return settled(total >= literal(ask.at_least, BigInteger()))


def _counted(ask: Signalled, asked: Asked) -> list[ColumnElement[bool]]:
    """What the days that count have in common."""
    entry = ledger.c
    tests = [entry.contact_id == contacts.c.id, entry.signal == ask.signal.value]
    if ask.object is not None:
        tests.append(entry.object == ask.object)
    match ask.scope:
        case Scope.EVER:
            pass
        case Scope.WITHIN:
            tests.append(entry.day > literal(asked.today - ask.days, BigInteger()))
        case Scope.DEFAULT:
            if asked.campaign is not None and ask.signal not in CONTENT_FACTS:
                began = passage(enrolments.c.began_at, asked.campaign)
                tests.append(or_(began.is_(None), entry.last_at >= began))
        case _:
            assert_never(ask.scope)
    return tests


def passage(column: ColumnElement[Any], campaign: str) -> ColumnElement[Any]:
    """A column of the contact's enrolment in a campaign; NULL where it has none."""
    own = and_(enrolments.c.contact_id == contacts.c.id, enrolments.c.campaign == campaign)
    return select(column).where(own).correlate(contacts).scalar_subquery()
