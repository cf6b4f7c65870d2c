"""What becomes at once of where a contact stands in a campaign."""

from datetime import datetime
from zoneinfo import ZoneInfo

from nurture.core.state import Ended, Enrolment, Listening, Slotted, Waiting
from nurture.planning.lines import Effect, Line


def position_change(was: Enrolment, now: Enrolment, zone: ZoneInfo) -> tuple[Line, str]:
    """The line that tells it, and what is particular about the contact."""
    name = now.campaign
    match was.position, now.position:
        case _, Ended(why=why):
            return Line(Effect.LEAVES, name), why.value
        case _ if was.stage != now.stage:
            return Line(Effect.STAGE, name, now.stage), was.stage
        case _ if now.version == was.version and now.position == was.position:
            return Line(Effect.KEPT, name), was.version
        case (Waiting() | Listening() | Slotted() as old, Waiting() | Listening() | Slotted() as new):
            if old.step == new.step and old.until != new.until:
                effect = Effect.WAITS_LONGER if new.until > old.until else Effect.WAITS_LESS
                return Line(effect, name, new.step), f"{shown(old.until, zone)} → {shown(new.until, zone)}"
    if _step(was) != _step(now):
        return Line(Effect.MOVES_NOW, name, _step(was)), f"to {_step(now) or 'the end of the stage'}"
    return Line(Effect.AS_BEFORE, name), ""


def shown(instant: datetime, zone: ZoneInfo) -> str:
    """An instant on the campaign's clock, to the minute."""
    return instant.astimezone(zone).isoformat("T", "minutes")


def _step(enrolment: Enrolment) -> str:
    return str(getattr(enrolment.position, "step", None) or "")
