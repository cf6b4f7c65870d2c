"""A contact's course is the engine's: the same decisions at the same instants, for the same reasons."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from nurture.core.conditions import Condition, Not, Scope
from nurture.core.events import Event, Sent
from nurture.core.scoring import Scoring, SignalRule
from nurture.core.state import ContactState, HandOff
from nurture.core.words import HandOffState, SignalKind
from nurture.engine.inputs import consume
from nurture.simulate.course import Course
from nurture.simulate.forecast import Nobody
from nurture.simulate.reactions import Model, Reader
from nurture.simulate.reading import reads_of
from nurture.storage.journal import Entry, journal_of
from nurture.storage.load import load_contacts
from nurture.storage.tables import agenda, outbox
from tests.builders import a_contact, a_form, a_program, a_signal, a_stage, a_world, at, did, engaged, send
from tests.chaos.campaigns import WORLD
from tests.delivery.harness import House
from tests.simulate.builders import TALKATIVE, Notebook

BEGIN = at("2027-03-01 07:30")
END = BEGIN + timedelta(weeks=6)
SOMEBODY = "anne@exemple.example"


def simulated(state: ContactState, seed: int) -> Notebook:
    """Six weeks of somebody who fills in a form and looks at the prices."""
    book = Notebook()
    form, visit = a_form(when="2027-03-01 08:10"), a_signal("visited", "/tarifs", when="2027-03-02 21:00")
    received: list[tuple[datetime, Event]] = [(form.at, form), (visit.at, visit)]
    Course(WORLD, state, received, Reader(Model.of(WORLD, TALKATIVE, seed), state), book).run(BEGIN, END)
    return book


class Engine:
    """The real one, a database below it, whose every mail is taken at once."""

    def __init__(self, house: House, facts: Sequence[tuple[datetime, Event]]) -> None:
        self._house = house
        self._who = house.ids[SOMEBODY]
        self._facts = sorted(facts, key=lambda fact: fact[0])
        self._sent: set[str] = set()

    def run(self) -> list[Entry]:
        """Until the end; answers the journal."""
        now: datetime | None = BEGIN
        while now is not None and now <= END:
            self._house.now = now
            self._settle()
            now = self._next()
        with self._house.db.read() as c:
            key = load_contacts(c, [self._who], END)[self._who].state.key
            return journal_of(c, key)

    def _settle(self) -> None:
        due = [event for at_, event in self._facts if at_ <= self._house.now]
        self._facts = self._facts[len(due) :]
        while True:
            self._house.post(*((SOMEBODY, event) for event in due))
            due = self._decided()
            if not due:
                return

    def _decided(self) -> list[Event]:
        self._house.decide()
        with self._house.db.read() as c:
            keys = list(
                c.execute(select(outbox.c.key).where(outbox.c.purpose == "touch").order_by(outbox.c.key)).scalars()
            )
        new = [key for key in keys if key not in self._sent]
        self._sent |= set(new)
        return [Sent(f"sent:{key}:0", self._house.now, key) for key in new]

    def _next(self) -> datetime | None:
        with self._house.db.read() as c:
            timer = c.execute(select(func.min(agenda.c.due_at))).scalar()
        times = [at_ for at_, _ in self._facts[:1]] + ([timer] if timer is not None else [])
        return min(times, default=None)


def told(book: Notebook) -> list[tuple[int, datetime, str, str, list[tuple[str, str, dict[str, object]]]]]:
    return [
        (d.state.seq, d.at, e.kind, e.key, [(b.reason.value, b.subject, dict(b.detail)) for b in d.because])
        for e, d in book.decided_
    ]


def read(entries: Sequence[Entry]) -> list[tuple[int, datetime, str, str, list[tuple[str, str, dict[str, object]]]]]:
    return [
        (e.seq, e.at, e.event, e.event_key, [(b["reason"], b["subject"], b["detail"]) for b in e.because])
        for e in entries
    ]


@pytest.mark.parametrize("seed", [2, 5, 8])
def test_the_journal_is_the_engines(house: House, seed: int) -> None:
    house.world = WORLD
    house.take_in(SOMEBODY)
    with house.db.read() as c:
        state = load_contacts(c, list(house.ids.values()), BEGIN)[house.ids[SOMEBODY]].state
    book = simulated(state, seed)
    assert len(book.decided_) > 5
    assert read(Engine(house, book.facts).run()) == told(book)


def test_a_fact_that_no_rule_reads_changes_nothing_that_follows() -> None:
    state = a_contact()
    reads = reads_of(WORLD)
    finals = []
    for heeded in (None, reads):
        course = Course(
            WORLD, state, [(a_form().at, a_form())], Reader(Model.of(WORLD, TALKATIVE, 4), state), Notebook(), heeded
        )
        course.run(BEGIN, END)
        finals.append((dict(course.state.enrolments), dict(course.state.touches), course.state.status))
    assert finals[0] == finals[1]
    assert reads.ignores(state, a_signal("opened", "guide"))
    assert not reads.ignores(state, a_signal("clicked", "guide"))


OPENED = a_signal("opened", "guide")
LATELY = did("clicked", scope=Scope.WITHIN, days=7)


@pytest.mark.parametrize("advance", [engaged(50), LATELY, Not(LATELY), Not(engaged(50))])
def test_what_time_alone_makes_true_is_noticed_on_its_day_whatever_is_left_out(advance: Condition) -> None:
    program = a_program(a_stage("tofu", send("guide"), advance=advance))
    assert reads_of(a_world(program)).ignores(a_contact(), OPENED)
    grows = Scoring(rules=(SignalRule(SignalKind.VISITED, -1000, half_life=7),))
    assert not reads_of(a_world(program, scoring=grows)).ignores(a_contact(), OPENED), "points below zero that fade"


def test_after_an_answer_of_sales_any_signal_is_news() -> None:
    when = at("2027-03-02 10:00")
    answered = HandOff("h", "cloud", "sales", "anne@exemple.example", when, when, HandOffState.REJECTED, when)
    world = a_world(a_program())
    assert reads_of(world).ignores(a_contact(), OPENED)
    assert not reads_of(world).ignores(a_contact(hand_off=answered), OPENED)


def test_a_mail_under_way_at_the_beginning_is_sent_then() -> None:
    state, book = a_contact(), Notebook()
    world = a_world(a_program(a_stage("tofu", send("guide"))))
    queued = consume(world, state, [(BEGIN, a_form(when="2027-03-01 07:30"))], BEGIN).after
    Course(world, queued, [], Nobody(), book).run(BEGIN, END)
    assert [event.kind for event, _ in book.decided_] == ["sent"]
