"""Everything the authors wrote, as one value: read from the folders, kept by `apply`, compiled to a World.

A bundle holds texts only. The files of campaigns/assets/ stay where they are and are named in it by size and SHA-256, so
that a changed white paper makes a new bundle.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from nurture.authoring.explained import EXPLAINED
from nurture.authoring.files import CAMPAIGNS, MANIFEST, Asset, Read, assets_of, read_files, templates_of
from nurture.authoring.forms import Form
from nurture.authoring.lint.ignored import without_ignored
from nurture.authoring.lint.mail import Sources
from nurture.authoring.mails import TEMPLATES, Mails, Need, SpecOf, check_mails, check_notices
from nurture.authoring.places import holidays_of, zones_of
from nurture.authoring.problems import Code, Log, Problem, Spot, in_order
from nurture.authoring.review import review
from nurture.authoring.vocabulary import STANDARD_FIELDS, Field
from nurture.authoring.yaml import LARGEST
from nurture.content.bounded import SHARED
from nurture.core.acts import Notify
from nurture.core.program import Content, Program
from nurture.core.teams import Team
from nurture.core.world import World
from nurture.storage.bundle import Bundle, Pin

__all__ = ["Asset", "Bundle", "Compiled", "assets_of", "check", "compile_bundle", "read_bundle", "templates_of"]

SALT_OF_CHECKS = b"check"


@dataclass(frozen=True)
class Compiled:
    """What a bundle means. `world` is None when `problems` has an error; `templates` are sources by file name."""

    world: World | None
    problems: tuple[Problem, ...]
    templates: Mapping[str, str]
    assets: Mapping[str, Asset]
    forms: Mapping[str, Form] = field(default_factory=dict)
    fields: Mapping[str, Field] = field(default_factory=lambda: STANDARD_FIELDS)

    @property
    def failed(self) -> bool:
        """Whether something is wrong that keeps the files from being applied."""
        return self.world is None

    @property
    def contact_fields(self) -> frozenset[str]:
        """What a template may use after `contact.`."""
        return frozenset(self.fields) | {"address"}


def read_bundle(campaigns: Path, templates: Path) -> Bundle:
    """The files of the two folders. Raises OSError only when a file that is there cannot be read."""
    files = {f"{CAMPAIGNS}/{path.name}": _text(path) for path in _files(campaigns, ".yaml", ".yml")}
    files |= {f"{TEMPLATES}/{path.name}": _text(path) for path in _files(templates, ".mjml")}
    listed = [_listed(path) for path in _files(campaigns / "assets")]
    return Bundle({**files, MANIFEST: "".join(listed)} if listed else files)


def _files(folder: Path, *endings: str) -> list[Path]:
    if not folder.is_dir():
        return []
    found = (path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    return sorted(path for path in found if not endings or path.suffix in endings)


def _text(path: Path) -> str:
    """What is no UTF-8 survives as lone surrogates, for the loader to point at; what is too large is cut just beyond."""
    with path.open("rb") as file:
        return file.read(LARGEST + 1).decode("utf-8", "surrogateescape")


def _listed(path: Path) -> str:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return f"{digest} {path.stat().st_size} {path.name}\n"


def compile_bundle(bundle: Bundle, *, salt: bytes, pinned: Mapping[Pin, Bundle] | None = None) -> Compiled:
    """The World of a bundle, with the versions of campaigns that enrolments still run, from the bundles that hold them."""
    log = Log()
    read = read_files(bundle.files, log)
    olds = _pinned(read, pinned or {}, log)
    return _compiled(bundle, salt, read, olds, log.problems)


def _compiled(
    bundle: Bundle, salt: bytes, read: Read, olds: "Mapping[Pin, _Old]", problems: Iterable[Problem]
) -> Compiled:
    found = tuple(in_order(problems))
    failed = any(problem.is_error for problem in found)
    return Compiled(
        world=None if failed else _world(bundle, salt, read, olds),
        problems=found,
        templates=templates_of(bundle.files),
        assets=assets_of(bundle.files),
        forms=read.forms,
        fields=read.fields,
    )


@dataclass(frozen=True, slots=True)
class _Old:
    """A version of a campaign from an earlier bundle, and what that bundle knew."""

    program: Program
    read: Read


def _pinned(read: Read, pinned: Mapping[Pin, Bundle], lost: Log) -> dict[Pin, _Old]:
    earlier: dict[str, Read | None] = {}
    olds: dict[Pin, _Old] = {}
    for pin, bundle in sorted(pinned.items(), key=lambda item: item[0]):
        if any((program.name, program.version) == pin for program in read.programs):
            continue
        if bundle.hash not in earlier:
            log = Log()
            found = read_files(bundle.files, log)
            earlier[bundle.hash] = None if log.failed else found
        old = earlier[bundle.hash]
        program = next((p for p in old.programs if p.name == pin[0]), None) if old else None
        if old is None or program is None:
            _lose(pin, lost)
        else:
            # Its name stays the one that enrolments bear, even should this program of ours hash it otherwise.
            olds[pin] = _Old(replace(program, version=pin[1]), old)
    return olds


def _lose(pin: Pin, lost: Log) -> None:
    name, version = pin
    message = f'contacts are still in version {version} of "{name}", which can no longer be read'
    lost.add(
        Code.LOST_VERSION,
        Spot(CAMPAIGNS),
        message,
        "remove them from the campaign, or return to the nurture that wrote it",
    )


def _world(bundle: Bundle, salt: bytes, read: Read, olds: Mapping[Pin, _Old]) -> World:
    catalogue: dict[str, Content] = {}
    teams: dict[str, Team] = {}
    for old in olds.values():
        catalogue |= old.read.catalogue
        teams |= old.read.teams
    programs = {(program.name, program.version): program for program in read.programs}
    return World(
        hash=bundle.hash,
        salt=salt,
        programs={**{pin: old.program for pin, old in olds.items()}, **programs},
        current={program.name: program.version for program in read.programs},
        catalogue={**catalogue, **read.catalogue},
        teams={**teams, **read.teams},
        scoring=read.scoring,
        home=read.home,
        segments=read.segments.segments,
        holidays=holidays_of,
        zones=zones_of,
    )


@dataclass(frozen=True, slots=True)
class Examined:
    """Everything wrong with the files, and what their mails need to know of contacts."""

    problems: list[Problem]
    needs: tuple[Need, ...] = ()


def check(bundle: Bundle, spec_of: SpecOf | None = None) -> list[Problem]:
    """Everything wrong with the files; with `spec_of`, each mail that can be sent is compiled as well."""
    return examine(bundle, spec_of).problems


def examine(bundle: Bundle, spec_of: SpecOf | None = None) -> Examined:
    """As `check`, with the needs of the mails."""
    if spec_of is not None:
        SHARED.begin()
    log = Log()
    read = read_files(bundle.files, log)
    compiled = _compiled(bundle, SALT_OF_CHECKS, read, {}, log.problems)
    problems = [*compiled.problems, *review(read)]
    mails = Mails()
    if spec_of is not None and compiled.world is not None:
        fields, templates = compiled.contact_fields, compiled.templates
        mails = check_mails(compiled.world, templates, fields, read.spots, spec_of, Sources(bundle.files))
        problems += mails.problems
        problems += check_notices(compiled.world, templates, fields, _languages(compiled))
    return Examined(in_order(without_ignored(problems, bundle.files, frozenset(EXPLAINED))), tuple(mails.needs))


def _languages(compiled: Compiled) -> dict[str, frozenset[str]]:
    """The languages that each kind of notice is written in: those of the forms, and of the teams."""
    teams = compiled.world.teams.values() if compiled.world else ()
    confirmed = [form for form in compiled.forms.values() if form.double_opt_in]
    return {
        "confirmation": frozenset(text.language for form in confirmed for text in form.texts),
        "hand_off": frozenset(team.language for team in teams),
        "notify": frozenset(_told_by_mail(compiled.world)) if compiled.world else frozenset(),
    }


def _told_by_mail(world: World) -> Iterator[str]:
    """The languages of the teams that some step notifies."""
    for program in world.current_programs():
        for step in (step for stage in program.stages for step in stage.steps if isinstance(step, Notify)):
            yield world.teams[step.team].language
