"""What is applied now, compiled: once, and again when another bundle is activated or a winner is found."""

import hashlib
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from nurture.authoring.bundle import Bundle, Compiled, compile_bundle, templates_of
from nurture.core.world import World
from nurture.delivery.library import Library
from nurture.storage.database import Database
from nurture.storage.instance import instance
from nurture.storage.webinars import Dating, datings
from nurture.storage.winners import found_winners
from nurture.storage.worlds import Pin, active_mark, load_bundles


class NothingApplied(Exception):
    """There are no campaigns in the database yet."""

    def __str__(self) -> str:
        return "No campaign has been applied to this database yet: run `nurture apply`."


class CannotCompile(Exception):
    """What is applied cannot be read by this version of the program; the text holds the problems."""


@dataclass(frozen=True, slots=True)
class Applied:
    """One bundle as the rooms need it: the core's world, delivery's library, and the forms and assets of the web."""

    world: World
    library: Library
    compiled: Compiled


class Worlds:
    """Gives what is applied now; asking costs one small statement. Safe to share between threads."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._lock = threading.Lock()
        self._known: Applied | None = None
        self._mark: tuple[str, int] | None = None

    def current(self) -> Applied:
        """What is applied now. Raises NothingApplied before the first apply."""
        with self._lock, self._db.read() as c:
            active = active_mark(c)
            if active is None:
                raise NothingApplied
            if self._known is None or self._mark != active:
                self._known, self._mark = _compile(c), active
            return self._known

    def world(self) -> World:
        """The core's part."""
        return self.current().world

    def library(self) -> Library:
        """Delivery's part."""
        return self.current().library


def _compile(c: Connection) -> Applied:
    found = load_bundles(c)
    if found.active is None:
        raise NothingApplied
    compiled = compile_bundle(found.active, salt=instance(c).salt, pinned=found.pinned)
    if compiled.world is None:
        raise CannotCompile("\n".join(str(problem) for problem in compiled.problems))
    world = as_known(c, compiled.world)
    return Applied(world, library_of(compiled, world, found.pinned), compiled)


def as_known(c: Connection, world: World) -> World:
    """The world with what the database knows beside the files: the best variants, and since when webinars have their dates."""
    return _with_winners(_dated(world, datings(c)), found_winners(c))


def _with_winners(world: World, winners: Mapping[tuple[str, str], str]) -> World:
    """The world in which the best variants are known, under a name of its own."""
    if not winners:
        return world
    told = "\n".join(f"{campaign} {step} {variant}" for (campaign, step), variant in sorted(winners.items()))
    name = hashlib.sha256(f"{world.hash}\n{told}".encode()).hexdigest()
    return replace(world, hash=name, winners=winners)


def _dated(world: World, known: Mapping[str, Dating]) -> World:
    """The world whose webinars know since when they have their date, and how often they had another."""
    dated = {
        name: replace(content, dated_at=known[name][0], moved=known[name][1])
        for name, content in world.catalogue.items()
        if name in known
    }
    return replace(world, catalogue={**world.catalogue, **dated}) if dated else world


def library_of(compiled: Compiled, world: World, pinned: Mapping[Pin, Bundle] | None = None) -> Library:
    """Delivery's library of a compiled bundle."""
    older = {pin: templates_of(bundle.files) for pin, bundle in (pinned or {}).items()}
    titles = {form.id: {text.language: text.title for text in form.texts} for form in compiled.forms.values()}
    return Library(world, compiled.templates, older, compiled.contact_fields, titles)
