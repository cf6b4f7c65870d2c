"""rates.yaml: rates that somebody knows better than any assumption, each mistake told with its place."""

from collections.abc import Mapping
from dataclasses import fields, replace

from nurture.authoring.nodes import Node, Table
from nurture.authoring.problems import Code, Log
from nurture.authoring.values import name, percent, scalar, table
from nurture.authoring.yaml import load
from nurture.core.ids import WHOLE
from nurture.core.words import Rejection
from nurture.simulate.habits import ACCEPTED, NO_ANSWER
from nurture.simulate.rates import GIVEN, KINDS, OTHER, OfContent, OfPeople, Rates

NO_PERSONA = "none"
MOST = 10.0
CONTENT = tuple(each.name for each in fields(OfContent))
PEOPLE = tuple(each.name for each in fields(OfPeople))
SALES = (ACCEPTED, NO_ANSWER, *(r.value for r in Rejection if r is not Rejection.EXPIRED))


def read_rates(file: str, text: str, rates: Rates, personas: tuple[str, ...], log: Log) -> Rates:
    """The rates with those of the file in their place; what the file does not say stays."""
    root = load(file, text, log)
    said = table(root, log, "a file of rates", optional=("kinds", "people", "stages", "personas", "relance", "sales"))
    if said is None:
        return rates
    given: dict[str, float] = {}
    kinds = _kinds(said.get("kinds"), rates, log, given)
    people = replace(rates.people, **_shares(said.get("people"), PEOPLE, "people", "", log, given))
    stages = {**rates.stages, **_factors(said.get("stages"), "stages", None, log, given)}
    factors = {**rates.personas, **_factors(said.get("personas"), "personas", (*personas, NO_PERSONA), log, given)}
    relance = rates.relance
    if "relance" in said and (read := _factor(said["relance"], log)) is not None:
        relance = given["relance"] = read
    sales = _sales(said.get("sales"), log, given) or rates.sales
    sources = {**rates.sources, **dict.fromkeys(given, GIVEN)}
    return Rates(kinds, stages, factors, people, relance, sales, sources)


def _kinds(node: Node | None, rates: Rates, log: Log, given: dict[str, float]) -> Mapping[str, OfContent]:
    kinds = dict(rates.kinds)
    if node is None:
        return kinds
    known = sorted({*KINDS, *kinds})
    for kind, value in (table(node, log, "kinds", optional=known) or {}).items():
        shares = _shares(value, CONTENT, "a kind of content", f"{kind}.", log, given)
        kinds[kind] = changed = replace(kinds.get(kind) or kinds[OTHER], **shares)
        if changed.clicked > changed.opened:
            hint = "whoever clicks has opened: give `opened` as well, at least as great"
            log.add(Code.BAD_VALUE, value.spot, f"more people click than open a {kind}", hint)
    return kinds


def _shares(
    node: Node | None, names: tuple[str, ...], what: str, before: str, log: Log, given: dict[str, float]
) -> dict[str, float]:
    """Shares such as 4% by name."""
    if node is None:
        return {}
    found = {}
    for each, value in (table(node, log, what, optional=names) or {}).items():
        share = percent(value, log)
        if share is not None:
            found[each] = given[before + each] = share / WHOLE
    return found


def _factors(
    node: Node | None, what: str, known: tuple[str, ...] | None, log: Log, given: dict[str, float]
) -> dict[str, float]:
    """Factors such as 1.2 by name."""
    if node is None:
        return {}
    said = table(node, log, what, optional=known if known is not None else _keys(node, log))
    found = {}
    for each, value in (said or {}).items():
        factor = _factor(value, log)
        if factor is not None:
            found[each] = given[f"{what}.{each}"] = factor
    return found


def _keys(node: Node, log: Log) -> tuple[str, ...]:
    """Stages bear whatever names the campaigns give them."""
    items = node.items if isinstance(node, Table) else ()
    return tuple(key.text for key, _ in items if name(key, log) is not None)


def _factor(node: Node, log: Log) -> float | None:
    found = scalar(node, log, "a factor such as 1.2")
    if found is None:
        return None
    try:
        value = float(found.text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= MOST:
        log.add(Code.BAD_VALUE, found.spot, f"a factor from 0 to {MOST:g} is expected here", "1 changes nothing")
        return None
    return value


def _sales(node: Node | None, log: Log, given: dict[str, float]) -> tuple[tuple[int, str], ...]:
    """What sales says, in shares that make up a hundred percent."""
    if node is None:
        return ()
    shares = {
        each: share
        for each, value in (table(node, log, "sales", optional=SALES) or {}).items()
        if (share := percent(value, log)) is not None
    }
    if sum(shares.values()) != WHOLE:
        log.add(Code.BAD_SHARES, node.spot, f"the answers of sales make {sum(shares.values()) / 100:g}%, not 100%")
        return ()
    given |= {f"sales.{each}": share / WHOLE for each, share in shares.items()}
    return tuple((share, each) for each, share in shares.items() if share)
