"""One seed's weeks: people, two workers and their faults on virtual time, until all has settled."""

import asyncio
import heapq
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count

from sqlalchemy import select, update

from nurture.core.state import ContactState
from nurture.core.words import Basis
from nurture.core.world import World
from nurture.delivery.deliver import Delivery
from nurture.engine.deciding import Decider
from nurture.engine.jumps import JumpWatch
from nurture.engine.worker import Worker, settle
from nurture.inbound.objections import unsubscribe
from nurture.inbound.sort import Sorter
from nurture.providers.transport import Transport
from nurture.storage.brakes import EVERYTHING, brakes_on, release
from nurture.storage.claims import in_hand, next_due
from nurture.storage.contacts import NewContact, upsert_contacts
from nurture.storage.database import Database, DatabaseProblem
from nurture.storage.load import load_contacts
from nurture.storage.receipts import receive
from nurture.storage.results import recover_stale
from nurture.storage.tables import agenda, outbox, receipts
from nurture.storage.words import BrakeKind
from tests.chaos import virtual
from tests.chaos.campaigns import COMPOSER, TOKENS, WORLD
from tests.chaos.faults import Faults, Handle, Killed, Life
from tests.chaos.hosts import Host, host_of
from tests.chaos.people import HALF_HOUR, Person, Posting, a_crowd, answers, arrivals
from tests.chaos.sink import SimulatedTransport, Sink

BEGIN = datetime(2027, 3, 25, 6, tzinfo=UTC)  # Paris changes its clocks on the 28th
LENGTH = timedelta(days=6)
LEASE = timedelta(minutes=5)
BATCH = 4
EPILOGUE = 6
"""Hours without faults at the end, in which whatever is looked into comes to its end."""

LIVES = 5
"""Incarnations a worker may use up at one instant."""


@dataclass
class Slot:
    """A place for a worker, whoever lives in it now."""

    name: str
    life: Life
    db: Handle
    worker: Worker
    watch: JumpWatch


Recruit = Callable[["Course", str], Slot]
Tidy = Callable[[Database, datetime], None]


class Course:
    """The run of one seed. What is public is what the invariants read."""

    def __init__(
        self,
        seed: int,
        db: Database,
        faults: Faults,
        recruit: Recruit | None = None,
        tidy: Tidy | None = None,
        host: Host | None = None,
    ) -> None:
        """`recruit` and `tidy` are a worker and a housekeeping other than the real ones, to see that it is noticed.

        `host` is one other than the seed's own.
        """
        self.seed = seed
        self.host = host or host_of(seed)
        self.db = db
        self.faults = faults
        self.now = BEGIN
        self.seconds = virtual.Monotonic()
        self.sink = Sink(lambda: self.now, self.seconds, self.host)
        self.holds: list[tuple[float, float]] = []  # the seconds between which all mail was held
        self.leaps: list[
            tuple[datetime, datetime]
        ] = []  # of the clock; one that no process was there to see holds nothing
        self.people: dict[str, Person] = {}
        self.blank: dict[int, ContactState] = {}  # as they were taken in
        self.ticks: list[datetime] = []
        self.acknowledged: set[str] = set()
        self.objected: dict[str, float] = {}  # by address, the second at which leaving was acknowledged
        self.complained: dict[str, datetime] = {}
        self._recruit: Recruit = recruit or recruited
        self._tidy: Tidy = tidy or tidied
        self._heap: list[tuple[datetime, int, Posting]] = []
        self._numbers = count()
        self._read = 0
        self._is_pausing = False
        self._held_at: float | None = None
        self._patience = 0.0
        self._slots: list[Slot] = []
        faults.on_pause = self._pause

    def run(self) -> None:
        """Days with faults, then some hours in which nothing goes wrong any more."""
        virtual.run(self._run(), self.seconds, self._delay)

    async def _run(self) -> None:
        self._take_in()
        self._slots = [self._recruit(self, name) for name in ("a", "b")]
        end = BEGIN + LENGTH
        while self.now < end:
            await self._tick()
            self._move(min(self._following(), end))
        self.faults.stop()
        self._patience = 0.0
        self._slots = [self._recruit(self, name) for name in ("c", "d")]
        for _ in range(EPILOGUE):
            self._move(self.now + timedelta(hours=1))
            await self._tick()

    # Time.

    def pass_time(self, time: timedelta) -> None:
        """Real time passes: leases run out, deadlines come nearer, the business clock goes on."""
        self.now += time
        self.seconds.at += time.total_seconds()
        with self.db.begin() as c:
            for table in (agenda, outbox, receipts):
                held = select(table.c.token, table.c.leased_until).where(table.c.leased_until.is_not(None)).distinct()
                for token, until in c.execute(held).all():
                    same = (table.c.token == token, table.c.leased_until == until)
                    c.execute(update(table).where(*same).values(leased_until=until - time))

    def _move(self, to: datetime) -> None:
        """On to an instant; sometimes the machine's clock is then set wrong, or right.

        By less than an hour where nothing depends on it but when things are due: how long ago a provider was given a message
        is measured by this very clock. By more, and mail is held until a person has looked; back by less than what is kept
        of a key's lifetime.
        """
        self.pass_time(to - self.now)
        dice = self.faults.dice
        if not self.host.settles and self.faults.happens(self.faults.rates.jump, "jump"):
            self.now += timedelta(minutes=dice.randint(-50, 50))
        elif self.faults.happens(self.faults.rates.leap, "leap"):
            leap = timedelta(minutes=dice.choice((-1, 1, 1)) * dice.randint(70, 130) * dice.choice((1, 1, 15)))
            self.leaps.append((self.now, self.now + leap))
            self.now += leap

    def _following(self) -> datetime:
        with self.db.read() as c:
            due = next_due(c)
            held = in_hand(c, self.now)
        found = [at for at in (due, self._heap[0][0] if self._heap else None) if at is not None]
        following = min(found, default=self.now + timedelta(days=1))
        return max(_on_grid(following), self.now + HALF_HOUR) if not held else self.now + HALF_HOUR

    def _delay(self) -> float:
        return self.faults.dice.random() * 0.02 if self.faults.rates.kill else 0.0

    def _pause(self, life: Life) -> None:
        """The process is suspended; when that takes longer than its lease, another comes and does what is due."""
        if self._is_pausing:
            return
        self._is_pausing = True
        self.pass_time(LEASE * (0.05 + 3 * self.faults.dice.random() ** 2))
        relief = self._recruit(self, f"relief of {life.name}")
        problems: list[BaseException] = []

        def work() -> None:
            try:
                virtual.run(self._work(relief), self.seconds, self._delay)
            except BaseException as error:
                problems.append(error)

        thread = threading.Thread(target=work)  # a loop cannot be run within a loop's thread; this one waits for it
        thread.start()
        thread.join()
        self._is_pausing = False
        if problems:
            raise problems[0]

    # What is done at one instant.

    async def _tick(self) -> None:
        self._person_looks()
        self.ticks.append(self.now)
        if self.faults.rates.kill:
            await asyncio.gather(self._people_act(), *(self._work(slot) for slot in self._slots))
        else:
            await self._people_act()
            for slot in self._slots:
                self._tidy(slot.db, self.now)
            await settle([slot.worker for slot in self._slots], self.now)
        self._note_hold()
        self._read_mails()

    def _person_looks(self) -> None:
        """Whoever is told that all mail is held takes some hours to look, and lets it go on."""
        if self._held_at is None or self.seconds.at < self._held_at + self._patience:
            return
        with self.db.begin() as c:
            release(c, EVERYTHING, {BrakeKind.CLOCK}, "claire", self.now)
        self.holds.append((self._held_at, self.seconds.at))
        self._held_at = None

    def _note_hold(self) -> None:
        """While the clock is as it was when a brake came on: since when all mail is held."""
        with self.db.read() as c:
            on = brakes_on(c)
        if on and self._held_at is None:
            self._held_at = self.seconds.at - (self.now - on[0].since).total_seconds()
            self._patience = self.faults.dice.randint(1, 6) * HALF_HOUR.total_seconds()

    async def _work(self, slot: Slot) -> None:
        """One worker's tick, its successors' included."""
        for _ in range(LIVES):
            try:
                await asyncio.to_thread(slot.watch.look, lambda: self.now)
                await asyncio.to_thread(self._tidy, slot.db, self.now)
                await settle([slot.worker], self.now)
                return
            except (Exception, Killed, BaseExceptionGroup) as problem:
                if not slot.life.is_dead:
                    if isinstance(problem, DatabaseProblem):
                        continue
                    raise
                new = self._recruit(self, slot.name)
                slot.life, slot.db, slot.worker, slot.watch = new.life, new.db, new.worker, new.watch

    async def _people_act(self) -> None:
        while self._heap and self._heap[0][0] <= self.now:
            posting = heapq.heappop(self._heap)[2]
            if self.faults.rates.kill:
                await asyncio.sleep(self.faults.dice.random() * 0.5)
            self._disturb(posting)
            life = Life("web", self.faults)
            life.is_begun = True
            try:
                self._take(Handle(self.db.engine, self.db.url, life=life), posting)
            except (Killed, DatabaseProblem):
                self._plan(replace(posting, at=self.now + HALF_HOUR))  # no answer: whoever posted it tries again

    def _take(self, db: Database, posting: Posting) -> None:
        """What the web does before it answers."""
        with db.begin() as c:
            if posting.receipt is None:
                unsubscribe(c, posting.leaves_by, self.now)
            else:
                receive(c, [posting.receipt], self.now)
        if posting.receipt is None:
            self.objected.setdefault(posting.person.address, self.seconds.at)
        else:
            self.acknowledged.add(posting.receipt.key)
        if posting.objects:
            self.complained.setdefault(posting.person.address, self.now)

    def _disturb(self, posting: Posting) -> None:
        """Posted twice, also much later."""
        if self.faults.happens(self.faults.rates.disorder, "twice"):
            again = self.now + self.faults.dice.randint(1, 100) * HALF_HOUR
            self._plan(replace(posting, at=again))

    def _plan(self, posting: Posting) -> None:
        heapq.heappush(self._heap, (posting.at, next(self._numbers), posting))

    def _read_mails(self) -> None:
        new, self._read = self.sink.taken[self._read :], len(self.sink.taken)
        with self.db.read() as c:
            for taken in sorted(new, key=lambda t: t.key):
                person = self.people.get(taken.recipient)
                content = c.execute(select(outbox.c.content).where(outbox.c.key == taken.key)).scalar()
                if person is None or not content:
                    continue
                for posting in answers(self.seed, person, taken.key, content, _on_grid(taken.at)):
                    late = self.faults.happens(self.faults.rates.disorder / 2, "late")
                    delay = self.faults.dice.randint(1, 150) * HALF_HOUR if late else timedelta()
                    self._plan(replace(posting, at=posting.at + delay))

    def _take_in(self) -> None:
        crowd = a_crowd(self.seed)
        new = [
            NewContact(p.address, {"first_name": "Camille"}, language="fr", country=p.country, zone=p.zone,
                       basis=Basis.LEGITIMATE_INTEREST)
            for p in crowd
        ]  # fmt: skip
        with self.db.begin() as c:
            found = upsert_contacts(c, new, self.now)
        known = [replace(p, id=f.id, key=f.key) for p, f in zip(crowd, found, strict=True)]
        self.people = {person.address: person for person in known}
        with self.db.read() as c:
            self.blank = {who: one.state for who, one in load_contacts(c, [p.id for p in known], self.now).items()}
        for posting in arrivals(self.seed, known, BEGIN):
            self._plan(posting)


def recruited(course: Course, name: str) -> Slot:
    """A new incarnation: parts of its own, nothing kept from the one before."""
    return manned(course, name)


def manned(
    course: Course,
    name: str,
    transport_of: Callable[[SimulatedTransport], Transport] = lambda transport: transport,
    world: World = WORLD,
) -> Slot:
    """The same, with a transport or a world that may be other than the real ones."""
    life = Life(name, course.faults)
    db = Handle(course.db.engine, course.db.url, life=life)
    library = course.host.library if world is WORLD else replace(course.host.library, world=world)
    transport = transport_of(SimulatedTransport(course.sink, life, course.faults, course.seconds, course.host))
    delivery = Delivery(
        db,
        lambda: library,
        transport,
        COMPOSER,
        batch_size=BATCH,
        lease=LEASE,
        monotonic=course.seconds,
        passing=course.seconds,
    )
    decider = Decider(db, lambda: world, BATCH, LEASE)
    worker = Worker(Sorter(db, TOKENS), decider, delivery)
    slot = Slot(name, life, db, worker, JumpWatch(db, course.seconds))
    life.is_begun = True
    return slot


def tidied(db: Database, now: datetime) -> None:
    """What the clock's housekeeping does."""
    with db.begin() as c:
        recover_stale(c, now)


def _on_grid(at: datetime) -> datetime:
    return BEGIN + -((BEGIN - at) // HALF_HOUR) * HALF_HOUR
