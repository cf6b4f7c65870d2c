"""What authors applied, kept as they wrote it: each process compiles it again when the active hash changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, union

from nurture.storage.bulk import insert_rows, upsert_rows
from nurture.storage.bundle import Bundle as Bundle
from nurture.storage.bundle import Pin as Pin
from nurture.storage.tables import active_world, bundles, campaign_versions, enrolments, outbox


@dataclass(frozen=True, slots=True)
class CampaignVersion:
    """A campaign's version, and the file of the bundle that holds it."""

    campaign: str
    version: str
    path: str


@dataclass(frozen=True, slots=True)
class Bundles:
    """The active bundle, and for every version still pinned that it lacks, the newest bundle that holds it."""

    active: Bundle | None
    pinned: Mapping[Pin, Bundle]


def store_bundle(c: Connection, bundle: Bundle, versions: Sequence[CampaignVersion], now: datetime) -> str:
    """Keep a bundle with its versions, and answer its hash. Storing it again changes nothing."""
    insert_rows(c, bundles, ("hash", "files", "applied_at"), [(bundle.hash, dict(bundle.files), now)], unless=["hash"])
    rows = [(bundle.hash, v.campaign, v.version, v.path, bundle.files[v.path], now) for v in versions]
    names = ("bundle", "campaign", "version", "path", "source", "applied_at")
    insert_rows(c, campaign_versions, names, rows, unless=["bundle", "campaign"])
    return bundle.hash


def activate(c: Connection, bundle: str, now: datetime) -> None:
    """Let contacts enter by this stored bundle from now on."""
    upsert_rows(c, active_world, ("id", "bundle", "activated_at"), [(1, bundle, now)], key=["id"])


def active_hash(c: Connection) -> str | None:
    """The active bundle's hash: cheap enough to ask before every batch."""
    found: str | None = c.execute(select(active_world.c.bundle)).scalar()
    return found


def active_mark(c: Connection) -> tuple[str, int] | None:
    """The active bundle's hash and how many winners were found: what changes whenever the world does."""
    row = c.execute(select(active_world.c.bundle, active_world.c.winners)).first()
    return None if row is None else (row[0], row[1])


def load_bundles(c: Connection) -> Bundles:
    """What a process compiles its world from."""
    active = active_hash(c)
    if active is None:
        return Bundles(None, {})
    where = {pin: _holder(c, pin) for pin in sorted(pinned(c) - _versions(c, active))}
    texts = {name: _bundle(c, name) for name in {active, *where.values()} if name is not None}
    return Bundles(texts[active], {pin: texts[name] for pin, name in where.items() if name is not None})


def source_of(c: Connection, campaign: str, version: str) -> str | None:
    """The text of one version of a campaign, for people."""
    found = version_file(c, campaign, version)
    return None if found is None else found[1]


def version_file(c: Connection, campaign: str, version: str) -> tuple[str, str] | None:
    """The path and text of one version of a campaign, as it was applied last."""
    v = campaign_versions.c
    query = select(v.path, v.source).where(v.campaign == campaign, v.version == version)
    row = c.execute(query.order_by(v.applied_at.desc(), v.bundle).limit(1)).first()
    return None if row is None else (row.path, row.source)


def active_versions(c: Connection) -> dict[str, str]:
    """The version by which contacts enter each campaign now."""
    v = campaign_versions.c
    query = select(v.campaign, v.version).join(active_world, active_world.c.bundle == v.bundle)
    return {row.campaign: row.version for row in c.execute(query.order_by(v.campaign))}


def pinned(c: Connection) -> set[Pin]:
    """The versions that live enrolments or unsent messages need."""
    e, o = enrolments.c, outbox.c
    live = select(e.campaign, e.version).where(~e.ended)
    unsent = select(o.campaign, o.version).where(o.due_at.is_not(None), o.campaign != "")
    return {(row.campaign, row.version) for row in c.execute(union(live, unsent))}


def _versions(c: Connection, bundle: str) -> set[Pin]:
    v = campaign_versions.c
    return {(row.campaign, row.version) for row in c.execute(select(v.campaign, v.version).where(v.bundle == bundle))}


def _holder(c: Connection, pin: Pin) -> str | None:
    v = campaign_versions.c
    newest = select(v.bundle).where(v.campaign == pin[0], v.version == pin[1]).order_by(v.applied_at.desc(), v.bundle)
    found: str | None = c.execute(newest.limit(1)).scalar()
    return found


def _bundle(c: Connection, name: str) -> Bundle:
    return Bundle(c.execute(select(bundles.c.files).where(bundles.c.hash == name)).scalar_one())
