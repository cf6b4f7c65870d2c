"""`nurture segments`: the named conditions that are applied, and who meets them now."""

from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nurture.cli.errors import CommandProblem
from nurture.cli.opening import Session, opened
from nurture.cli.options import AsJson, InLanguage, Language
from nurture.texts.counting import counted

if TYPE_CHECKING:
    from nurture.core.world import World


def segments(ctx: typer.Context, as_json: AsJson = False, language: InLanguage = Language.EN) -> None:
    """List the segments, with the number of contacts who are in them now; `nurture segments show NAME` names some."""
    if ctx.invoked_subcommand is not None:
        return
    from nurture.engine.segments import sizes_of

    with opened(ctx) as session:
        world = _world(session)
        sizes = sizes_of(session.db, world, session.now())
    told = [
        {"segment": name, "title": segment.title(language), "contacts": size.contacts, "reachable": size.reachable}
        for name, segment in sorted(world.segments.items())
        for size in (sizes[name],)
    ]
    if as_json:
        session.terminal.data(told)
    elif not told:
        session.terminal.say("No segments: they are written in campaigns/segments.yaml, and applied.")
    else:
        head = ["Segment", "Means", ">Contacts", ">May be written to"]
        session.terminal.table(head, [tuple(one.values()) for one in told])


def show(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="A segment, as `nurture segments` names it.")],
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="How many contacts to name.")] = 20,
    as_json: AsJson = False,
    language: InLanguage = Language.EN,
) -> None:
    """Show what a segment asks, and some of those who are in it now."""
    from nurture.authoring.condition_text import to_text
    from nurture.authoring.problems import did_you_mean
    from nurture.engine.segments import members_of
    from nurture.storage.contacts import addresses_of

    with opened(ctx) as session:
        world = _world(session)
        if name not in world.segments:
            hint = did_you_mean(name, world.segments, otherwise="`nurture segments` lists them.")
            raise CommandProblem(f'There is no segment "{name}": {hint}')
        segment, terminal = world.segments[name], session.terminal
        found = list(islice(members_of(session.db, world, segment.when, session.now()), limit + 1))
        with session.db.read() as c:
            by_number = addresses_of(c, found[:limit])
    shown = [by_number[who] for who in found[:limit] if who in by_number]
    told: dict[str, Any] = {"segment": name, "title": segment.title(language), "when": to_text(segment.when)}
    told |= {"contacts": shown, "more": len(found) > limit}
    if as_json:
        terminal.data(told)
        return
    terminal.say(f"{name} – {told['title']}" if told["title"] != name else name, style="bold")
    terminal.say(told["when"])
    for address in shown:
        terminal.say(f"  {address}")
    terminal.say(f"{counted(len(shown), 'contact')} shown; there are more." if told["more"] else _total(len(shown)))


def _total(count: int) -> str:
    return f"{counted(count, 'contact')} in all." if count else "Nobody is in it now."


def _world(session: Session) -> "World":
    from nurture.engine.worlds import Worlds

    return Worlds(session.db).world()
