"""What a person does with a mail: pure, and the same for the same seed, person and message."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from nurture.demo import postmark
from nurture.demo.errands import Errand, Fetch, Hook, Planned, Press, Tell
from nurture.demo.letters import Letter
from nurture.demo.people import Person
from nurture.demo.site import PRICES, WEBINAR, Page, fact
from nurture.demo.temperaments import Mailbox
from nurture.demo.words import AGENTS, AWAY, INTERESTED, OTHERWISE, SCANNERS
from nurture.simulate.dice import Dice
from nurture.simulate.habits import DAY, HOUR, MINUTE, acts_at, days_away, reads_at, speaks_at


class Reader:
    """A person with the seed's dice."""

    def __init__(self, person: Person, seed: int, zone: ZoneInfo) -> None:
        self.person = person
        self._how = person.temperament
        self._own = Dice(seed, ("reader", person.address))
        self._zone = zone
        self._agent = self._own.pick("agent", AGENTS)

    def receives(self, letter: Letter, nth: int) -> Iterator[Planned]:
        """What comes of the person's `nth` mail of a campaign."""
        dice = self._own.of(letter.message_id)
        match self.person.mailbox:
            case Mailbox.SOFT:
                yield self._host(letter, letter.at + HOUR, postmark.bounced, "SoftBounce")
                return
            case Mailbox.LATER:
                at = letter.at + timedelta(hours=dice.between("bounce", 3, 20))
                yield self._host(letter, at, postmark.bounced, "HardBounce")
                yield self._host(letter, at, postmark.stopped, "HardBounce")
                return
            case _:
                at = letter.at + MINUTE
                yield self._plan(at, "delivered", letter, Hook(postmark.delivered(letter, at)))
        if self._how.scanned:
            yield from self._scan(letter, dice)
        yield from self._speak(letter, nth, dice)
        yield from self._read(letter, dice, self._back(letter, nth, dice))

    def confirms(self, letter: Letter) -> Iterator[Planned]:
        """What comes of a mail that asks whether it was really the person."""
        url, dice = letter.link("/confirm/"), self._own.of(letter.message_id)
        if url is None or self.person.mailbox is not Mailbox.FINE:
            return
        if self._how.scanned:
            yield from self._scan(letter, dice)
        if dice.happens("confirms", 80):
            at = letter.at + dice.between("confirms after", 5, 240) * MINUTE
            yield self._plan(at, "confirm", letter, Press(url, self._agent))

    def lands(self, page: Page, at: datetime) -> Iterator[Planned]:
        """What the person does on the site after a click has led there."""
        dice = self._own.of("site", page.content)
        if page.kind == WEBINAR and page.starts_at is not None and page.ends_at is not None and at < page.starts_at:
            yield self._tell(at + 5 * MINUTE, "registered", page.content, "")
            if dice.happens("attends", self._how.attends):
                yield self._tell(page.ends_at + 5 * MINUTE, "attended", page.content, "")
        if dice.happens("browses", self._how.browses):
            for n in range(1 + int(dice.between("times", 0, 4))):
                yield self._tell(at + n * DAY + 20 * MINUTE, "visited", PRICES[self.person.language], page.content)

    def _read(self, letter: Letter, dice: Dice, since: datetime) -> Iterator[Planned]:
        if not dice.happens("opens", self._how.opens) or letter.pixel is None:
            return
        at = reads_at(dice, since, self._zone)
        yield self._plan(at, "open", letter, Fetch(letter.pixel, self._agent))
        url = letter.link("/c/", "/d/")
        if url is not None and dice.happens("clicks", self._how.clicks):
            yield self._plan(acts_at(dice, at), "click", letter, Fetch(url, self._agent, reads_on=True))

    def _scan(self, letter: Letter, dice: Dice) -> Iterator[Planned]:
        """A filter before the mailbox follows every link at once; some say who they are, some claim to be a browser."""
        agent = dice.pick("scanner", SCANNERS)
        for n, url in enumerate(letter.links):
            method = "HEAD" if dice.happens(f"head {n}", 40) else "GET"
            yield self._plan(letter.at, f"scan {n}", letter, Fetch(url, agent, method))

    def _speak(self, letter: Letter, nth: int, dice: Dice) -> Iterator[Planned]:
        """Answers, objections and complaints, each at most once in a person's life."""
        at = speaks_at(dice, letter.at, self._zone)
        if nth == self._how.replies_at:
            wanted = dice.happens("interested", self._how.interested)
            text = dice.pick("text", (INTERESTED if wanted else OTHERWISE)[self.person.language])
            yield self._plan(at, "reply", letter, Hook(self._answer(letter, at, text), inbound=True))
        if nth == self._how.away_at:
            text = self._absence(letter, dice)
            post = self._answer(letter, letter.at, text, automatic=True)
            yield self._plan(letter.at, "away", letter, Hook(post, inbound=True))
        if nth == self._how.complains_at:
            yield self._host(letter, at, postmark.bounced, "SpamComplaint")
            yield self._host(letter, at, postmark.stopped, "SpamComplaint")
        if nth == self._how.leaves_at:
            yield self._plan(at, "leave", letter, self._leaving(letter, dice))

    def _leaving(self, letter: Letter, dice: Dice) -> Errand:
        if dice.happens("one click", 50) and letter.one_click:
            fields = {"List-Unsubscribe": "One-Click"}
            return Press(letter.one_click, "MailHost/1.0 (+https://hote.exemple.example)", fields, looks_first=False)
        return Press(letter.link("/u/") or str(letter.one_click), self._agent)

    def _answer(self, letter: Letter, at: datetime, text: str, *, automatic: bool = False) -> Mapping[str, object]:
        name = f"{self.person.first_name} {self.person.last_name}"
        return postmark.answer(letter, at, name, text, automatic=automatic)

    def _back(self, letter: Letter, nth: int, dice: Dice) -> datetime:
        """When the person reads mail again."""
        return self._return(letter, dice) if nth == self._how.away_at else letter.at

    def _return(self, letter: Letter, dice: Dice) -> datetime:
        return letter.at + days_away(dice) * DAY

    def _absence(self, letter: Letter, dice: Dice) -> str:
        day = self._return(letter, dice).astimezone(self._zone).date()
        return AWAY[self.person.language](day)

    def _host(self, letter: Letter, at: datetime, make: postmark.About, kind: str) -> Planned:
        return self._plan(at, f"{make.__name__} {kind}", letter, Hook(make(letter, at, kind)))

    def _tell(self, at: datetime, signal: str, about: str, why: str) -> Planned:
        key = f"{signal}:{about}:{why}:{at.date().isoformat()}" if signal == "visited" else f"{signal}:{about}"
        told = Tell((fact(signal, self.person.address, about, key),))
        return Planned(at, self.person.address, key, told)

    def _plan(self, at: datetime, what: str, letter: Letter, errand: Errand) -> Planned:
        return Planned(at, self.person.address, f"{letter.message_id}:{what}", errand)
