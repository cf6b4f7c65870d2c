"""`nurture contacts enrol|remove|hold|resume|suppress`: what a person decides about one contact, posted as an event.

The worker acts on it within a second; only a suppression is true at once, because delivery reads it at every send.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from nurture.cli.errors import CommandProblem
from nurture.cli.opening import Session, known_campaign, opened, the_contact
from nurture.cli.options import Who
from nurture.texts.counting import counted

if TYPE_CHECKING:
    from nurture.core.events import Event

AT_ONCE = 500
"""Contacts released in one transaction."""

Campaign = Annotated[str, typer.Argument(help="The campaign's name.")]


def enrol(ctx: typer.Context, who: Who, campaign: Campaign) -> None:
    """Put a contact into a campaign, whatever its entry rule says."""
    from nurture.core.events import Enrol

    with opened(ctx) as session:
        now = session.now()
        known_campaign(campaign, _applied(session))
        _post(session, who, Enrol(_key("enrol", campaign, now), now, campaign), now)
        session.terminal.say(f"{who} enters {campaign} when a worker next looks (within a second when one runs).")


def remove(ctx: typer.Context, who: Who, campaign: Campaign) -> None:
    """Take a contact out of a campaign; no rule puts it back."""
    from nurture.core.events import Remove

    with opened(ctx) as session:
        now = session.now()
        known_campaign(campaign, [*_applied(session), *_enrolled(session, who)])
        _post(session, who, Remove(_key("remove", campaign, now), now, campaign), now)
        session.terminal.say(f"{who} leaves {campaign}, and does not come back by itself.")


def hold(
    ctx: typer.Context,
    who: Who,
    until: Annotated[str, typer.Option(help="A day, such as 2027-01-31; left out, until resumed.")] = "",
) -> None:
    """Do not write to a contact for now."""
    from nurture.core.events import Held
    from nurture.core.words import HoldKind

    with opened(ctx) as session:
        now = session.now()
        end = _day(until, now)
        _post(session, who, Held(_key("hold", until, now), now, HoldKind.PAUSED, end), now)
        when = f"until {end:%Y-%m-%d}" if end else "until `nurture contacts resume`"
        session.terminal.say(f"{who} is not written to {when}.")


def resume(
    ctx: typer.Context,
    who: Annotated[str, typer.Argument(metavar="CONTACT", help="An address, or the contact's key.")] = "",
    set_aside: Annotated[
        bool,
        typer.Option(
            "--set-aside",
            help="All whose mail, or a notice about whom, could not be made, once it can; holds and replies stay.",
        ),
    ] = False,
) -> None:
    """Lift every hold of a contact, and go on with what a reply or a mail that could not be made had stopped."""
    from nurture.core.events import Resumed

    if bool(who) == set_aside:
        raise CommandProblem("Name one contact, or write --set-aside for all whose mail could not be made.", code=2)
    with opened(ctx) as session:
        now = session.now()
        if set_aside:
            woken, notices = _release_all(session, now), _try_again(session, now)
            tried = f" {counted(notices, 'notice')} that could not be made: tried again." if notices else ""
            session.terminal.say(f"{counted(woken, 'contact')} set aside before: they go on.{tried}")
            return
        _post(session, who, Resumed(_key("resume", "", now), now), now)
        _try_again(session, now, who)
        session.terminal.say(f"{who} goes on.")


def _try_again(session: Session, now: datetime, who: str = "") -> int:
    """Have notices made that could not be made, about one contact or about all."""
    from nurture.storage.unmade import try_again

    with session.db.begin() as c:
        return try_again(c, now, contact=the_contact(c, who).id if who else None)


def _release_all(session: Session, now: datetime) -> int:
    """Wake everybody set aside, some at a time, so that workers at work need not wait."""
    from nurture.core.events import Resumed
    from nurture.storage.inbox import post_events
    from nurture.storage.quarantine import ids_set_aside

    with session.db.read() as c:
        found = ids_set_aside(c)
    event = Resumed(_key("release", "", now), now, only_set_aside=True)
    for begin in range(0, len(found), AT_ONCE):
        with session.db.begin() as c:
            post_events(c, [(who, event) for who in found[begin : begin + AT_ONCE]], now)
    return len(found)


def suppress(ctx: typer.Context, who: Who) -> None:
    """Never write to a contact, or to an address that is no contact, again. True at once."""
    from nurture.core.events import Suppressed
    from nurture.core.words import Suppression
    from nurture.storage.bulk import lock
    from nurture.storage.contacts import find_contact, suppress_address
    from nurture.storage.inbox import post_events
    from nurture.storage.tables import agenda

    with opened(ctx) as session, session.db.begin() as c:
        now = session.now()
        found = find_contact(c, who)
        if found is None and "@" not in who:
            raise CommandProblem(f"There is no contact {who!r}: write the whole address.")
        if found is not None:
            lock(c, agenda, "contact_id", [found.id])  # before the suppression, as the engine does
        suppress_address(c, who if found is None else found.address, Suppression.MANUAL, now)
        if found is not None:
            post_events(c, [(found.id, Suppressed(_key("suppress", "", now), now, Suppression.MANUAL))], now)
        session.terminal.say(f"{who} is never written to again.")


def _post(session: Session, who: str, event: "Event", now: datetime) -> None:
    from nurture.storage.inbox import post_events

    with session.db.begin() as c:
        post_events(c, [(the_contact(c, who).id, event)], now)


def _key(what: str, about: str, now: datetime) -> str:
    """One decision of a person: made again later, it is another one."""
    return f"person:{what}:{about}:{now.isoformat()}"


def _applied(session: Session) -> Iterable[str]:
    from nurture.engine.worlds import NothingApplied
    from nurture.storage.worlds import active_versions

    with session.db.read() as c:
        found = active_versions(c)
    if not found:
        raise NothingApplied
    return found


def _enrolled(session: Session, who: str) -> Iterable[str]:
    """Campaigns that are not applied any more may still hold the contact."""
    from nurture.storage.load import load_contacts

    with session.db.read() as c:
        found = the_contact(c, who)
        return load_contacts(c, [found.id], session.now())[found.id].state.enrolments


def _day(text: str, now: datetime) -> datetime | None:
    """The end of a hold: the beginning of that day, in UTC."""
    if not text:
        return None
    try:
        end = datetime.fromisoformat(text)
    except ValueError:
        raise CommandProblem(f"--until {text!r} is no day: write it like 2027-01-31.", code=2) from None
    end = end.replace(tzinfo=UTC) if end.tzinfo is None else end.astimezone(UTC)
    if end <= now:
        raise CommandProblem(f"--until {text} is past: name a day to come, or leave --until out.", code=2)
    return end
