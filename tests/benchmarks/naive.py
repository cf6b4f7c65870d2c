"""The other side of the comparison: the loop that people write first, with the same mails to the same sink.

SQLModel objects, one contact at a time; a Jinja2 template that was compiled once, rendered for each contact; an
`EmailMessage` with a text and an HTML part; smtplib on one connection that is kept; a commit for each contact, so that a
crash repeats at most one mail. The words, the links and the durability of the database are those of the real engine. It
is spared what the engine does besides: caps, windows, holds, scoring, a journal, a second look at objections.
"""

import secrets
import smtplib
import time
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

from jinja2 import Environment
from sqlmodel import Field, Session, SQLModel, select

from nurture.content.fills import Fill
from nurture.content.skeleton import Pieces, Skeleton
from nurture.storage.database import engine_for
from tests.benchmarks.settings import MONDAY

AT_ONCE = 1000
NOW = MONDAY
NEXT = timedelta(days=4)


class NaiveContact(SQLModel, table=True):
    """Somebody in a sequence."""

    __tablename__ = "naive_contacts"

    id: int | None = Field(default=None, primary_key=True)
    address: str
    first_name: str
    step: int = 0
    unsubscribed: bool = False
    due_at: datetime | None = Field(default=None, index=True)


class NaiveMessage(SQLModel, table=True):
    """A mail that was sent."""

    __tablename__ = "naive_messages"

    id: int | None = Field(default=None, primary_key=True)
    contact_id: int | None = Field(foreign_key="naive_contacts.id", index=True)
    step: int
    token: str = Field(index=True)
    message_id: str
    sent_at: datetime


def run(url: str, port: int, mail: Skeleton, warm_up: int, contacts: int) -> float:
    """Seconds until none of the contacts is due; before, a few others are written to, untimed."""
    engine = engine_for(url, create=True)
    SQLModel.metadata.create_all(engine)
    templates = _Templates(mail)
    elapsed = 0.0
    with smtplib.SMTP("127.0.0.1", port) as smtp, Session(engine) as session:
        for count in (warm_up, contacts):
            _take_in(session, count)
            started = time.perf_counter()
            while due := _due(session):
                for who in due:
                    _send(session, smtp, templates, who)
            elapsed = time.perf_counter() - started
    engine.dispose()
    return elapsed


def _take_in(session: Session, count: int) -> None:
    for n in range(count):
        address = f"claire.martin.{n}@entreprise-{n % 997}.example"
        session.add(NaiveContact(address=address, first_name=f"Claire-{n}", due_at=NOW))
    session.commit()


def _due(session: Session) -> list[int | None]:
    """Numbers only: a commit makes the session forget every object it has loaded."""
    return list(session.exec(select(NaiveContact.id).where(NaiveContact.due_at <= NOW).limit(AT_ONCE)))  # type: ignore[operator]


def _send(session: Session, smtp: smtplib.SMTP, templates: "_Templates", who: int | None) -> None:
    contact = session.get_one(NaiveContact, who)
    if contact.unsubscribed:
        return
    token = secrets.token_urlsafe(32)
    message = templates.message(contact, token)
    smtp.send_message(message)
    contact.step += 1
    contact.due_at = NOW + NEXT
    session.add(
        NaiveMessage(
            contact_id=contact.id, step=contact.step, token=token, message_id=message["Message-ID"], sent_at=NOW
        )
    )
    session.commit()


class _Templates:
    """The words of a compiled mail as Jinja2 templates, so that both sides send the same."""

    def __init__(self, mail: Skeleton) -> None:
        plain = Environment(autoescape=False)
        self._subject = plain.from_string(_source(mail.subject))
        self._text = plain.from_string(_source(mail.text))
        self._html = Environment(autoescape=True).from_string(_source(mail.html))
        self._sender = f"{mail.sender.name} <{mail.sender.address}>"
        self._base_url = mail.base_url

    def message(self, contact: NaiveContact, token: str) -> EmailMessage:
        """The mail for one contact."""
        values = {"contact": contact, "token": token}
        message = EmailMessage()
        message["Subject"] = self._subject.render(values)
        message["From"] = self._sender
        message["To"] = contact.address
        message["Date"] = format_datetime(MONDAY)
        message["Message-ID"] = make_msgid(domain="exemple.example")
        message["List-Unsubscribe"] = f"<{self._base_url}/u/{token}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        message.set_content(self._text.render(values))
        message.add_alternative(self._html.render(values), subtype="html")
        return message


def _source(pieces: Pieces) -> str:
    return "".join(
        f"{{{{ contact.{piece.field} }}}}" if isinstance(piece, Fill) else piece or "{{ token }}" for piece in pieces
    )
