"""A scanner at the door follows a mail's links before the server answers its dot, and then the server refuses the mail.

The click is no proof that the mail was taken: what the server answers to this very attempt says more.
"""

from dataclasses import dataclass

import pytest

from nurture.core.program import WhenUnknown
from nurture.core.words import Hardness
from nurture.inbound.sort import Sorter
from nurture.inbound.tracking import Hit, HitKind, Names
from nurture.providers.transport import MayGo, Outcome, Outgoing, RefusedForGood, Stopped, TryLater, always
from nurture.storage.receipts import receive
from tests.delivery.harness import TOKENS, House
from tests.delivery.lives import HOUR, deliver, policy
from tests.delivery.provider import GONE, PLAIN, Provider

ANNA = "anna@contact.example"
NAMES = Names()
GREYLISTED = TryLater("451 4.7.1 Greylisted, try again later")


def scanned(house: House, key: str) -> None:
    """The receiving host fetches a link of the mail that it is being given: the web's receipt, and the sorter."""
    with house.db.begin() as c:
        receive(c, [Hit(HitKind.CLICK, key, 0, "about", "GET", "Mozilla/5.0").receipt(NAMES.next())], house.now)
    assert Sorter(house.db, TOKENS).run_once(house.now) == 1


@dataclass
class AtTheDoor(Provider):
    """Hears the whole message, follows its links, and then answers the dot so."""

    house: House | None = None
    answer: Outcome = GREYLISTED

    async def send(self, message: Outgoing, may_go: MayGo = always) -> Outcome:
        if not may_go(message):
            return Stopped("stopped")
        assert self.house is not None
        scanned(self.house, message.key)
        return self.answer


REFUSALS = {
    "451": GREYLISTED,
    "554": RefusedForGood(Hardness.POLICY, 554, "5.7.1", "554 5.7.1 Message content rejected"),
}


@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_repetition_that_was_scanned_and_refused_is_not_called_sent(house: House, refusal: str) -> None:
    """at_least_once: the first attempt was lost on its way, the second scanned and refused. Nobody has the mail."""
    house.enter(ANNA)
    policy(house, WhenUnknown.AT_LEAST_ONCE)
    key = str(house.outbox()[ANNA].key)
    deliver(house, Provider(PLAIN, {key: [GONE]}))
    assert house.states() == {ANNA: "unknown"}
    house.now += HOUR
    deliver(house, AtTheDoor(PLAIN, house=house, answer=REFUSALS[refusal]))
    assert house.states() == {ANNA: "unknown"}, "nobody took it, and it would never be sent again"


def test_a_mail_scanned_and_put_off_and_then_lost_is_not_called_sent(house: House) -> None:
    """at_most_once: the first attempt is put off with 451, the second one is lost on its way."""
    house.enter(ANNA)
    key = str(house.outbox()[ANNA].key)
    deliver(house, AtTheDoor(PLAIN, house=house))
    assert house.states() == {ANNA: "retry"}
    house.decide()  # the scanner's click, which means nothing
    house.now += HOUR
    deliver(house, Provider(PLAIN, {key: [GONE]}))
    assert house.states() == {ANNA: "unknown"}, "lost in silence: nobody took it, and a person is told that it was sent"
