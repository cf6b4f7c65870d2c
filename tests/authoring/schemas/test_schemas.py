"""What editors are told of a file is what `nurture check` says of it."""

import copy
import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError

from nurture.authoring.bundle import check
from nurture.authoring.files import SHARED
from nurture.authoring.keys import Keys
from nurture.authoring.newsletter import KEY
from nurture.authoring.problems import Code, Problem
from nurture.authoring.schemas.files import CAMPAIGN, NEWSLETTER, SCHEMAS, schema
from nurture.authoring.schemas.known import Known, known_of
from nurture.authoring.schemas.parts import Unexplained, record, text
from nurture.authoring.steps import VERBS
from nurture.storage.worlds import Bundle
from tests.authoring.builders import FILES, shipped
from tests.authoring.fuzz import FILES as SHIPPED
from tests.authoring.fuzz import YAML, spoilt
from tests.authoring.schemas.values import value_of

KEYS = {Code.UNKNOWN_KEY, Code.MISSING_KEY, Code.UNKNOWN_STEP}
"""What a schema is there to find."""

LETTER = """\
newsletter: lettre-de-mars
title: La lettre de mars
language: fr
sender: {name: Exemple, address: bonjour@exemple.example}
to: dormants
send: livre-blanc-cloud
subject: Notre guide, mis à jour
at: 2027-03-02 09:30
expires: 3 days
priority: 5
"""
"""Of the shipped project."""

each_schema = pytest.mark.parametrize("name", SCHEMAS)


@cache
def validator(name: str) -> Draft202012Validator:
    """With the names of the shipped project."""
    return Draft202012Validator(schema(name, known_of(shipped().files)))


def schema_name(file: str, said: Any = None) -> str:
    """Which schema describes a file of campaigns/ that says this."""
    name = file.removeprefix("campaigns/")
    own = NEWSLETTER if isinstance(said, dict) and said.get(KEY) is not None else CAMPAIGN
    return name.removesuffix(".yaml") if name in SHARED else own


def refused(file: str, value: Any) -> bool:
    """Whether an editor would underline something."""
    return not validator(schema_name(file, value)).is_valid(value)


def wrong_with(file: str, said: str, files: Mapping[str, str] = SHIPPED) -> list[Problem]:
    """The errors of `nurture check` in a file that says this."""
    return [each for each in check(Bundle({**files, file: said})) if each.is_error and each.file == file]


def parts_of(value: Any) -> Iterator[dict[str, Any]]:
    """Every mapping within a value."""
    if isinstance(value, dict):
        yield value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from parts_of(each)


@each_schema
@pytest.mark.parametrize("known", [Known(), known_of(shipped().files)], ids=["nothing", "shipped"])
def test_it_is_a_schema_and_explains_every_key(name: str, known: Known) -> None:
    made = schema(name, known)
    Draft202012Validator.check_schema(made)
    explained = [
        key for part in parts_of(made) for key in part.get("properties", {}).items() if isinstance(key[1], dict)
    ]
    assert explained
    assert [key for key, said in explained if not said.get("description")] == []


@each_schema
def test_its_examples_are_right(name: str) -> None:
    made = schema(name, Known())
    for part in parts_of(made):
        for example in part.get("examples", ()):
            assert Draft202012Validator(part).is_valid(example), (part, example)


def test_each_file_and_each_verb_has_one() -> None:
    assert set(SCHEMAS) == {CAMPAIGN, NEWSLETTER, *(name.removesuffix(".yaml") for name in SHARED)}
    steps = schema(CAMPAIGN, Known())["$defs"]
    assert {steps[form["$ref"].rpartition("/")[2]]["required"][0] for form in steps["step"]["anyOf"]} == set(VERBS)


def test_a_key_that_is_not_explained_is_found() -> None:
    keys = Keys("a thing", required=("one",), optional=("two",))
    with pytest.raises(Unexplained, match="a thing: two"):
        record(keys, "A thing.", {"one": text("One.")})
    with pytest.raises(Unexplained, match="a thing: three"):
        record(keys, "A thing.", {"one": text("1"), "two": text("2"), "three": text("3")})


@pytest.mark.parametrize("files", [SHIPPED, FILES], ids=["shipped", "least"])
def test_what_is_right_is_not_refused(files: Mapping[str, str]) -> None:
    for file, said in files.items():
        if file.endswith(".yaml"):
            value = value_of(said)
            errors = list(validator(schema_name(file, value)).iter_errors(value))
            assert errors == [], file


def test_a_newsletter_has_its_own() -> None:
    file = "campaigns/mars.yaml"
    value = value_of(LETTER)
    assert wrong_with(file, LETTER) == []
    assert not refused(file, value)
    for key in value:
        less = {name: said for name, said in value.items() if name != key}
        assert refused(file, less) is bool(wrong_with(file, json.dumps(less))), key
    assert refused(file, {**value, "stages": {}})
    assert validator(NEWSLETTER).schema["properties"]["to"]["anyOf"][0]["enum"] == ["dormants"]


@pytest.mark.slow
@pytest.mark.parametrize("file", YAML)
def test_keys_too_many_and_keys_too_few_are_refused_by_both(file: str) -> None:
    value = value_of(SHIPPED[file])
    for number in range(sum(1 for _ in parts_of(value))):
        for changed in _with_other_keys(value, number):
            codes = {problem.code for problem in wrong_with(file, json.dumps(changed, ensure_ascii=False))}
            assert refused(file, changed) or not codes & KEYS, (changed, codes)
            assert codes or not refused(file, changed), changed


def _with_other_keys(value: Any, number: int) -> Iterator[Any]:
    """The value with one mapping of it changed: a strange key more, or one of its keys less."""
    for key in (None, *list(parts_of(value))[number]):
        changed = copy.deepcopy(value)
        part = list(parts_of(changed))[number]
        if key is None:
            part["no-such-key"] = "x"
        else:
            del part[key]
        yield changed


@pytest.mark.slow
@pytest.mark.parametrize("hundred", range(4))
def test_of_a_spoilt_file_both_say_the_same(hundred: int) -> None:
    for number in range(hundred * 100, (hundred + 1) * 100):
        file, said = spoilt(number, seed=11)
        value = value_of(said)
        if value is None:
            continue
        problems = wrong_with(file, said)
        codes = {problem.code for problem in problems}
        if codes & KEYS:
            assert refused(file, value), (number, problems)
        if not problems:
            errors = validator(schema_name(file, value)).iter_errors(value)
            assert [error.message for error in errors if not _is_about_a_flag(error)] == [], number


def _is_about_a_flag(error: ValidationError) -> bool:
    """A title of `true` without quotes is a text for nurture and none for an editor: the one thing told twice differently."""
    return isinstance(error.instance, bool) or any(_is_about_a_flag(each) for each in error.context or ())


def test_the_names_of_the_project_are_suggested_and_others_are_left_to_the_check() -> None:
    step = {"send": "no-such-content"}
    campaign = value_of(SHIPPED["campaigns/migration-cloud.yaml"])
    campaign["stages"]["tofu"]["sequence"][0] = step
    assert not refused("campaigns/migration-cloud.yaml", campaign)
    suggested = schema(CAMPAIGN, known_of(shipped().files))["$defs"]["send"]["properties"]["send"]["anyOf"][0]["enum"]
    assert "livre-blanc-cloud" in suggested
    assert schema("content", known_of(FILES))["properties"]["contents"]["additionalProperties"]["properties"]["stage"][
        "anyOf"
    ][0]["enum"] == ["bofu", "tofu"]
