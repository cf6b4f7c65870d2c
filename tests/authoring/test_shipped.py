"""The campaigns we ship are right, and however somebody spoils them, the answer is a list of problems with places."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nurture.authoring.bundle import Bundle, check, compile_bundle
from nurture.authoring.problems import Code, render
from nurture.core.program import Send
from nurture.delivery.specs import spec_of
from tests.authoring.builders import shipped

BUNDLE = shipped()
YAML = sorted(name for name in BUNDLE.files if name.endswith(".yaml"))


def test_the_shipped_campaigns_have_no_problem_and_every_mail_of_theirs_compiles() -> None:
    assert check(BUNDLE, spec_of) == []


def test_the_french_campaign_shows_everything_a_campaign_can_say() -> None:
    world = compile_bundle(BUNDLE, salt=b"salt").world
    assert world is not None
    campaign = next(p for p in world.current_programs() if p.name == "migration-cloud")
    steps = [step for stage in campaign.stages for step in stage.steps]
    assert {type(step).__name__ for step in steps} == {"Send", "Relance", "Wait", "WaitFor", "WaitUntil", "Branch"}
    assert [stage.name for stage in campaign.stages] == ["tofu", "mofu", "bofu"]
    kinds = {world.catalogue[step.content].kind for step in steps if isinstance(step, Send)}
    assert kinds == {"white_paper", "webinar", "case_study", "article", "demo"}
    assert campaign.hold_out
    assert campaign.prospect is not None


def with_template(name: str, old: str, new: str) -> Bundle:
    path = f"email_templates/{name}"
    assert old in BUNDLE.files[path]
    return Bundle({**BUNDLE.files, path: BUNDLE.files[path].replace(old, new, 1)})


def test_a_templates_mistake_is_told_at_its_line() -> None:
    found = check(with_template("article.fr.mjml", "content.summary | truncate", "content.sumary | truncate"), spec_of)
    assert {(p.file, p.line) for p in found} == {("email_templates/article.fr.mjml", 3)}
    assert all("sumary" in p.message for p in found)


def test_a_subjects_mistake_is_told_where_the_campaign_has_it() -> None:
    path = "campaigns/migration-cloud.yaml"
    files = {**BUNDLE.files, path: BUNDLE.files[path].replace("contact.first_name", "contact.frist_name", 1)}
    (found,) = check(Bundle(files), spec_of)
    line = files[path].splitlines()[found.line - 1]
    assert (found.file, found.hint) == (path, 'did you mean "first_name"?')
    assert "frist_name" in line


def test_a_missing_template_is_told_at_the_step() -> None:
    files = {name: text for name, text in BUNDLE.files.items() if name != "email_templates/demo.en.mjml"}
    (found,) = check(Bundle(files), spec_of)
    assert found.file == "campaigns/cloud-basics.yaml"
    assert "demo-guidee" in files[found.file].splitlines()[found.line - 1]


def test_a_confirmation_that_lost_its_link_is_told() -> None:
    (found,) = check(with_template("confirmation.en.mjml", "= extra.confirm_url", "= extra.confirm_ulr"), spec_of)
    assert (found.code, found.file) == (Code.MAIL, "email_templates/confirmation.en.mjml")
    assert "extra.confirm_url" in found.message


def test_a_mistake_in_a_hand_off_is_told_at_its_line() -> None:
    (found,) = check(with_template("hand_off.fr.mjml", "~ extra.contact_name", "~ extra.contact_nam"), spec_of)
    assert (found.file, "contact_nam" in found.message) == ("email_templates/hand_off.fr.mjml", True)


LINES = ("delete line", "repeat line", "swap lines", "indent line")
CHARACTERS = ("delete", "repeat", "replace", "insert")
SIGNS = ':-[]{}\'"|>#&*!%@?,~ \t\n\u00a0é("<=0A'


@st.composite
def spoilt(draw: st.DrawFn) -> tuple[str, str]:
    """One of the shipped files, with one to three slips."""
    name = draw(st.sampled_from(YAML))
    text = BUNDLE.files[name]
    for _ in range(draw(st.integers(1, 3))):
        text = draw(slip(text))
    return name, text


@st.composite
def slip(draw: st.DrawFn, text: str) -> str:
    kind = draw(st.sampled_from(LINES + CHARACTERS))
    if kind in LINES:
        return _line(text.split("\n"), kind, draw(st.integers(0, text.count("\n"))))
    at = draw(st.integers(0, max(0, len(text) - 1)))
    sign = draw(st.sampled_from(SIGNS))
    return (
        text[:at]
        + {"delete": "", "repeat": text[at : at + 1] * 2, "replace": sign}.get(kind, sign + text[at : at + 1])
        + text[at + 1 :]
    )


def _line(lines: list[str], kind: str, at: int) -> str:
    match kind:
        case "delete line":
            del lines[at]
        case "repeat line":
            lines.insert(at, lines[at])
        case "indent line":
            lines[at] = f"  {lines[at]}"
        case _:
            lines[at - 1], lines[at] = lines[at], lines[at - 1]
    return "\n".join(lines)


@pytest.mark.slow
@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(spoilt())
def test_a_spoilt_file_is_answered_with_problems_and_places(file: tuple[str, str]) -> None:
    files = {**{k: v for k, v in BUNDLE.files.items() if not k.endswith(".mjml")}, file[0]: file[1]}
    found = compile_bundle(Bundle(files), salt=b"salt")
    assert (found.world is None) == any(p.is_error for p in found.problems)
    for problem in found.problems:
        lines = files[problem.file].split("\n") if problem.file in files else [""]
        assert 1 <= problem.line <= len(lines)
        assert 1 <= problem.column <= len(lines[problem.line - 1]) + 1
        assert problem.length >= 1
        assert problem.message
        assert render(problem, files)
