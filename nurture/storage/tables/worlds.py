"""What authors applied: immutable bundles of their files, the campaign versions in them, and which is active."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from nurture.storage.tables.base import JSON_TYPE, Base, Utc, table_of


class BundleRow(Base, table=True):
    """All files of one `apply`, by path, named by the hash of their content."""

    __tablename__ = "bundles"

    hash: str = Field(primary_key=True)
    files: dict[str, Any] = Field(sa_type=JSON_TYPE)
    applied_at: datetime = Field(sa_type=Utc)


class CampaignVersionRow(Base, table=True):
    """One version of one campaign, as a bundle holds it; several bundles may hold the same version."""

    __tablename__ = "campaign_versions"
    __table_args__ = (Index("ix_campaign_versions_version", "campaign", "version"),)

    bundle: str = Field(primary_key=True, foreign_key="bundles.hash")
    campaign: str = Field(primary_key=True)
    version: str
    path: str
    source: str
    applied_at: datetime = Field(sa_type=Utc)


class ActiveWorldRow(Base, table=True):
    """The bundle contacts enter by, now; `winners` counts how often a variant was found to be the best."""

    __tablename__ = "active_world"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)

    id: int = Field(default=1, primary_key=True)
    bundle: str = Field(foreign_key="bundles.hash")
    activated_at: datetime = Field(sa_type=Utc)
    winners: int = Field(sa_column_kwargs={"server_default": text("0")})


class WinnerRow(Base, table=True):
    """The variant of a step that did best in its sample, with what each variant did."""

    __tablename__ = "winners"

    campaign: str = Field(primary_key=True)
    step: str = Field(primary_key=True)
    variant: str
    decided_at: datetime = Field(sa_type=Utc)
    counts: dict[str, Any] = Field(sa_type=JSON_TYPE)


bundles = table_of(BundleRow)
campaign_versions = table_of(CampaignVersionRow)
active_world = table_of(ActiveWorldRow)
winners = table_of(WinnerRow)
