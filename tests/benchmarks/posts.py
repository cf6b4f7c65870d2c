"""What is asked of a web process: requests as bytes, signed and unlike each other, and the databases that know them."""

import base64
import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import orjson

from nurture.content.links import Link, LinkKind
from nurture.content.tokens import MessageToken, Tokens, sign_message
from nurture.providers.svix import sign
from nurture.storage.compositions import store_compositions
from nurture.storage.database import Database
from nurture.storage.instance import instance
from nurture.storage.keys import create_key
from tests.benchmarks import engine, plain
from tests.benchmarks.campaign import apply_campaigns, take_in
from tests.benchmarks.door import PASSWORD, RESEND_SECRET, USER
from tests.benchmarks.settings import SUNDAY

NO_SMTP = 1
PAGE = "https://exemple.example/articles/migrer-sans-interruption?utm_source=nurture"
BROWSER = (
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\n"
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n"
    "Accept-Language: fr,fr-FR;q=0.8,en;q=0.5\r\nAccept-Encoding: gzip, deflate, br\r\nUpgrade-Insecure-Requests: 1\r\n"
)


@dataclass(frozen=True, slots=True)
class Known:
    """What a database knows: an API key, people, and messages whose link `number` leads to a page."""

    key: str
    addresses: tuple[str, ...]
    tokens: tuple[str, ...]
    number: int


def prepare(url: str, people: int) -> Known:
    """A database of ours with the shipped campaigns, these people, and a message to each of them."""
    db = Database.open(url)
    apply_campaigns(db)
    mail = engine.first_mail(url, NO_SMTP)
    number = len(mail.links)
    mail = replace(mail, links=(*mail.links, Link(number, LinkKind.CLICK, PAGE, "article")))
    with db.begin() as c:
        key = create_key(c, "site", SUNDAY) or ""
        store_compositions(c, [(mail.composition, mail.to_json())])
        tokens = Tokens(instance(c).secret)
    take_in(db, people)
    db.close()
    touches = (hashlib.sha256(f"touch {n}".encode()).hexdigest()[:32] for n in range(people))
    signed = tuple(sign_message(tokens, MessageToken(touch, mail.composition)) for touch in touches)
    return Known(key, tuple(f"claire.martin.{n}@entreprise-{n % 997}.example" for n in range(people)), signed, number)


def prepare_plain(url: str, known: Known) -> None:
    """The other side's database, which knows the same."""
    plain.prepare(url, known.key, known.addresses, [(token, known.number, PAGE) for token in known.tokens])


def postmark(known: Known, first: int, count: int) -> Sequence[bytes]:
    """Deliveries, as Postmark posts them."""
    signed = f"Authorization: Basic {base64.b64encode(f'{USER}:{PASSWORD}'.encode()).decode()}\r\n"
    return [_post("/hooks/postmark", signed, orjson.dumps(_delivery(known, n))) for n in range(first, first + count)]


def resend(known: Known, first: int, count: int) -> Sequence[bytes]:
    """Deliveries, as Resend posts and signs them."""
    key, stamp = base64.b64decode(RESEND_SECRET.removeprefix("whsec_")), str(int(time.time()))

    def one(n: int) -> bytes:
        body = orjson.dumps(
            {"type": "email.delivered", "created_at": "2027-03-08T09:00:00.000Z", "data": _delivery(known, n)}
        )
        name = f"msg_{n:024x}"
        headers = (
            f"svix-id: {name}\r\nsvix-timestamp: {stamp}\r\nsvix-signature: {sign(name, stamp, body, key).decode()}\r\n"
        )
        return _post("/hooks/resend", headers, body)

    return [one(n) for n in range(first, first + count)]


def events(known: Known, first: int, count: int, at_once: int = 1) -> Sequence[bytes]:
    """Visits that a site reports, so many a request."""
    bearer = f"Authorization: Bearer {known.key}\r\n"

    def one(n: int) -> bytes:
        items = [_visit(known, i) for i in range(n * at_once, (n + 1) * at_once)]
        return _post("/events", bearer, orjson.dumps(items if at_once > 1 else items[0]))

    return [one(n) for n in range(first, first + count)]


def clicks(known: Known, first: int, count: int) -> Sequence[bytes]:
    """Readers who follow a link of their mail."""
    return [
        f"GET /c/{known.tokens[n % len(known.tokens)]}/{known.number} HTTP/1.1\r\nHost: nurture.exemple.example\r\n{BROWSER}\r\n".encode()
        for n in range(first, first + count)
    ]


def _post(path: str, headers: str, body: bytes) -> bytes:
    head = (
        f"POST {path} HTTP/1.1\r\nHost: nurture.exemple.example\r\nAccept: application/json\r\n{headers}"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _delivery(known: Known, n: int) -> dict[str, object]:
    return {
        "RecordType": "Delivery",
        "ServerID": 23,
        "MessageStream": "broadcast",
        "MessageID": f"{n:08x}-2ae4-4a5e-9b7a-0123456789ab",
        "Recipient": known.addresses[n % len(known.addresses)],
        "Tag": "migration-cloud",
        "DeliveredAt": "2027-03-08T09:00:00Z",
        "Details": "smtp;250 2.0.0 OK 1804616400 a1-20020a05600c0a0100b004 - gsmtp",
        "Metadata": {"touch": hashlib.sha256(f"touch {n}".encode()).hexdigest()[:32]},
    }


def _visit(known: Known, n: int) -> dict[str, object]:
    return {
        "signal": "visited",
        "contact": known.addresses[n % len(known.addresses)],
        "object": f"/tarifs/{n % 50}",
        "key": f"visit-{n}",
    }
