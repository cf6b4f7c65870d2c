"""Weeks passing: everything that is due is done, the workers settle, and only then the clock goes on to what comes next."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta

from nurture.demo import sales
from nurture.demo.archive import Archive, Purpose
from nurture.demo.behaviour import Reader
from nurture.demo.errands import Planned
from nurture.demo.hands import Hands
from nurture.demo.heap import Heap
from nurture.demo.house import House
from nurture.demo.letters import Letter
from nurture.demo.newcomers import by_form
from nurture.demo.people import Person, by_address
from nurture.demo.site import Page, pages_of
from nurture.demo.temperaments import Mailbox
from nurture.demo.zones import zone_of
from nurture.engine.worker import settle
from nurture.storage.claims import next_due

GRID = timedelta(minutes=30)
"""Time goes in such steps, on which office hours begin and end: what falls between two of them happens at the later one."""

FULL_TIMES = 3


class Stuck(Exception):
    """Something is due and is not getting done: a fault of the engine, told with its place."""


class Course:
    """The run of one demo."""

    def __init__(self, people: Sequence[Person], seed: int, clock_now: Callable[[], datetime]) -> None:
        self._now = clock_now
        self._seed = seed
        self._people = by_address(people)
        self._readers = {who: Reader(one, seed, zone_of(one)) for who, one in self._people.items()}
        self._arrived: list[Letter] = []
        self._touches: Counter[str] = Counter()
        self._tries: Counter[str] = Counter()
        self._sales: frozenset[str] = frozenset()
        self.heap = Heap()
        self.archive = Archive()
        self.ticks = 0
        self._hands: Hands | None = None

    # What the mail host asks.

    def refuse(self, address: str) -> str | None:
        """The line that refuses an address at RCPT."""
        person = self._people.get(address.lower())
        match person.mailbox if person is not None else Mailbox.FINE:
            case Mailbox.UNKNOWN:
                return "550 5.1.1 The email account that you tried to reach does not exist"
            case Mailbox.FULL_FOR_NOW:
                self._tries[address] += 1
                full = self._tries[address] <= FULL_TIMES
                return "452 4.2.2 The recipient's mailbox is over its quota" if full else None
            case _:
                return None

    def take(self, mail_from: str, rcpt_to: str, data: bytes) -> None:
        """A mail has arrived; it is read once the workers have settled."""
        self._arrived.append(Letter(self._now(), mail_from, rcpt_to, data))

    # Time.

    def begin(self, house: House, until: datetime) -> None:
        """Learn what the company's site and teams are, and plan who fills in forms."""
        world = house.system.worlds.world()
        self._sales = frozenset(m.address.lower() for team in world.teams.values() for m in team.members)
        self._hands = Hands(house.access, pages_of(world.catalogue.values()), self._lands)
        self.heap.add(by_form(list(self._people.values()), self._seed, self._now(), until))

    async def run(self, house: House, until: datetime, seen: Callable[[], None]) -> None:
        """Let time pass until an instant; `seen` is called at each step."""
        while True:
            await self.settle(house)
            seen()
            following = self._following(house)
            if following is None or following > until:
                house.clock.move_to(until)
                return
            house.clock.move_to(following)

    async def settle(self, house: House) -> None:
        """Do everything that is due now, and what comes of it at once."""
        assert self._hands is not None, "begin first"
        self.ticks += 1
        while True:
            now = self._now()
            self.heap.add(await self._hands.do(self.heap.pop_due(now), now))
            await settle(house.workers, now)
            self._read()
            following = self.heap.next_at()
            if following is None or following > now:
                return

    async def close(self) -> None:
        """Let go of the connections."""
        if self._hands is not None:
            await self._hands.close()

    @property
    def troubles(self) -> list[str]:
        """Answers of the web that ought not to have come."""
        return self._hands.troubles if self._hands is not None else []

    @property
    def errands(self) -> int:
        """How much was done over HTTP."""
        return self._hands.done if self._hands is not None else 0

    def _following(self, house: House) -> datetime | None:
        with house.system.db.read() as c:
            due = next_due(c)
        now = self._now()
        if due is not None and due <= now:
            raise Stuck(f"Something is due since {due.isoformat()} and is not getting done at {now.isoformat()}.")
        following = min((at for at in (due, self.heap.next_at()) if at is not None), default=None)
        return None if following is None else _on_grid(following)

    # What people do.

    def _read(self) -> None:
        """In one order, whatever the order in which connections brought them."""
        letters = sorted(self._arrived, key=lambda letter: (letter.recipient, letter.message_id))
        self._arrived.clear()
        for letter in letters:
            purpose = self._purpose(letter)
            self._plan(letter, purpose)
            self.archive.keep(letter, purpose)

    def _purpose(self, letter: Letter) -> Purpose:
        if letter.recipient in self._sales:
            return Purpose.HAND_OFF
        return Purpose.TOUCH if letter.message["List-Unsubscribe"] else Purpose.CONFIRMATION

    def _plan(self, letter: Letter, purpose: Purpose) -> None:
        if purpose is Purpose.HAND_OFF:
            self.heap.add(sales.answers(letter, self._seed))
            return
        reader = self._readers[letter.recipient]
        if purpose is Purpose.CONFIRMATION:
            self.heap.add(reader.confirms(letter))
            return
        self._touches[letter.recipient] += 1
        self.heap.add(reader.receives(letter, self._touches[letter.recipient]))

    def _lands(self, who: str, page: Page, at: datetime) -> Iterable[Planned]:
        return self._readers[who.lower()].lands(page, at)


def _on_grid(at: datetime) -> datetime:
    start = datetime(2000, 1, 1, tzinfo=UTC)
    return start + -((start - at) // GRID) * GRID
