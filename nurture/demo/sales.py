"""What salespeople do with a prospect: most answer within the time, some let it pass."""

from collections.abc import Iterator
from datetime import timedelta
from zoneinfo import ZoneInfo

from nurture.demo.dice import Dice
from nurture.demo.errands import Planned, Press
from nurture.demo.hours import working
from nurture.demo.letters import Letter
from nurture.demo.words import AGENTS

ANSWERS = (
    (55, "accept"),
    (14, "not_ready"),
    (10, "unreachable"),
    (6, "not_a_fit"),
    (3, "already_customer"),
    (12, "nothing"),
)
ZONE = ZoneInfo("Europe/Paris")


def answers(letter: Letter, seed: int) -> Iterator[Planned]:
    """The answer to the prospect that a mail is about."""
    dice = Dice(seed, ("sales", letter.message_id))
    said = dice.weigh("answer", ANSWERS)
    if said == "nothing":
        return
    at = working(letter.at + timedelta(minutes=dice.between("after", 15, 180)), ZONE)
    url = letter.link_to("/accept" if said == "accept" else "/reject")
    if url is not None:
        fields = {} if said == "accept" else {"reason": said}
        yield Planned(at, letter.recipient, f"{letter.message_id}:answer", Press(url, AGENTS[0], fields))
