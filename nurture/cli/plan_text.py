"""A plan for people: what changes, what becomes of those in flight, which mails that means, and what `apply` will do."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import assert_never

from nurture.cli.terminal import Terminal
from nurture.planning.changes import Change, ContentChange, Place, SharedChange, What, sentence
from nurture.planning.choices import Way, way_of
from nurture.planning.lines import Effect, Line, Seen, by_campaign
from nurture.planning.plan import Intent, Plan
from nurture.planning.stages import Activate, CarryOver, LookAgain, Stage

MAILS = (Effect.MAILED, Effect.SOONER, Effect.LATER, Effect.NOT_MAILED)

SAID: Mapping[Effect, str] = {
    Effect.KEPT: "stay in the version they are in",
    Effect.AS_BEFORE: "go on as before, by the new version",
    Effect.WAITS_LONGER: "wait longer at {about}",
    Effect.WAITS_LESS: "wait less at {about}",
    Effect.MOVES_NOW: "move on now from {about}",
    Effect.STAGE: "go to stage {about} now",
    Effect.LEAVES: "leave the campaign now",
    Effect.ENTERS: "enter the campaign now",
    Effect.CATCHES_UP: "will be sent beside their steps what was added",
    Effect.MAILED: "are sent {about}, which they would not be without the edit",
    Effect.SOONER: "are sent {about} sooner",
    Effect.LATER: "are sent {about} later",
    Effect.NOT_MAILED: "are not sent {about}, which they would be without the edit",
    Effect.REPEATED: "WOULD BE SENT {about} AGAIN",
    Effect.FAULT: "cannot be decided ({about})",
}
"""What many contacts do."""


_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d[+-]\d\d:\d\d")


class PlanText:
    """Tells a plan; `place` is where a file of the bundle lies on this machine, `address` whom a contact's key is of."""

    def __init__(self, terminal: Terminal, place: Callable[[str], str], address: Mapping[str, str]) -> None:
        self._terminal = terminal
        self._place = place
        self._address = address

    def tell(self, plan: Plan) -> None:
        """All of it."""
        self.changes(plan.intent)
        if plan.effects.contacts:
            self._effects(plan)
            self._mails(plan)
        self._stages(plan)

    def changes(self, intent: Intent) -> None:
        """Each change with its place, and what becomes of those it concerns."""
        treated = {each.campaign: each for each in intent.treatments}
        for change in sorted(intent.changes, key=_as_in_the_file):
            way = way_of(change, treated.get(getattr(change, "campaign", "")))
            chosen = "" if way is None or intent.base is None else f"  [{way}]"
            self._terminal.say(f"{self._where(change.place)}  {sentence(change)}{chosen}")
        if intent.base is not None and any(isinstance(c, ContentChange | SharedChange) for c in intent.changes):
            self._terminal.say("What all campaigns share holds for everybody at once, whatever version they are in.")

    def _where(self, place: Place) -> str:
        return str(Place(self._place(place.file), place.line))

    def _effects(self, plan: Plan) -> None:
        for campaign, lines in by_campaign(plan.effects).items():
            found = [(line, count) for line, count in lines if line.effect not in MAILS]
            if found:
                self._terminal.say()
                self._terminal.say(f"{campaign or 'Anywhere'}: those in flight", style="bold")
                self._lines(plan, found)

    def _mails(self, plan: Plan) -> None:
        found = [(line, n) for lines in by_campaign(plan.effects).values() for line, n in lines if line.effect in MAILS]
        self._terminal.say()
        if not found:
            self._terminal.say(f"No mail of the next {plan.days} days is another because of the edit.")
            return
        self._terminal.say(f"Mails of the next {plan.days} days, if nobody does anything", style="bold")
        self._lines(plan, found)
        days = ", ".join(f"{day:%a %d %b}: {count}" for day, count in sorted(plan.effects.days.items()))
        self._terminal.say(
            f"{plan.effects.mailed} contacts are written to because of the edit{f' ({days})' if days else ''}."
        )
        if not any(line.effect is Effect.REPEATED for line in plan.effects.counts):
            self._terminal.say("Nobody is sent a content twice.")

    def _lines(self, plan: Plan, lines: list[tuple[Line, int]]) -> None:
        for line, count in lines:
            self._terminal.say(f"{count:>8}  {SAID[line.effect].format(about=line.about or 'the end of the stage')}")
            sample = plan.effects.samples[line]
            shown = ", ".join(self._seen(seen) for seen in sample)
            self._terminal.say(f"          {shown}{', …' if count > len(sample) else ''}", style="dim")

    def _seen(self, seen: Seen) -> str:
        note = f" ({_INSTANT.sub(_moment, seen.note)})" if seen.note else ""
        return f"{self._address.get(seen.key, seen.key)}{note}"

    def _stages(self, plan: Plan) -> None:
        self._terminal.say()
        self._terminal.say("What `nurture apply` does", style="bold")
        for n, (stage, reach) in enumerate(zip(plan.intent.stages, plan.reach, strict=True), 1):
            self._terminal.say(f"{n:>3}. {stage_text(stage, reach)}")
        kept = [each.campaign for each in plan.intent.treatments if each.way is Way.KEEP]
        if kept:
            self._terminal.say(f"     Those in flight in {', '.join(kept)} stay in the version they are in.")


def _as_in_the_file(change: Change) -> tuple[str, bool, int]:
    """What is gone has a line of the old file, and comes last."""
    return change.place.file, getattr(change, "what", None) is What.REMOVED, change.place.line


def _moment(found: re.Match[str]) -> str:
    return f"{datetime.fromisoformat(found[0]):%a %d %b %H:%M}"


def stage_text(stage: Stage, reach: int) -> str:
    """What a stage does, and to how many."""
    match stage:
        case Activate(bundle=bundle):
            return f"Contacts enter by these files ({bundle[:12]})."
        case CarryOver(campaign=campaign, version=version):
            kept = f", but for those at {', '.join(stage.keep_at)}" if stage.keep_at else ""
            owed = f"; who is past {', '.join(stage.catch_up)} is sent it" if stage.catch_up else ""
            return f"{reach} contacts of {campaign} go on by version {version}{kept}{owed}."
        case LookAgain(everybody=True):
            return f"{reach} contacts are looked at: a campaign takes in who matches already."
        case LookAgain():
            return f"{reach} contacts that ran out of content, or go by a date that changed, are looked at again."
        case _:
            assert_never(stage)
