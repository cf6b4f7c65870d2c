"""Contacts of a file taken in, a thousand at a time: the good ones in, the bad ones reported, none twice."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import TypeAlias

from nurture.core.events import ProfileChanged
from nurture.core.ids import derive
from nurture.core.words import Basis
from nurture.inbound.contact_file import BadRow, ContactFile, GoodRow
from nurture.storage.contacts import Consent, NewContact, Upserted, record_consents, upsert_contacts
from nurture.storage.database import Database
from nurture.storage.inbox import post_events
from nurture.storage.instance import instance, normalised

AT_ONCE = 1000

Progress: TypeAlias = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Terms:
    """On what ground the file's contacts may be written to, where they come from, and what they are tagged."""

    basis: Basis
    source: str
    tags: tuple[str, ...] = ()


@dataclass(slots=True)
class Report:
    """What became of the rows. `doubles` are rows whose address stood in the file before."""

    created: int = 0
    known: int = 0
    doubles: int = 0
    suppressed: int = 0
    bad: list[BadRow] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """How many rows were read."""
        return self.created + self.known + self.doubles + len(self.bad)


def import_contacts(db: Database, file: ContactFile, terms: Terms, now: datetime, progress: Progress) -> Report:
    """Take the file in; each thousand rows is one transaction, and the same file again changes nothing.

    `progress` is told after each thousand how many rows were read. A row's fields reach the contact as an event, so that
    they are journalled and may start a campaign.
    """
    report, seen = Report(), set[str]()
    for some in _thousands(_good(file, report, seen)):
        with db.begin() as c:
            own = instance(c)
            taken = upsert_contacts(c, [_contact(row) for row in some], now)
            _tell(report, taken)
            created = [(who.id, _evidence(terms, file, row, now)) for who, row in zip(taken, some, strict=True)]
            record_consents(c, [item for item, who in zip(created, taken, strict=True) if who.created])
            changes = [(who.id, _change(own.salt, terms, file, row, now)) for who, row in zip(taken, some, strict=True)]
            post_events(c, changes, now)
        progress(report.rows)
    progress(report.rows)
    return report


def _good(file: ContactFile, report: Report, seen: set[str]) -> Iterator[GoodRow]:
    for row in file.rows():
        if isinstance(row, BadRow):
            report.bad.append(row)
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
    key = "import:" + derive(salt, "import", file.digest, normalised(row.address))
    return ProfileChanged(key, now, dict(row.fields), tuple(sorted({*row.tags, *terms.tags})), basis=terms.basis)
