"""What this installation is: read often, made once, by `db upgrade`."""

import hmac
import secrets
import unicodedata
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from nurture.core.ids import contact_key, derive
from nurture.domains import unicode_domain
from nurture.storage.database import DatabaseProblem, real_now
from nurture.storage.tables import instance as table

SALT_BYTES = 32


@dataclass(frozen=True, slots=True)
class Instance:
    """`salt` names contacts, touches and choices for ever; `secret` signs tokens; `epoch` names this very database."""

    salt: bytes = field(repr=False)
    secret: bytes = field(repr=False)
    epoch: str

    def contact_key(self, address: str) -> str:
        """The name in journals of a contact first known by this address."""
        return contact_key(self.salt, normalised(address))

    def address_hash(self, address: str) -> str:
        """What suppressions keep of an address: useless without the salt."""
        return derive(self.salt, "address", normalised(address))

    def fingerprint(self) -> str:
        """A short public name of the salt, to notice that two databases are not the same instance."""
        return hmac.digest(self.salt, b"fingerprint", "sha256")[:4].hex()


def normalised(address: str) -> str:
    """The address as people mean it: surrounding space, case and the spelling of a domain do not make another person."""
    local, at, domain = unicodedata.normalize("NFC", address.strip()).lower().rpartition("@")
    return f"{local}{at}{unicode_domain(domain)}"


def create_instance(c: Connection, *, salt: bytes | None = None, secret: bytes | None = None) -> Instance:
    """Make the instance unless there is one; answers the one there is. A seeded demo gives the salt."""
    values = (1, salt or secrets.token_bytes(SALT_BYTES), secret or secrets.token_bytes(SALT_BYTES))
    row = dict(zip(("id", "salt", "secret"), values, strict=True))
    if c.execute(select(table.c.id)).first() is None:
        c.execute(table.insert().values(**row, epoch=secrets.token_hex(8), created_at=real_now(c)))
    return instance(c)


def instance(c: Connection) -> Instance:
    """The instance (DatabaseProblem: the database was never upgraded)."""
    row = c.execute(select(table.c.salt, table.c.secret, table.c.epoch)).first()
    if row is None:
        raise DatabaseProblem("The database holds no instance: run `nurture db upgrade`.")
    return Instance(bytes(row.salt), bytes(row.secret), row.epoch)


def new_epoch(c: Connection) -> None:
    """Give this very database a name of its own: it is a copy from which a person wants to send."""
    c.execute(table.update().values(epoch=secrets.token_hex(8)))
