"""What salespeople do with a prospect: most answer within the time, some let it pass."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from nurture.demo.errands import Planned, Press
from nurture.demo.letters import Letter
from nurture.demo.words import AGENTS
from nurture.simulate.dice import Dice
from nurture.simulate.habits import ACCEPTED, ANSWERS, NO_ANSWER, answered_at

ZONE = ZoneInfo("Europe/Paris")


def answers(letter: Letter, seed: int) -> Iterator[Planned]:
    """The answer to the prospect that a mail is about."""
    dice = Dice(seed, ("sales", letter.message_id))
    said = dice.weigh("answer", ANSWERS)
    if said == NO_ANSWER:
        return
    at = answered_at(dice, letter.at, ZONE)
    url = letter.link_to("/accept" if said == ACCEPTED else "/reject")
    if url is not None:
        fields = {} if said == ACCEPTED else {"reason": said}
        yield Planned(at, letter.recipient, f"{letter.message_id}:answer", Press(url, AGENTS[0], fields))
