"""The schemas of cadence.yaml and teams.yaml, and of a campaign's cadence."""

from nurture.authoring import cadence as reader
from nurture.authoring import teams
from nurture.authoring.keys import Keys
from nurture.authoring.schemas.known import Known
from nurture.authoring.schemas.parts import (
    TEXT,
    Schema,
    address,
    cap,
    country,
    either,
    items,
    language,
    named,
    one_of,
    one_or_more,
    record,
    span,
    text,
    window,
    zone,
)
from nurture.core.program import WhenLate


def of_cadence(_: Known) -> Schema:
    """cadence.yaml."""
    return cadence("When mails may leave, for all campaigns; each may only be stricter.", reader.CADENCE_FILE)


def of_teams(_: Known) -> Schema:
    """teams.yaml."""
    member = {"name": text("The colleague's name."), "address": address("Where notices and prospects are sent.")}
    team = {
        "language": language("The language of what this team is sent."),
        "hours": cadence("When the team works: the clock of a hand-off runs in these hours.", teams.HOURS),
        "members": items("Who is in it.", record(teams.MEMBER, "A colleague.", member)),
    }
    said = {"teams": named("The teams by name.", record(teams.TEAM, "A team.", team))}
    return record(teams.TEAMS_FILE, "Who receives prospects, and when they work.", said)


def cadence(about: str, keys: Keys = reader.CADENCE) -> Schema:
    """As `authoring/cadence.py` reads it: all of it, or the hours of a team."""
    said = {
        "window": window("When mails may leave, on the clock that `timezone` chooses."),
        "weekdays": one_or_more("On which days, such as Mon-Fri.", TEXT),
        "timezone": either("On whose clock.", zone("Always on this one."), _timezone()),
        "holidays": either(
            "Whose public holidays are kept.", country("", reader.CONTACT, reader.NO_HOLIDAYS), _holidays()
        ),
        "at_most": cap("How many mails in how many days, over all campaigns together."),
        "late": _late(),
    }
    return record(keys, about, {key: said[key] for key in keys.known})


def _timezone() -> Schema:
    said = {
        "use": one_of("The contact's own clock, or the campaign's.", (reader.CONTACT, reader.CAMPAIGN)),
        "else": zone("The campaign's, and the one for contacts of whom nobody knows theirs."),
        "unknown": one_of(
            "In a country of several zones: the one above, or when it is open in all.", reader.UNKNOWN_ZONE
        ),
    }
    return record(reader.TIMEZONE, "The contact's clock, and another where it is unknown.", said)


def _holidays() -> Schema:
    said = {
        "use": one_of("Those of the contact's country.", (reader.CONTACT,)),
        "else": country("Those for contacts whose country is unknown."),
    }
    return record(reader.HOLIDAYS, "The contact's, and a country's where theirs is unknown.", said)


def _late() -> Schema:
    said = {
        "max": span("How late a mail may be.", "2 days", units=reader.LATE_UNITS),
        "then": one_of("What becomes of it beyond that.", WhenLate),
    }
    return record(reader.LATE, "What becomes of mails that are late, after an outage or a pause.", said)
