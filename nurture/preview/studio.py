"""The authors' files as they are now, and as they last were right: what every page is made from.

An edit makes a new edition at once, with the mails it touches compiled when they are looked at; the full check follows and
adds what it finds. Files that cannot be read leave the last good edition's mails standing, marked as old.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

from nurture.authoring.bundle import Bundle, Compiled, compile_bundle
from nurture.authoring.problems import Problem
from nurture.core.program import Program
from nurture.core.world import World
from nurture.delivery.compose import Composer
from nurture.delivery.library import Library
from nurture.engine.worlds import library_of
from nurture.preview.letters import Letter
from nurture.preview.mails import Mail, every_mail
from nurture.preview.making import Failure, letter_for
from nurture.preview.readers import Reader, samples

SALT = b"preview"
MOST_AT_ONCE = 150
"""Mails that are all made without being asked for; of more, only those that are looked at."""


@dataclass(frozen=True)
class Desk:
    """What the studio works with. `place` turns a file of the bundle into its path on this machine."""

    read: Callable[[], Bundle]
    check: Callable[[Bundle], Sequence[Problem]]
    place: Callable[[str], str]
    composer: Composer
    now: datetime


@dataclass(frozen=True)
class Good:
    """Files that could be read: what pages show. `mails` are by name, in their order."""

    compiled: Compiled
    world: World
    library: Library
    mails: Mapping[str, Mail]
    samples: tuple[Reader, ...]

    @property
    def is_large(self) -> bool:
        """Whether there are too many mails to make all of them at each edit."""
        return len(self.mails) > MOST_AT_ONCE

    def program(self, name: str) -> Program | None:
        """The campaign of that name."""
        version = self.world.current.get(name)
        return self.world.programs.get((name, version)) if version is not None else None


@dataclass(frozen=True)
class Edition:
    """The files at one moment. `good` is of an earlier moment where `is_old`, and None while they never could be read."""

    number: int
    good: Good | None
    is_old: bool
    problems: Sequence[Problem]
    files: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Shown:
    """A mail for a reader: as it is, or as it last was with why it cannot be made now."""

    letter: Letter | None
    failure: Failure | None = None


_Kept: TypeAlias = tuple[Library, Mail]


class Studio:
    """Holds the latest edition. Safe for many threads."""

    def __init__(self, desk: Desk) -> None:
        """Read the files for the first time."""
        self._desk = desk
        self._turn = threading.Lock()
        self._composing = threading.Lock()
        self._kept: dict[str, _Kept] = {}
        self._closed = False
        self._bundle = Bundle({})
        self._edition = Edition(0, None, False, (), {})
        self.refresh()

    @property
    def edition(self) -> Edition:
        """The latest."""
        return self._edition

    def refresh(self) -> bool:
        """Read the files again; answers whether they say something new. Fast: the full check is `examine`'s."""
        with self._turn:
            bundle = self._desk.read()
            if bundle == self._bundle and self._edition.number:
                return False
            compiled = compile_bundle(bundle, salt=SALT)
            before = self._edition
            good = _good(compiled) or before.good
            self._bundle = bundle
            self._edition = Edition(
                before.number + 1, good, compiled.world is None, self._placed(compiled.problems), self._files(bundle)
            )
            return True

    def examine(self) -> bool:
        """Check the files in full; answers whether that found something to show.

        Every mail is made once before, so that it can still be shown when it breaks.
        """
        with self._turn:
            bundle, number, good = self._bundle, self._edition.number, self._edition.good
        if self._closed or (good is not None and not good.is_large and not self._shown_once(good, number)):
            return False
        problems = self._placed(self._desk.check(bundle))
        with self._turn:
            if self._edition.number != number or list(problems) == list(self._edition.problems):
                return False
            self._edition = replace(self._edition, number=number + 1, problems=problems)
            return True

    def close(self) -> None:
        """Examine no more."""
        self._closed = True

    def _shown_once(self, good: Good, number: int) -> bool:
        """Make every mail; answers False when there is no more need, because another edition came."""
        for mail in good.mails.values():
            if self._closed or self._edition.number != number:
                return False
            self.show(good, mail, good.samples[0])
        return True

    def show(self, good: Good, mail: Mail, reader: Reader) -> Shown:
        """A mail of these files for this reader; where it cannot be made, as it last could."""
        with self._composing:
            made = self._made(good.library, mail, reader)
            if isinstance(made, Letter):
                self._kept[mail.id] = (good.library, mail)
                return Shown(made)
            kept = self._kept.get(mail.id)
            old = self._made(*kept, reader) if kept is not None else None
        return Shown(old if isinstance(old, Letter) else None, made)

    def place(self, name: str) -> str:
        """Where a file of the bundle, perhaps with its line, lies on this machine."""
        path, colon, line = name.partition(":")
        return f"{self._desk.place(path)}{colon}{line}"

    def _made(self, library: Library, mail: Mail, reader: Reader) -> Letter | Failure:
        return letter_for(self._desk.composer, library, mail, reader, self._desk.now)

    def _placed(self, problems: Sequence[Problem]) -> tuple[Problem, ...]:
        return tuple(replace(problem, file=self._desk.place(problem.file)) for problem in problems)

    def _files(self, bundle: Bundle) -> dict[str, str]:
        return {self._desk.place(path): text for path, text in bundle.files.items()}


def _good(compiled: Compiled) -> Good | None:
    world = compiled.world
    if world is None:
        return None
    mails = {mail.id: mail for mail in every_mail(world, compiled)}
    return Good(compiled, world, library_of(compiled, world), mails, samples(world, compiled.contact_fields))
