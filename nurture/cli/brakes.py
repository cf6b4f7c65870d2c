"""`nurture pause`, `resume` and `approve`: a person stops mail, lets it go on, or says that so many new contacts are meant."""

import getpass
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from nurture.cli.errors import CommandProblem
from nurture.cli.opening import Session, opened
from nurture.cli.options import AsJson

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from nurture.storage.brakes import Brake

Campaign: TypeAlias = Annotated[str, typer.Argument(metavar="[CAMPAIGN]", help="One campaign; left out, all mail.")]
Because: TypeAlias = Annotated[str, typer.Option("--because", help="Why, for whoever reads `nurture status`.")]


def pause(ctx: typer.Context, campaign: Campaign = "", because: Because = "", as_json: AsJson = False) -> None:
    """Stop all mail, notices too, or the mails of one campaign. The last leaves within two seconds."""
    from nurture.storage.brakes import Brake, put_on
    from nurture.storage.words import BrakeKind

    with opened(ctx) as session:
        now = session.now()
        brake = Brake(campaign, BrakeKind.PAUSED, now, _person(), because)
        with session.db.begin() as c:
            _must_exist(c, campaign)
            made = put_on(c, brake)
        said = f"{_whose(campaign)} stand still." if made else f"{_whose(campaign)} stood still already."
        _answer(session, [brake] if made else [], f"{said} `nurture resume{_after(campaign)}` lets them go.", as_json)


def resume(ctx: typer.Context, campaign: Campaign = "", as_json: AsJson = False) -> None:
    """Release the brakes on all mail, or on one campaign: pauses, automatic ones, those of a copied database or a clock."""
    from nurture.storage.brakes import brakes_on, release
    from nurture.storage.instance import new_epoch
    from nurture.storage.watch import adopt
    from nurture.storage.words import BrakeKind

    kinds = frozenset(BrakeKind) - {BrakeKind.APPROVAL}
    with opened(ctx) as session:
        now = session.now()
        with session.db.begin() as c:
            _must_exist(c, campaign)
            released = release(c, campaign, kinds, _person(), now)
            if {brake.kind for brake in released} & {BrakeKind.RESTORED, BrakeKind.CLOCK}:
                adopt(c, now)
            if any(brake.kind is BrakeKind.RESTORED for brake in released):
                new_epoch(c)
            still = [brake for brake in brakes_on(c) if campaign in ("", brake.campaign) or not brake.campaign]
        said = f"{_whose(campaign)} go on." if released else f"No brake was on: nothing to release{_of(campaign)}."
        _answer(session, released, said, as_json)
        _tell_others(session, still, as_json)


def approve(
    ctx: typer.Context,
    campaign: Annotated[str, typer.Argument(metavar="CAMPAIGN", help="The campaign that so many entered.")],
    as_json: AsJson = False,
) -> None:
    """Say that so many new contacts are meant: their mails go."""
    from nurture.storage.brakes import release
    from nurture.storage.words import BrakeKind

    with opened(ctx) as session:
        with session.db.begin() as c:
            _must_exist(c, campaign)
            released = release(c, campaign, {BrakeKind.APPROVAL}, _person(), session.now())
        said = f"Those who entered {campaign} are written to." if released else f"{campaign} waits for no approval."
        _answer(session, released, said, as_json)


def tell(brake: "Brake") -> str:
    """The brake in a sentence, with who may release it and how."""
    from nurture.storage.words import BrakeKind

    approval = brake.kind is BrakeKind.APPROVAL
    subject = f"New contacts of {brake.campaign} wait" if approval else f"{_whose(brake.campaign)} stand still"
    way = f"nurture {'approve' if approval else 'resume'}{_after(brake.campaign)}"
    why = f" {brake.why.rstrip('.')}." if brake.why else ""
    return f"{subject} since {brake.since:%Y-%m-%d %H:%M} UTC ({brake.kind}, by {brake.by}).{why} `{way}` lets them go."


def _answer(session: Session, brakes: "list[Brake]", said: str, as_json: bool) -> None:
    from dataclasses import asdict

    if as_json:
        session.terminal.data([asdict(brake) for brake in brakes])
    else:
        session.terminal.say(said)


def _tell_others(session: Session, still: "list[Brake]", as_json: bool) -> None:
    for brake in [] if as_json else still:
        session.terminal.say(tell(brake), style="yellow")


def _must_exist(c: "Connection", campaign: str) -> None:
    from nurture.storage.worlds import active_versions

    names = sorted(active_versions(c))
    if campaign and campaign not in names:
        there = f"there are {', '.join(names)}" if names else "none has been applied yet"
        raise CommandProblem(f"There is no campaign {campaign!r}: {there}.")


def _whose(campaign: str) -> str:
    return f"The mails of {campaign}" if campaign else "All mails"


def _after(campaign: str) -> str:
    return f" {campaign}" if campaign else ""


def _of(campaign: str) -> str:
    return f" of {campaign}" if campaign else ""


def _person() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "somebody"
