"""Steps for the contact's colleagues-to-be on our side: a mail to a team, a task for one of its members."""

from nurture.core.acts import Notify, Task
from nurture.core.calendar import add, hours_for
from nurture.core.draft import Draft
from nurture.core.effects import OpenTask, SendNotice
from nurture.core.enrolments import step_at
from nurture.core.ids import derive, pick_owner
from nurture.core.instants import text_of
from nurture.core.program import Stage
from nurture.core.reasons import Reason
from nurture.core.state import Enrolment, Ready
from nurture.core.teams import Team


def notify(draft: Draft, enrolment: Enrolment, stage: Stage, step: Notify, at: Ready) -> None:
    """Mail every member of the team, whatever the hour: cadence protects contacts, not colleagues."""
    team = _team(draft, enrolment, step)
    for member in team.members if team else ():
        key = _key(draft, enrolment, step, member.address)
        where = (enrolment.campaign, enrolment.version, step.key)
        draft.effects.append(
            SendNotice(key, "notify", enrolment.stage, team.language if team else "", member.address, *where)
        )
    if team is not None:
        draft.say(Reason.NOTIFIED, enrolment.campaign, step=step.key, team=team.name)
    draft.place(enrolment, Ready(step_at(stage, step.next), at.skipping))


def task(draft: Draft, enrolment: Enrolment, stage: Stage, step: Task, at: Ready) -> None:
    """Open a task for the member who owns the contact; the campaign goes on without waiting for it."""
    team = _team(draft, enrolment, step)
    if team is not None:
        owner = pick_owner(draft.world.salt, team.members, draft.state.key).address
        due_at = add(hours_for(draft.world, team.cadence), draft.now, step.within)
        key = _key(draft, enrolment, step, "")
        opened = OpenTask(key, enrolment.campaign, step.key, step.what, step.text, team.name, owner, due_at, step.tag)
        draft.effects.append(opened)
        said = {"what": step.what.value, "owner": owner, "until": text_of(due_at), "task": key}
        draft.say(Reason.TASK_OPENED, enrolment.campaign, step=step.key, **said)
    draft.place(enrolment, Ready(step_at(stage, step.next), at.skipping))


def _team(draft: Draft, enrolment: Enrolment, step: Notify | Task) -> Team | None:
    """The team; nobody is to act on a contact that is held out, or its effect could not be measured."""
    if enrolment.held_out:
        draft.say(Reason.HELD_OUT, enrolment.campaign, step=step.key)
        return None
    team = draft.world.teams.get(step.team)
    if team is None:
        draft.say(Reason.TEAM_GONE, enrolment.campaign, step=step.key, team=step.team)
    return team


def _key(draft: Draft, enrolment: Enrolment, step: Notify | Task, who: str) -> str:
    """Another one each time that the step is run."""
    rotation, number = str(enrolment.rotation), f"{draft.before.seq}.{draft.moves.get(enrolment.campaign, 0)}"
    return derive(draft.world.salt, "colleague", draft.state.key, enrolment.campaign, rotation, step.key, number, who)
