"""Contacts of a file taken in, a thousand at a time: the good ones in, the bad ones reported, none twice."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import TypeAlias

from sqlalchemy import Connection

from nurture.core.events import ProfileChanged
from nurture.core.ids import derive
from nurture.core.words import Basis, Suppression
from nurture.inbound.contact_file import BadRow, ContactFile, GoodRow
from nurture.storage.contacts import Consent, NewContact, Upserted, look_up, record_consents, upsert_contacts
from nurture.storage.database import Database
from nurture.storage.inbox import post_events
from nurture.storage.instance import instance, normalised
from nurture.storage.timeline import having_events

AT_ONCE = 1000
BAD_KEPT = 100

Progress: TypeAlias = Callable[[int], None]
OnBad: TypeAlias = Callable[[BadRow], None]


@dataclass(frozen=True, slots=True)
class Terms:
    """On what ground the file's contacts may be written to, where they come from, and what they are tagged."""

    basis: Basis
    source: str
    tags: tuple[str, ...] = ()


@dataclass(slots=True)
class Report:
    """What became of the rows. `doubles` are rows whose address stood in the file before.

    `suppressed` of the created and known are never written to; `erased` asked to be forgotten and are not taken in.
    `bad` holds the first bad rows, `rejected` counts them all.
    """

    created: int = 0
    known: int = 0
    doubles: int = 0
    suppressed: int = 0
    erased: int = 0
    rejected: int = 0
    bad: list[BadRow] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """How many rows were read."""
        return self.created + self.known + self.doubles + self.erased + self.rejected


def nobody(row: BadRow) -> None:
    """Keeps no bad row."""


def import_contacts(
    db: Database, file: ContactFile, terms: Terms, now: datetime, progress: Progress, on_bad: OnBad = nobody
) -> Report:
    """Take the file in; each thousand rows is one transaction, and the same file again changes nothing.

    `progress` is told after each thousand how many rows were read, `on_bad` is handed every row that cannot be taken in.
    A row's fields reach the contact as an event, so that they are journalled and may start a campaign.
    """
    report = Report()
    for some in _thousands(_good(file, report, on_bad)):
        with db.begin() as c:
            _take_in(c, _not_erased(c, some, report), report, file, terms, now)
        progress(report.rows)
    progress(report.rows)
    return report


def rehearse(db: Database, file: ContactFile, progress: Progress, on_bad: OnBad = nobody) -> Report:
    """What an import of the file would report; changes nothing."""
    report = Report()
    for some in _thousands(_good(file, report, on_bad)):
        with db.read() as c:
            kept = _not_erased(c, some, report)
            for is_known, suppressed in look_up(c, [row.address for row in kept]):
                report.known += is_known
                report.created += not is_known
                report.suppressed += bool(suppressed)
        progress(report.rows)
    progress(report.rows)
    return report


def _take_in(
    c: Connection, rows: list[GoodRow], report: Report, file: ContactFile, terms: Terms, now: datetime
) -> None:
    taken = upsert_contacts(c, [_contact(row) for row in rows], now)
    _tell(report, taken)
    salt = instance(c).salt
    changes = [(who.id, _change(salt, terms, file, row, now)) for who, row in zip(taken, rows, strict=True)]
    before = having_events(c, [(who, event.key) for who, event in changes])
    evidence = [(who.id, _evidence(terms, file, row, now)) for who, row in zip(taken, rows, strict=True)]
    record_consents(c, [item for item in evidence if item[0] not in before])
    post_events(c, changes, now)


def _not_erased(c: Connection, rows: list[GoodRow], report: Report) -> list[GoodRow]:
    """Who asked to be forgotten must not come back by a file."""
    found = look_up(c, [row.address for row in rows])
    kept = [row for row, (_, reasons) in zip(rows, found, strict=True) if Suppression.ERASED not in reasons]
    report.erased += len(rows) - len(kept)
    return kept


def _good(file: ContactFile, report: Report, on_bad: OnBad) -> Iterator[GoodRow]:
    seen = set[str]()
    for row in file.rows():
        if isinstance(row, BadRow):
            report.rejected += 1
            report.bad += [row] if len(report.bad) < BAD_KEPT else []
            on_bad(row)
        elif normalised(row.address) in seen:
            report.doubles += 1
        else:
            seen.add(normalised(row.address))
            yield row


def _thousands(rows: Iterable[GoodRow]) -> Iterator[list[GoodRow]]:
    rows = iter(rows)
    while some := list(islice(rows, AT_ONCE)):
        yield some


def _contact(row: GoodRow) -> NewContact:
    domain = row.address.rpartition("@")[2]
    return NewContact(row.address, company_domain=domain, company_name=str(row.fields.get("company", "")))


def _tell(report: Report, taken: list[Upserted]) -> None:
    created = sum(who.created for who in taken)
    report.created += created
    report.known += len(taken) - created
    report.suppressed += sum(bool(who.suppressed) for who in taken)


def _evidence(terms: Terms, file: ContactFile, row: GoodRow, now: datetime) -> Consent:
    proof = {"file": file.path.name, "sha256": file.digest, "line": row.line}
    return Consent(terms.basis, terms.source, now, "", "", proof)


def _change(salt: bytes, terms: Terms, file: ContactFile, row: GoodRow, now: datetime) -> ProfileChanged:
    said = (terms.basis.value, terms.source, *sorted(terms.tags))
    key = "import:" + derive(salt, "import", file.digest, normalised(row.address), *said)
    return ProfileChanged(key, now, dict(row.fields), tuple(sorted({*row.tags, *terms.tags})), basis=terms.basis)
