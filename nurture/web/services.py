"""What the pages need of the rest of the house, chosen by `wiring` and given once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nurture.authoring.forms import Form
from nurture.clock import Clock
from nurture.content.tokens import Tokens
from nurture.core.teams import Team
from nurture.inbound.intake import Intake
from nurture.storage.database import Database


@dataclass(frozen=True, slots=True)
class Site:
    """What the authors applied, as far as the pages show it.

    `name` signs the pages. `assets` are the files that may be downloaded, by the path the catalogue gives them: nothing
    else of the disk is ever served. `contents` are the ids of the catalogue. `teams` tells the language and the zone of who answers hand-offs.
    """

    name: str = ""
    forms: Mapping[str, Form] = field(default_factory=dict)
    assets: Mapping[str, Path] = field(default_factory=dict)
    teams: Mapping[str, Team] = field(default_factory=dict)
    contents: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class HookAccess:
    """How a provider signs in to our hooks; empty, nobody does."""

    user: str = ""
    password: str = field(default="", repr=False)
    resend_secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Services:
    """Everything `create_app` is built from. `site` is asked at each request, in a thread, and must be quick."""

    db: Database
    intake: Intake
    tokens: Tokens
    clock: Clock
    site: Callable[[], Site]
    hooks: HookAccess = HookAccess()
    threads: int = 4
