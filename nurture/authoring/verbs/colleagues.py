"""`notify` and `task`: steps for colleagues of ours."""

from nurture.authoring.drafts import Draft
from nurture.authoring.keys import Keys
from nurture.authoring.nodes import Scalar, Table
from nurture.authoring.problems import Code, one_of
from nurture.authoring.times import span
from nurture.authoring.values import keyed, name, text
from nurture.authoring.verbs.place import Place, among, plain
from nurture.core.acts import Notify, Task
from nurture.core.spans import Span, Unit
from nurture.core.words import TaskKind

DEFAULT_WITHIN = Span(2, Unit.BUSINESS_DAYS)
LONGEST_TEXT = 300

NOTIFY = Keys('"notify"', required=("notify",), optional=("id",))
NOTICE = Keys("notify", required=("to",), optional=("text",))
TASK = Keys('"task"', required=("task",), optional=("id",))
ASKED = Keys("a task", required=("to",), optional=(*TaskKind, "within", "tag"))


def notify(node: Table, place: Place) -> Draft | None:
    """`notify: team`, or `notify: {to: team, text: words for the mail}`."""
    said = keyed(node, place.log, NOTIFY) or {}
    value = said.get("notify")
    brief = isinstance(value, Scalar)
    given = None if brief else keyed(value, place.log, NOTICE)
    team = among(value if brief else (given or {}).get("to"), place.log, place.teams, Code.UNKNOWN_TEAM, "team")
    words = text((given or {}).get("text"), place.log, longest=LONGEST_TEXT)
    return plain(Notify("", team or "", words or "", line=node.spot.line), said, "notify", node, place.log)


def task(node: Table, place: Place) -> Draft | None:
    """`task: {call: what to say, to: team, within: 2 business days, tag: called}`."""
    said = keyed(node, place.log, TASK) or {}
    kinds = tuple(TaskKind)
    given = keyed(said.get("task"), place.log, ASKED) or {}
    asked = [kind for kind in kinds if kind in given]
    if given and len(asked) != 1:
        spot = given[asked[1]].spot if asked else said["task"].spot
        place.log.add(Code.MISSING_KEY, spot, "a task asks for one thing", one_of(kinds))
        return None
    what = asked[0] if asked else TaskKind.OTHER
    words = text(given.get(what), place.log, "what is to be done", longest=LONGEST_TEXT)
    team = among(given.get("to"), place.log, place.teams, Code.UNKNOWN_TEAM, "team")
    within = span(given.get("within"), place.log) or DEFAULT_WITHIN
    tag = name(given.get("tag"), place.log) or ""
    step = Task("", what, words or "", team or "", within, tag, line=node.spot.line)
    return plain(step, said, "task", node, place.log)
