"""Whom a mail is shown for: invented people, some of them awkward on purpose, or one real contact of the database."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from nurture.core.conditions import And, Compare, CompareDate, Condition, OneOf, Op, Or, Value
from nurture.core.scoring import Persona
from nurture.core.state import ContactState
from nurture.core.words import Basis
from nurture.core.world import World
from nurture.storage.contacts import find_contact
from nurture.storage.database import Database, real_now
from nurture.storage.load import load_contacts

TYPICAL = "typical"
EMPTY = "empty"
LONG = "long"

PERSON: Mapping[str, Value] = {
    "first_name": "Camille",
    "last_name": "Martin",
    "company": "Exemple Industrie",
    "job_title": "DSI",
    "industry": "Industrie",
    "city": "Lyon",
    "phone": "+33 4 00 00 00 00",
    "employees": 250,
    "website": "https://industrie.exemple.example",
}
"""Who is meant where anybody will do; lives in France."""

_LONG: Mapping[str, Value] = {
    "first_name": "Anne-Françoise Éléonore",
    "last_name": "de La Bâtisse-Würtemberg d’Œuvre-sur-Èze",
    "company": "Société Générale d’Équipements Électromécaniques & Hydrauliques du Grand-Ouest <Île-de-Noirmoutier>",
    "job_title": "Directrice adjointe des systèmes d’information, de l’infrastructure et de la cybersécurité",
    "industry": "Métallurgie, mécanique de précision et traitement de surface",
    "city": "Saint-Rémy-en-Bouzemont-Saint-Genest-et-Isson",
    "phone": "+33 4 00 00 00 00 (poste 000 000)",
    "employees": 123_456,
    "website": "https://une-adresse-vraiment-tres-longue.exemple.example/qui/continue/encore/et/encore",
}


@dataclass(frozen=True, slots=True)
class Reader:
    """Someone a mail can be shown for. `name` is what the pages and the command call them."""

    name: str
    address: str
    state: ContactState
    is_real: bool = False


def samples(world: World, contact_fields: frozenset[str]) -> tuple[Reader, ...]:
    """The invented people: a typical one, one for each persona, one of whom nothing is known, and one who is too long.

    Fields of the author's own bear their names, except with the one of whom nothing is known.
    """
    own = {name: f"[{name}]" for name in sorted(contact_fields - {*PERSON, "address", "language", "country"})}
    typical = _sample(TYPICAL, "camille.martin", {**own, **PERSON}, "FR")
    personas = (_of_persona(persona, {**own, **PERSON}) for persona in world.scoring.personas)
    long = _sample(LONG, "anne-francoise.eleonore.de-la-batisse-wurtemberg", {**own, **_LONG}, "CH")
    return (typical, *personas, _sample(EMPTY, "a.b", {}, ""), long)


def _of_persona(persona: Persona, fields: Mapping[str, Value]) -> Reader:
    """Somebody who meets the persona's criteria, as far as plain values can."""
    met: dict[str, Value] = {}
    for criterion in persona.criteria:
        for name, value in meeting(criterion.when):
            met.setdefault(name, value)
    return _sample(persona.name, f"persona.{persona.name}", {**fields, **met}, str(met.get("country") or "FR"))


def meeting(condition: Condition) -> Iterator[tuple[str, Value]]:
    """Fields and values with which the condition probably holds: the first way of an `or`, the first choice of a list."""
    match condition:
        case And(terms=terms):
            for term in terms:
                yield from meeting(term)
        case Or(terms=(first, *_)):
            yield from meeting(first)
        case OneOf(ref=ref, values=(first_value, *_)):
            yield ref.name, first_value
        case Compare(ref=ref, op=Op.EQ | Op.GE | Op.LE, value=value):
            yield ref.name, value
        case CompareDate(ref=ref, op=Op.EQ | Op.GE | Op.LE, day=day):
            yield ref.name, day.isoformat()
        case Compare(ref=ref, op=Op.GT, value=int(value)):
            yield ref.name, value + 1
        case Compare(ref=ref, op=Op.LT, value=int(value)):
            yield ref.name, value - 1
        case _:
            return


def _sample(name: str, local: str, fields: Mapping[str, Value], country: str) -> Reader:
    key = hashlib.sha256(f"preview {name}".encode()).hexdigest()[:32]
    state = ContactState(key, fields=dict(fields), country=country, basis=Basis.OPT_IN, engagement=72_000, grade="B")
    return Reader(name, f"{local}@exemple.example", state)


def real(db: Database, wanted: str) -> Reader | None:
    """The contact of that address or key, as the database has it now; None where there is none."""
    with db.read() as c:
        found = find_contact(c, wanted)
        if found is None:
            return None
        loaded = load_contacts(c, [found.id], real_now(c)).get(found.id)
    return None if loaded is None else Reader(found.address, found.address, loaded.state, is_real=True)


def speaking(reader: Reader, language: str) -> ContactState:
    """The reader's state; an invented person speaks the language of the mail."""
    return reader.state if reader.is_real else replace(reader.state, language=language)
