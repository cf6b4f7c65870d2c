"""A bundle is all that authors wrote, and compiles to a World or to problems, never to an exception."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from nurture.authoring.bundle import Bundle, assets_of, check, compile_bundle, read_bundle
from nurture.authoring.problems import Code
from nurture.core.scoring import SignalRule
from nurture.core.spans import Span, Unit
from nurture.core.words import SignalKind, Status
from tests.authoring.builders import (
    CAMPAIGN,
    CONTENT,
    FILES,
    MANIFEST,
    SCORING,
    TEAMS,
    Edit,
    compiled,
    problems,
    program,
)

OTHER = Edit(CAMPAIGN, "wait: 3 days", "wait: 4 days")


def written(folder: Path) -> tuple[Path, Path]:
    campaigns, templates = folder / "campaigns", folder / "email_templates"
    (campaigns / "assets").mkdir(parents=True)
    templates.mkdir()
    for name, text in FILES.items():
        if name != MANIFEST:
            (folder / name).write_text(text, encoding="utf-8")
    (campaigns / "assets" / "guide.pdf").write_bytes(b"%PDF-1.7\n")
    (templates / "white_paper.fr.mjml").write_text("<mjml></mjml>", encoding="utf-8")
    return campaigns, templates


def test_the_folders_become_a_bundle_that_compiles(tmp_path: Path) -> None:
    bundle = read_bundle(*written(tmp_path))
    found = compile_bundle(bundle, salt=b"salt")
    assert found.problems == ()
    assert found.world is not None
    assert found.world.hash == bundle.hash
    assert dict(found.templates) == {"white_paper.fr.mjml": "<mjml></mjml>"}
    assert assets_of(bundle.files)["guide.pdf"].size == 9


def test_a_changed_asset_makes_another_bundle(tmp_path: Path) -> None:
    folders = written(tmp_path)
    before = read_bundle(*folders).hash
    (folders[0] / "assets" / "guide.pdf").write_bytes(b"%PDF-2.0\n")
    assert read_bundle(*folders).hash != before


def test_hidden_files_and_folders_are_passed_over(tmp_path: Path) -> None:
    folders = written(tmp_path)
    before = read_bundle(*folders)
    (folders[0] / ".welcome.yaml.swp").write_bytes(b"\xff")
    (folders[0] / "archive.yaml").mkdir()
    assert read_bundle(*folders) == before


def test_folders_that_are_not_there_are_a_problem_not_a_traceback(tmp_path: Path) -> None:
    (found,) = check(read_bundle(tmp_path / "a", tmp_path / "b"))
    assert found.code == Code.NO_CAMPAIGN


def test_a_file_that_is_not_utf8_is_pointed_at(tmp_path: Path) -> None:
    folders = written(tmp_path)
    (folders[0] / "welcome.yaml").write_bytes("title: Découvrir\n".encode("latin-1"))
    (found,) = check(read_bundle(*folders))
    assert (found.code, found.file, found.line, found.column) == (Code.NOT_UTF8, CAMPAIGN, 1, 9)


def test_with_an_error_there_is_no_world() -> None:
    found = compiled(Edit(CAMPAIGN, "- send: guide", "- send: giude"))
    assert found.world is None
    assert found.failed


def test_with_a_warning_there_is_a_world() -> None:
    found = compiled(Edit(CAMPAIGN, "      - relance: guide\n", ""))
    assert found.problems
    assert found.world is not None


def test_the_world_holds_what_the_files_say() -> None:
    found = compiled()
    world = found.world
    assert world is not None
    campaign = program()
    assert world.current == {"welcome": campaign.version}
    assert world.programs == {("welcome", campaign.version): campaign}
    assert world.catalogue["talk"].starts_at == datetime(2027, 1, 21, 14, tzinfo=ZoneInfo("Europe/Paris"))
    assert world.scoring.rules == (SignalRule(SignalKind.DOWNLOADED, 10_000, None, 20_000, 30),)
    assert world.teams["sales"].members[0].address == "claire@exemple.example"
    assert campaign.prospect is not None
    assert campaign.prospect.within == Span(4, Unit.BUSINESS_HOURS)
    assert "servers" in found.contact_fields
    form = found.forms["guide"]
    assert (form.double_opt_in, [f.required for f in form.fields]) == (True, [False, True])
    assert (form.text("en").consent, form.text("fr").version) == ("J'accepte.", "v1")
    assert form.fields[1].label("fr") == "Serveurs"


def test_a_stage_may_give_a_status() -> None:
    assert program(Edit(CAMPAIGN, "  bofu:\n", "  bofu:\n    status: mql\n")).stages[1].status is Status.MQL


def test_a_version_still_pinned_is_compiled_from_its_own_bundle() -> None:
    old, new = program(), program(OTHER)
    gone = Edit(CONTENT, "  guide:", "  other:")
    bundle = Bundle(OTHER.of(FILES))
    found = compile_bundle(bundle, salt=b"salt", pinned={("welcome", old.version): Bundle(FILES)})
    assert found.world is not None
    assert found.world.current == {"welcome": new.version}
    assert found.world.program("welcome", old.version) == old
    assert gone.of(FILES) != FILES


def test_a_campaign_taken_away_goes_on_for_those_who_are_in_it() -> None:
    old = program()
    files = {name: text for name, text in FILES.items() if name != TEAMS}
    files[CAMPAIGN] = (
        "campaign: next\ntitle: T\nlanguage: fr\nsender: {name: N, address: n@exemple.example}\nstages: {a: {}}\n"
    )
    files[CONTENT] = "contents: {}\n"
    found = compile_bundle(Bundle(files), salt=b"salt", pinned={("welcome", old.version): Bundle(FILES)})
    assert found.world is not None, found.problems
    assert set(found.world.current) == {"next"}
    assert "guide" in found.world.catalogue
    assert "sales" in found.world.teams


def test_a_version_that_can_no_longer_be_read_is_told() -> None:
    broken = Bundle(Edit(CAMPAIGN, "title: Bienvenue\n", "").of(FILES))
    found = compile_bundle(Bundle(FILES), salt=b"salt", pinned={("welcome", "0123456789ab"): broken})
    assert [p.code for p in found.problems] == [Code.LOST_VERSION]
    assert found.world is None


def test_a_campaign_needs_neither_scoring_nor_forms_nor_cadence() -> None:
    files = {name: FILES[name] for name in (CAMPAIGN, CONTENT, TEAMS, MANIFEST)}
    assert problems(files=files) == ()


def test_grades_and_points_are_the_authors() -> None:
    grades = Edit(SCORING, "mql: engagement >= 30", 'grades: {X: 50, Z: 0}\nmql: fit >= "X" and engagement >= 0.5')
    world = compiled(grades).world
    assert world is not None
    assert [(g.letter, g.at_least) for g in world.scoring.grades] == [("X", 50), ("Z", 0)]
