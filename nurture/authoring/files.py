"""From the texts of all files to what they say together, every mistake of every file in one log."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TypeAlias

from nurture.authoring.cadence import CADENCE_FILE, COMPANY, read_cadence
from nurture.authoring.campaign import Company, read_campaign
from nurture.authoring.catalogue import read_catalogue
from nurture.authoring.checks import check_whole
from nurture.authoring.compile import compile_campaign
from nurture.authoring.drafts import CampaignDraft, in_document_order
from nurture.authoring.forms import Form, form_ids, read_forms
from nurture.authoring.lint.reviewed import Drafted
from nurture.authoring.mails import TEMPLATES
from nurture.authoring.newsletter import is_newsletter, read_newsletter
from nurture.authoring.nodes import Node
from nurture.authoring.problems import Code, Log, Spot
from nurture.authoring.scoring import ScoringFile, persona_names, read_mql, read_scoring
from nurture.authoring.segments import SegmentsFile, read_segments
from nurture.authoring.teams import read_teams
from nurture.authoring.vocabulary import STANDARD_FIELDS, Field, Vocabulary
from nurture.authoring.yaml import is_text, load
from nurture.core.conditions import NEVER
from nurture.core.program import HOME, Content, Program
from nurture.core.scoring import Scoring
from nurture.core.teams import Team

CAMPAIGNS = "campaigns"
MANIFEST = f"{CAMPAIGNS}/assets.sha256"

SHARED = ("content.yaml", "scoring.yaml", "teams.yaml", "cadence.yaml", "forms.yaml", "segments.yaml")
"""Files of campaigns/ that are no campaign; each may be missing."""

PartSpots: TypeAlias = Mapping[tuple[str, str, str], Spot]
"""Where (campaign, step key, part) is written; the part is empty for the step itself, else `subject`, a variant, …"""


@dataclass(frozen=True, slots=True)
class Asset:
    """A file of campaigns/assets/."""

    name: str
    size: int
    sha256: str


@dataclass(slots=True)
class Read:
    """What the files of one bundle say. `programs` is only complete when it `is_whole`: the log has no error."""

    programs: list[Program] = field(default_factory=list)
    catalogue: Mapping[str, Content] = field(default_factory=dict)
    teams: Mapping[str, Team] = field(default_factory=dict)
    scoring: Scoring = field(default_factory=Scoring)
    fields: Mapping[str, Field] = field(default_factory=lambda: STANDARD_FIELDS)
    forms: Mapping[str, Form] = field(default_factory=dict)
    segments: SegmentsFile = field(default_factory=SegmentsFile)
    home: str = HOME
    spots: dict[tuple[str, str, str], Spot] = field(default_factory=dict)
    drafted: list[Drafted] = field(default_factory=list)
    is_whole: bool = True


def templates_of(files: Mapping[str, str]) -> Mapping[str, str]:
    """The sources of the mail templates by file name."""
    begin = f"{TEMPLATES}/"
    return MappingProxyType({path.removeprefix(begin): text for path, text in files.items() if path.startswith(begin)})


def assets_of(files: Mapping[str, str]) -> Mapping[str, Asset]:
    """The files that can be downloaded, by name."""
    lines = (line.split(" ", 2) for line in files.get(MANIFEST, "").splitlines())
    return MappingProxyType({name: Asset(name, int(size), digest) for digest, size, name in lines})


def read_files(files: Mapping[str, str], log: Log) -> Read:
    """What the files say. With an error in the log, what could be understood of them."""
    for path, text in sorted(files.items()):
        if path.startswith(f"{TEMPLATES}/"):
            is_text(path, text, log)
    trees = {path: load(path, files[path], log) for path in _yaml_paths(files, log)}
    shared = {name: trees.pop(f"{CAMPAIGNS}/{name}", None) for name in SHARED}
    unreadable = [name for name in SHARED if shared[name] is None and f"{CAMPAIGNS}/{name}" in files]
    read, company = _read_shared(shared, frozenset(unreadable), frozenset(assets_of(files)), log)
    if not trees:
        log.add(
            Code.NO_CAMPAIGN,
            Spot(CAMPAIGNS),
            "there is no campaign in campaigns/",
            "begin one with `nurture new campaign NAME`",
        )
    if not unreadable:  # else every name would be reported as unknown
        _read_campaigns([tree for tree in trees.values() if tree is not None], company, read, log)
    read.is_whole = not log.failed
    return read


def _yaml_paths(files: Mapping[str, str], log: Log) -> list[str]:
    found = []
    for path in sorted(path for path in files if path.startswith(f"{CAMPAIGNS}/") and path != MANIFEST):
        name = path.removeprefix(f"{CAMPAIGNS}/")
        if not name.endswith(".yaml"):
            log.add(
                Code.NOT_HERE,
                Spot(path),
                "the files of campaigns/ end in .yaml",
                f'rename it to "{name.rpartition(".")[0]}.yaml"',
            )
        else:
            found.append(path)
    return found


def _read_shared(
    shared: Mapping[str, Node | None], unreadable: frozenset[str], assets: frozenset[str], log: Log
) -> tuple[Read, Company]:
    """What the files beside the campaigns say; names of a file that cannot be read are not checked."""
    personas = None if "scoring.yaml" in unreadable else persona_names(shared["scoring.yaml"])
    catalogue = read_catalogue(shared["content.yaml"], log, assets, personas)
    kinds = {content.id: content.kind for content in catalogue.values()}
    known = Vocabulary(
        contents=None if "content.yaml" in unreadable else kinds,
        forms=form_ids(shared["forms.yaml"]),
    )
    scored = read_scoring(shared["scoring.yaml"], log, known)
    known = _with_fields(known, scored)
    fieldless = "scoring.yaml" in unreadable
    forms = None if fieldless else shared["forms.yaml"]
    segments = SegmentsFile() if fieldless else read_segments(shared["segments.yaml"], log, known)
    known = replace(known, segments=segments.conditions)
    mql = NEVER if "segments.yaml" in unreadable else read_mql(shared["scoring.yaml"], log, known)
    read = Read(
        catalogue=catalogue,
        teams=read_teams(shared["teams.yaml"], log),
        scoring=replace(scored.scoring, mql=mql),
        fields=scored.fields,
        forms=read_forms(forms, log, scored.fields),
        segments=segments,
    )
    cadence = read_cadence(shared["cadence.yaml"], log, COMPANY, CADENCE_FILE)
    read.home = cadence.zone
    return read, Company(known, catalogue, read.teams, cadence)


def _with_fields(known: Vocabulary, scored: ScoringFile) -> Vocabulary:
    grades = tuple(grade.letter for grade in scored.scoring.grades)
    return replace(known, fields=scored.fields, grades=grades)


def _read_campaigns(trees: list[Node], company: Company, read: Read, log: Log) -> None:
    names: set[str] = set()
    for tree in trees:
        own = Log()
        draft = (read_newsletter if is_newsletter(tree) else read_campaign)(tree, own, company)
        if draft is not None:
            check_whole(draft, own)
            if draft.name and draft.name in names:
                own.add(
                    Code.REPEATED_NAME,
                    draft.spot,
                    f'another file already holds the campaign "{draft.name}"',
                    "rename one",
                )
            names.add(draft.name)
            if not own.failed:
                _compile(tree, draft, read)
        log.problems.extend(own.problems)


def _compile(tree: Node, draft: CampaignDraft, read: Read) -> None:
    program = compile_campaign(draft)
    read.programs.append(program)
    read.drafted.append(Drafted(tree, draft, program))
    for stage, compiled in zip(draft.stages, program.stages, strict=True):
        for step, done in zip(in_document_order(stage.steps), compiled.steps, strict=True):
            read.spots[program.name, done.key, ""] = step.spot
            for part, spot in getattr(step, "spots", {}).items():
                read.spots[program.name, done.key, part] = spot
