"""How much may go where, just now: the breakers of one process, and the release of a backlog.

One `Flow` serves all workers of a process, which share its transport. It is kept in memory on purpose: each process finds
out with five messages what another knows, a breaker that is wrong stops no other machine, and no send costs a statement
more. What has to be known by all is in the database: a message that waits for a recipient's domain is due later, for every
worker.

The next host fails when it cannot be reached, does not answer, or turns the envelope or the message away for now. What it
says for now about one recipient counts against that recipient's domain; a domain that is given up so counts once against
the host, so that a host which turns every recipient away is left alone, too.
"""

import logging
import random
import threading
import time
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from nurture.delivery import breakers, release
from nurture.delivery.breakers import CLOSED, Breaker, HalfOpen, Open
from nurture.delivery.release import Release
from nurture.providers.transport import Accepted, Again, Outcome, RefusedForGood, Stopped, TryLater, Unknown

SPREAD = 60.0
"""Seconds over which messages that waited for the same thing come back."""

MOST_DOMAINS = 10_000
"""Domains with failures that are remembered; the one heard of longest ago is forgotten."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Wait:
    """This message does not go now; it may come back in `seconds`, for the reason told."""

    seconds: float
    why: str


class Flow:
    """Safe to share between threads. Times are of `monotonic`; `fraction` gives the jitter, from 0 to 1."""

    def __init__(
        self,
        *,
        release_rate: float | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        fraction: Callable[[], float] = random.random,
    ) -> None:
        """`release_rate` is the cap of a release, in messages a second; None releases a backlog at full speed.

        A process begins with a release: what waited while there was none is a backlog. It ends with the first claim that
        finds less than it asked for.
        """
        self._rate = release_rate
        self._monotonic = monotonic
        self._fraction = fraction
        self._lock = threading.Lock()
        self._host: Breaker = CLOSED
        self._domains: OrderedDict[str, Breaker] = OrderedDict()  # without those that never failed
        self._release = self._begun()

    def most(self, wanted: int) -> int:
        """How many messages are worth claiming now, at most `wanted`; nothing is promised by it."""
        with self._lock:
            self._host = breakers.at(self._host, self._monotonic())
            free = breakers.room(self._host)
            most = wanted if free is None else min(wanted, free)
            if self._release is not None:
                now = self._monotonic()
                self._release = release.advanced(self._release, now)
                most = min(most, release.room(self._release, now))
            return most

    def claimed(self, count: int, asked: int) -> None:
        """So many messages were found of those asked for; fewer mean that the backlog is gone."""
        with self._lock:
            if self._release is not None:
                self._release = None if count < asked else release.taken(self._release, count)

    def waits(self, addresses: Iterable[str]) -> list[Wait | None]:
        """Which of the messages just claimed, by their addresses, are not worth preparing; None where one is."""
        if not self._domains:
            return [None for _ in addresses]
        with self._lock:
            taken: defaultdict[str, int] = defaultdict(int)
            return [self._worth(_domain(address), taken) for address in addresses]

    def ask(self, address: str) -> Wait | None:
        """None: this message goes, and `heard` follows. Otherwise it waits."""
        with self._lock:
            now, domain = self._monotonic(), _domain(address)
            self._host = breakers.at(self._host, now)
            behind = self._domain(domain, now)
            for breaker, who in ((self._host, "The mail server"), (behind, domain)):
                if breakers.room(breaker) == 0:
                    return self._wait(breaker, who, now)
            self._host = breakers.let_out(self._host)
            if behind is not CLOSED:
                self._domains[domain] = breakers.let_out(behind)
            return None

    def heard(self, address: str, outcome: Outcome | None) -> None:
        """What came of a message that `ask` let go; None: it was cut short, and nothing was learnt."""
        with self._lock:
            match outcome:
                case Accepted() | RefusedForGood():
                    self._host_is(breakers.answered(self._host))
                    self._domain_is(_domain(address), breakers.answered)
                case TryLater(recipient=True, after=after):
                    self._domain_fails(_domain(address), after.total_seconds() if after else 0.0)
                case TryLater(after=after):
                    self._host_fails(after.total_seconds() if after else 0.0)
                    self._domain_is(_domain(address), breakers.untold)
                case Unknown():
                    self._host_fails(0.0)
                    self._domain_is(_domain(address), breakers.untold)
                case Stopped() | Again() | None:
                    self._host = breakers.untold(self._host)
                    self._domain_is(_domain(address), breakers.untold)

    def _begun(self) -> Release | None:
        return release.begin(self._rate, self._monotonic()) if self._rate else None

    def _worth(self, domain: str, taken: defaultdict[str, int]) -> Wait | None:
        now = self._monotonic()
        breaker = self._domain(domain, now)
        free = breakers.room(breaker)
        if free is None or taken[domain] < free:
            taken[domain] += 1
            return None
        return self._wait(breaker, domain, now)

    def _wait(self, breaker: Breaker, who: str, now: float) -> Wait:
        left = max(breaker.until - now, 0.0) if isinstance(breaker, Open) else 0.0
        return Wait(left + breakers.LEAST + SPREAD * self._fraction(), f"{who} could take no more just then.")

    def _domain(self, domain: str, now: float) -> Breaker:
        known = self._domains.get(domain)
        if known is None:
            return CLOSED
        self._domains[domain] = breakers.at(known, now)
        return self._domains[domain]

    def _domain_is(self, domain: str, change: Callable[[Breaker], Breaker]) -> None:
        known = self._domains.get(domain)
        if known is None:
            return
        became = change(known)
        if became == CLOSED:
            del self._domains[domain]
            if isinstance(known, HalfOpen):
                log.warning("%s takes mails again", domain)
        else:
            self._domains[domain] = became

    def _domain_fails(self, domain: str, asked: float) -> None:
        known = self._domains.pop(domain, CLOSED)
        became = breakers.failed(known, self._monotonic(), self._fraction(), asked)
        self._domains[domain] = became
        if len(self._domains) > MOST_DOMAINS:
            self._domains.popitem(last=False)
        if isinstance(became, Open) and not isinstance(known, Open):
            log.warning("%s takes no mails for now: left alone for %.0f s", domain, became.until - self._monotonic())
            self._host_fails(0.0)
        else:
            self._host = breakers.untold(self._host)

    def _host_fails(self, asked: float) -> None:
        known, now = self._host, self._monotonic()
        self._host = breakers.failed(known, now, self._fraction(), asked)
        if isinstance(self._host, Open) and not isinstance(known, Open):
            log.warning("the mail server fails: left alone for %.0f s; mails wait", self._host.until - now)

    def _host_is(self, became: Breaker) -> None:
        if became == CLOSED and isinstance(self._host, HalfOpen):
            log.warning("the mail server takes mails again")
            self._release = self._begun()
        self._host = became


def _domain(address: str) -> str:
    return address.rpartition("@")[2].lower()
