"""`nurture outbox unknown|settle`: messages of which nobody knows whether they left, and what a person found out."""

from typing import TYPE_CHECKING, Annotated

import typer

from nurture.cli.errors import CommandProblem
from nurture.cli.opening import opened
from nurture.cli.options import AsJson

if TYPE_CHECKING:
    from nurture.storage.doubts import Doubtful


def unknown(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List the messages that may or may not have gone out, longest first.

    Those with a time are still looked into: sent again under the same key, or searched for at the provider. The others wait
    for you: look for them at the provider or in the mail server's log, by their Message-ID, then `nurture outbox settle`.
    A delivery, bounce, open, click or answer that comes in later settles them by itself.
    """
    from nurture.storage.doubts import list_unknown

    with opened(ctx) as session, session.db.read() as c:
        found = list_unknown(c)
    if as_json:
        session.terminal.data(found)
    elif not found:
        session.terminal.say("No message is unknown: of each it is known whether it went out.")
    else:
        session.terminal.table(["Key", "Contact", "What", "Since", "Looked into", "What was said"], map(_row, found))


def _row(one: "Doubtful") -> tuple[str, ...]:
    what = f"{one.campaign} {one.step}" if one.campaign else one.purpose.replace("_", "-")
    since = f"{one.since:%Y-%m-%d %H:%M} UTC" if one.since else ""
    again = f"{one.again:%Y-%m-%d %H:%M} UTC" if one.again else "by you"
    return (one.key, one.address, what, since, again, one.said)


def settle(
    ctx: typer.Context,
    keys: Annotated[
        list[str], typer.Argument(metavar="KEY...", help="Messages, as `nurture outbox unknown` names them.")
    ],
    sent: Annotated[bool | None, typer.Option("--sent/--not-sent", help="What you found out.")] = None,
) -> None:
    """Say of unknown messages whether they went out: `--sent` or `--not-sent`.

    Sent: as if the mail server had said so. Not sent: confirmations and hand-off mails are sent again, and so is a
    campaign's mail that is still looked into; where the campaign has gone on since, nothing is sent out of turn, and the
    contact's record says that this mail never left. Either is written in the contact's journal.
    """
    from nurture.storage.doubts import settle_by_person

    if sent is None:
        raise CommandProblem("Say what became of them: --sent or --not-sent.", code=2)
    wanted = list(dict.fromkeys(keys))
    with opened(ctx) as session, session.db.begin() as c:
        settled = settle_by_person(c, wanted, session.now(), was_sent=sent)
        strange = [key for key in wanted if key not in settled]
        if strange:  # all or none: the transaction is left behind
            raise CommandProblem(
                f"Nothing was settled: {', '.join(strange)} {'is' if len(strange) == 1 else 'are'} not unknown; "
                "`nurture outbox unknown` lists the messages that are."
            )
    count = f"{len(settled)} message{'' if len(settled) == 1 else 's'}"
    session.terminal.say(f"{count} settled as {'sent' if sent else 'not sent'}.")
