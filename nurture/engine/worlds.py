"""The compiled World of what is applied now: compiled once, and again when another bundle is activated."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection

from nurture.authoring.bundle import Compiled, compile_bundle
from nurture.core.world import World
from nurture.storage.database import Database
from nurture.storage.instance import instance
from nurture.storage.worlds import active_hash, load_bundles, pinned


class NothingApplied(Exception):
    """No campaign has been applied to this database yet: run `nurture apply`."""

    def __str__(self) -> str:
        return "No campaign has been applied to this database yet: run `nurture apply`."
