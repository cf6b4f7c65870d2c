"""Every table, one file a subject. Importing this package fills `metadata`."""

from sqlalchemy import MetaData

from nurture.storage.tables.applications import application_stages, applications
from nurture.storage.tables.base import Base
from nurture.storage.tables.brakes import brakes, budgets, watch
from nurture.storage.tables.campaigns import enrolments, touches
from nurture.storage.tables.compositions import compositions
from nurture.storage.tables.contacts import companies, consents, contacts, holds, suppressions
from nurture.storage.tables.inbox import agenda, events, receipts
from nurture.storage.tables.instance import instance
from nurture.storage.tables.journal import journal
from nurture.storage.tables.keys import api_keys
from nurture.storage.tables.newsletters import newsletters
from nurture.storage.tables.outbox import deliveries, outbox
from nurture.storage.tables.sales import hand_offs
from nurture.storage.tables.score import ledger
from nurture.storage.tables.tasks import tasks
from nurture.storage.tables.webinars import webinar_dates
from nurture.storage.tables.worlds import active_world, bundles, campaign_versions, winners

metadata: MetaData = Base.metadata

__all__ = [
    "active_world",
    "agenda",
    "api_keys",
    "application_stages",
    "applications",
    "brakes",
    "budgets",
    "bundles",
    "campaign_versions",
    "companies",
    "compositions",
    "consents",
    "contacts",
    "deliveries",
    "enrolments",
    "events",
    "hand_offs",
    "holds",
    "instance",
    "journal",
    "ledger",
    "metadata",
    "newsletters",
    "outbox",
    "receipts",
    "suppressions",
    "tasks",
    "touches",
    "watch",
    "webinar_dates",
    "winners",
]
