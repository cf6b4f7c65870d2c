"""The opponent: the loop that people write first. Claim, send, commit; a crash between the last two sends again."""

import hashlib
import smtplib
from collections.abc import Sequence
from email.message import EmailMessage

from sqlalchemy import text

from nurture.storage.database import Database
from tests.chaos.jobs import Job

TABLE = "CREATE TABLE naive_outbox (address VARCHAR(200) PRIMARY KEY, sent INTEGER NOT NULL)"
BODY = "Elle ne devrait venir qu'une fois.\n" * 100


def prepare(db: Database) -> None:
    """Its one table."""
    with db.begin() as c:
        c.execute(text(TABLE))


def enter(db: Database, addresses: Sequence[str]) -> None:
    """People who are due."""
    with db.begin() as c:
        c.execute(text("INSERT INTO naive_outbox VALUES (:address, 0)"), [{"address": a} for a in addresses])


def states(db: Database) -> dict[str, str]:
    """What its table says."""
    with db.read() as c:
        return {a: "sent" if sent else "queued" for a, sent in c.execute(text("SELECT * FROM naive_outbox"))}


def work(job: Job) -> None:
    """Until nobody is due."""
    db = Database.open(job.url)
    with smtplib.SMTP("127.0.0.1", job.port) as smtp:
        while True:
            with db.begin() as c:
                due = text("SELECT address FROM naive_outbox WHERE sent = 0 ORDER BY address LIMIT 1")
                address = c.execute(due).scalar()
                if address is None:
                    break
                smtp.send_message(_mail(address))
                c.execute(text("UPDATE naive_outbox SET sent = 1 WHERE address = :a"), {"a": address})
    db.close()


def _mail(address: str) -> EmailMessage:
    mail = EmailMessage()
    name = hashlib.sha256(address.encode()).hexdigest()[:32]
    mail["Message-ID"] = f"<{name}@exemple.example>"
    mail["From"], mail["To"], mail["Subject"] = "bonjour@exemple.example", address, "Une lettre"
    mail.set_content(BODY)
    return mail
