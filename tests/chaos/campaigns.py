"""Two small campaigns that use every kind of step and gate, and the mails they send."""

from datetime import time
from pathlib import Path

from nurture.content.tokens import Tokens
from nurture.core.program import Audience, Cadence, Cap, Content, Translation, Window
from nurture.core.world import World
from nurture.delivery.compose import Composer, Domains
from nurture.delivery.library import Library
from tests.builders import (
    a_program,
    a_prospect_rule,
    a_stage,
    a_world,
    days,
    did,
    engaged,
    holidays_of,
    hours,
    relance,
    send,
    wait,
    wait_for,
    when,
)

HOLIDAYS = holidays_of(FR=["2027-03-29"], US=["2027-04-01"])  # Easter Monday, and a day of no name
CLOUD_WINDOW = Window(frozenset(range(1, 6)), time(9), time(17, 30))
DATA_WINDOW = Window(frozenset(range(1, 7)), time(8), time(19))
CAPS = (Cap(1, 1), Cap(3, 7))
DATA_CAPS = (Cap(1, 1), Cap(4, 7))
NAMES = ("guide", "case", "deep", "light", "start", "compare", "closing")

CLOUD = a_program(
    a_stage(
        "tofu",
        send("guide"),
        wait(days(1)),
        relance("guide"),
        wait_for(did("clicked", "guide"), days(3), [send("case")]),
        when(engaged(5), [send("deep")], [send("light")]),
    ),
    a_stage("mofu", wait(days(1)), send("closing")),
    name="cloud",
    priority=1,
    hold_out=1000,
    cadence=Cadence(window=CLOUD_WINDOW, at_most=CAPS),
    prospect=a_prospect_rule(),
)
DATA = a_program(
    a_stage("tofu", send("start"), wait(hours(20)), send("compare"), wait(days(2)), relance("compare")),
    name="data",
    audience=Audience(enter=did("visited", "/tarifs")),
    cadence=Cadence(window=DATA_WINDOW, at_most=DATA_CAPS),
)
WORLD: World = a_world(
    CLOUD,
    DATA,
    holidays=HOLIDAYS,
    catalogue={
        name: Content(
            name,
            "white_paper",
            "tofu",
            translations=(Translation("fr", name.title(), "Vingt pages.", "Lire", asset=f"assets/{name}.pdf"),),
        )
        for name in NAMES
    },
)
WINDOWS = {"cloud": CLOUD_WINDOW, "data": DATA_WINDOW}
CAPS_OF = {"cloud": CAPS, "data": DATA_CAPS}

_TEMPLATES = {
    file.name: file.read_text(encoding="utf-8")
    for file in (Path(__file__).parents[2] / "email_templates").glob("*.mjml")
}
LIBRARY = Library(WORLD, _TEMPLATES, contact_fields=frozenset({"first_name", "last_name", "company"}))
TOKENS = Tokens(b"secret of the tests, long enough")
COMPOSER = Composer(TOKENS, "https://nurture.exemple.example", Domains("reply.exemple.example"))
"""Shared by all courses, as everything here runs in one thread: compiling the mails takes longer than a course."""
