"""`tag`, `untag` and `set`: steps that note something of the contact."""

from nurture.authoring.drafts import Draft
from nurture.authoring.keys import Keys
from nurture.authoring.nodes import Node, Scalar, Table
from nurture.authoring.problems import Code, Log, did_you_mean
from nurture.authoring.times import day
from nurture.authoring.values import choice, country, flag, keyed, language, name, text, whole
from nurture.authoring.verbs.place import Place, plain
from nurture.authoring.vocabulary import Field, FieldKind
from nurture.core.acts import Assign, Tag
from nurture.core.events import FieldValue

GREATEST = 999_999_999

TAG = Keys('"tag"', required=("tag",), optional=("id",))
UNTAG = Keys('"untag"', required=("untag",), optional=("id",))
SET = Keys('"set"', required=("set",), optional=("id",))


def tag(node: Table, place: Place) -> Draft | None:
    """`tag: x`."""
    return _tag(node, place, TAG, given=True)


def untag(node: Table, place: Place) -> Draft | None:
    """`untag: x`."""
    return _tag(node, place, UNTAG, given=False)


def _tag(node: Table, place: Place, keys: Keys, *, given: bool) -> Draft:
    (verb,) = keys.required
    said = keyed(node, place.log, keys) or {}
    step = Tag("", name(said.get(verb), place.log) or "", given, line=node.spot.line)
    return plain(step, said, verb, node, place.log)


def assign(node: Table, place: Place) -> Draft | None:
    """`set: {field: value}`, each of the kind that the field holds."""
    said = keyed(node, place.log, SET) or {}
    fields = said.get("set")
    if fields is not None and not (isinstance(fields, Table) and fields.items):
        place.log.add(Code.WRONG_SHAPE, fields.spot, '"set" is written like "set: {industry: Metal}"')
        return None
    pairs = fields.items if isinstance(fields, Table) else ()
    read = [(key.text, _value(key, value, place)) for key, value in pairs]
    values = tuple((field, value) for field, value in read if value is not None)
    return plain(Assign("", values, line=node.spot.line), said, "set", node, place.log)


def _value(key: Scalar, value: Node, place: Place) -> FieldValue | None:
    field = place.vocabulary.fields.get(key.text)
    if field is None:
        hint = did_you_mean(key.text, place.vocabulary.fields, otherwise='declare it under "fields" in scoring.yaml')
        place.log.add(Code.UNKNOWN_FIELD, key.spot, f'unknown field "{key.text}"', hint)
        return None
    return _typed(field, value, place.log)


def _typed(field: Field, value: Node, log: Log) -> FieldValue | None:
    if field.name == "language":
        return language(value, log)
    match field.kind:
        case FieldKind.TEXT:
            return text(value, log, longest=200)
        case FieldKind.NUMBER:
            return whole(value, log, 0, GREATEST)
        case FieldKind.FLAG:
            return flag(value, log)
        case FieldKind.CHOICE:
            return choice(value, log, field.choices, f"one of the choices of {field.name}")
        case FieldKind.COUNTRY:
            return country(value, log)
        case FieldKind.DATE:
            return day(value, log)
