"""teams.yaml: who receives prospects, and in which hours the clock of a hand-off runs."""

from nurture.authoring.cadence import COMPANY, read_cadence
from nurture.authoring.keys import Keys
from nurture.authoring.nodes import Node, Scalar
from nurture.authoring.problems import Code, Log
from nurture.authoring.values import address, keyed, language, listing, named, text
from nurture.core.teams import Member, Team

TEAMS_FILE = Keys("teams.yaml", required=("teams",))
TEAM = Keys("a team", required=("language", "hours", "members"))
HOURS = Keys("hours", optional=("window", "weekdays", "timezone", "holidays"))
MEMBER = Keys("a member", required=("name", "address"))


def read_teams(node: Node | None, log: Log) -> dict[str, Team]:
    """The teams by name."""
    root = keyed(node, log, TEAMS_FILE) or {}
    teams = [_team(key, value, log) for key, value in named(root.get("teams"), log, "teams")]
    return {team.name: team for team in teams if team is not None}


def _team(key: Scalar, node: Node, log: Log) -> Team | None:
    said = keyed(node, log, TEAM)
    if said is None:
        return None
    members = [_member(item, log) for item in listing(said.get("members"), log, "members")]
    found = tuple(member for member in members if member is not None)
    if not found and "members" in said:
        log.add(
            Code.BAD_VALUE,
            said["members"].spot,
            f'the team "{key.text}" has no member',
            "add one with name and address",
        )
    hours = read_cadence(said.get("hours"), log, COMPANY, HOURS)
    return Team(key.text, found, language(said.get("language"), log) or "", hours)


def _member(node: Node, log: Log) -> Member | None:
    said = keyed(node, log, MEMBER) or {}
    name, where = text(said.get("name"), log, longest=100), address(said.get("address"), log)
    return Member(name, where) if name and where else None
