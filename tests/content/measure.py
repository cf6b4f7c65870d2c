"""What one mail costs: `python -m tests.content.measure` prints a JSON line.

`ratio` compares with the same mail put together by the standard library's EmailMessage from
already rendered parts, in the same run, on the same machine.
"""

import json
from collections.abc import Callable
from email.message import EmailMessage
from email.policy import SMTP
from time import perf_counter

from nurture.content.bounded import SHARED
from nurture.content.branching import Branching, at_once, mail_of
from nurture.content.exchange import Request
from nurture.content.render import Heading, preview_html, render
from nurture.content.tokens import MessageToken, Tokens, read_message, sign_message
from tests.content.builders import BASE_URL, FIELDS, SENDER, TOKEN, a_heading, a_spec, compiled, shipped

TOKENS = Tokens(bytes(32))
MESSAGE = MessageToken("0a" * 16, "0b" * 8)


def microseconds(times: int, work: Callable[[], object]) -> float:
    """The best of three rounds: the machine's other work is not ours to count."""
    rounds = []
    for _ in range(3):
        start = perf_counter()
        for _ in range(times):
            work()
        rounds.append((perf_counter() - start) / times * 1e6)
    return round(min(rounds), 1)


def with_library(text: str, html: str, heading: Heading) -> bytes:
    """The naive way, generously: its parts are rendered beforehand."""
    message = EmailMessage(policy=SMTP)
    message["From"] = f"Exemple <{SENDER.address}>"
    message["To"] = f"{heading.recipient_name} <{heading.recipient_address}>"
    message["Subject"] = "Zoé, votre livre blanc"
    message["Message-ID"] = heading.message_id
    message.set_content(text, cte="quoted-printable")
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    return message.as_bytes()


def branching(heading: Heading) -> dict[str, float]:
    """A mail that branches: for a contact like one before, and each of those whom it is asked for, 128 at a time."""
    spec = a_spec(
        subject="{{ 'Banque' if contact.company == 'Banque' else 'Guide' }}, {{ contact.first_name | reverse }}"
    )
    mail = mail_of(SHARED, Request(spec, shipped(), BASE_URL, FIELDS))
    values = {"first_name": "Zoé", "company": "Banque"}

    def alike() -> bytes:
        decided = at_once(mail, values)
        return render(decided.skeleton, decided.with_computed(values), heading).data

    alike()
    assert isinstance(mail, Branching)
    people = [{"first_name": f"n{number}", "company": "Banque"} for number in range(1280)]
    start = perf_counter()
    mail.learn(people, 1)
    each = (perf_counter() - start) / len(people) * 1e6
    return {"branching_us": microseconds(3000, alike), "branching_asked_us": round(each, 1)}


def main() -> None:
    """Measure and print."""
    spec = a_spec(subject="{{ contact.first_name | default('Bonjour') }}, votre livre blanc")
    skeleton, values, heading = compiled(spec), {"first_name": "Zoé"}, a_heading()
    data = render(skeleton, values, heading).data
    html = preview_html(skeleton, values, TOKEN)
    text = "".join(piece if isinstance(piece, str) else TOKEN for piece in skeleton.text)
    ours = microseconds(3000, lambda: render(skeleton, values, heading))
    library = microseconds(100, lambda: with_library(text, html, heading))
    token = sign_message(TOKENS, MESSAGE)
    figures = {
        "html_bytes": len(html.encode()),
        "mail_bytes": len(data),
        "compile_us": microseconds(5, lambda: compiled(spec)),
        "render_us": ours,
        "email_message_us": library,
        **branching(heading),
        "ratio": round(library / ours, 1),
        "sign_us": microseconds(5000, lambda: sign_message(TOKENS, MESSAGE)),
        "read_us": microseconds(5000, lambda: read_message(TOKENS, token)),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
