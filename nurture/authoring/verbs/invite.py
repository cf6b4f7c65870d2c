"""`invite`: a webinar's invitation, its reminders and its recording."""

from nurture.authoring.drafts import Draft, Plain
from nurture.authoring.keys import Keys
from nurture.authoring.nodes import Listing, Node, Table
from nurture.authoring.problems import Code
from nurture.authoring.times import span
from nurture.authoring.values import keyed, name
from nurture.authoring.verbs.mail import spots_of, words_of
from nurture.authoring.verbs.place import Place, content_of, spot_of, webinar_of
from nurture.core.calendar import BACKWARDS
from nurture.core.invite import REMINDERS, Invite
from nurture.core.spans import Span

MOST_REMINDERS = 3

INVITE = Keys('"invite"', required=("invite",), optional=("id", "reminders", "replay", "subject", "template"))


def invite(node: Table, place: Place) -> Draft | None:
    """`invite: webinar`, with `reminders: [1 day, 1 hour]` and `replay: content`."""
    said = keyed(node, place.log, INVITE) or {}
    webinar = webinar_of(said.get("invite"), place)
    subject, template = words_of(said, place)
    reminders = _reminders(said.get("reminders"), place)
    replay = content_of(said.get("replay"), place)
    step = Invite(
        "",
        webinar or "",
        reminders=reminders,
        replay=replay,
        subject=subject,
        template=template,
        line=node.spot.line,
    )
    return Plain(step, spot_of(said, "invite", node), name(said.get("id"), place.log), spots_of(said))


def _reminders(node: Node | None, place: Place) -> tuple[Span, ...]:
    if node is None:
        return REMINDERS
    items = node.items if isinstance(node, Listing) else (node,)
    if len(items) > MOST_REMINDERS:
        place.log.add(Code.BAD_VALUE, node.spot, f"at most {MOST_REMINDERS} reminders of one webinar")
    return tuple(dict.fromkeys(found for item in items if (found := span(item, place.log, units=tuple(BACKWARDS)))))
