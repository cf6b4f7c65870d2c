"""The files of a project that has nothing yet: what a company decides once, and the mail templates to begin with."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Template

from nurture.authoring.schemas.files import line_for_editors

ZONES: Mapping[str, str] = {"fr": "Europe/Paris", "en": "Europe/London"}
COUNTRIES: Mapping[str, str] = {"fr": "FR", "en": "GB"}
TEAM = "sales"

_SCORING = """\
# What people do is worth points (engagement), which fade; who they are makes the fit. Fit and engagement make prospects.

signals:                             # points for each time, at most daily_cap a day; half are left after half_life
  submitted: {points: 10, daily_cap: 10, half_life: 30 days}
  clicked: {points: 5, daily_cap: 10, half_life: 14 days}
  downloaded: {points: 15, daily_cap: 30, half_life: 30 days}
  visited: {points: 1, daily_cap: 5, half_life: 7 days}
  replied: {points: 25, daily_cap: 25, half_life: 30 days}

personas:                            # the profiles worth a salesperson's time
  decision-maker:
    criteria:
      - {when: employees >= 50, weight: 50, label: $size}
      - {when: 'country in ["$country"]', weight: 50, label: $near}

mql: engagement >= 30                # from then on, a lead that marketing takes seriously
"""

_TEAMS = """\
# Who is given prospects, and in which hours the clock of a hand-off runs.

teams:
  $team:
    language: $language
    hours: {window: Mon-Fri 09:00-18:00, timezone: $zone, holidays: $country}
    members:
      - {name: Camille Martin, address: camille.martin@exemple.example}
"""

_CADENCE = """\
# When mails may leave, for all campaigns. A campaign may be stricter, never looser.

window: Mon-Fri 08:30-18:30
timezone: {use: contact, else: $zone}
holidays: contact
at_most: [1 per day, 3 per week]     # over all campaigns together
late: {max: 2 days, then: shift}     # after an outage
"""

_IGNORED = """\
.env
.nurture/
*.db
*.db-shm
*.db-wal
campaigns/.schemas/
"""

_LABELS: Mapping[str, Mapping[str, str]] = {
    "fr": {"size": "Entreprise de 50 personnes ou plus", "near": "Dans notre pays"},
    "en": {"size": "A company of 50 people or more", "near": "In our country"},
}


def company_files(language: str) -> Mapping[str, str]:
    """The files of campaigns/ that are no campaign and no content, by name."""
    words = {
        "language": language,
        "zone": ZONES[language],
        "country": COUNTRIES[language],
        "team": TEAM,
        **_LABELS[language],
    }
    texts = {"scoring": _SCORING, "teams": _TEAMS, "cadence": _CADENCE}
    return {f"{name}.yaml": line_for_editors(name) + Template(text).substitute(words) for name, text in texts.items()}


def ignored() -> str:
    """What git is told to leave alone."""
    return _IGNORED


def first_templates(language: str) -> Mapping[str, str]:
    """The mail templates of one language, with the layout they are made on, by name."""
    found = {path.name: path for path in _shipped()}
    return {
        name: path.read_text(encoding="utf-8")
        for name, path in sorted(found.items())
        if name.count(".") == 1 or name.endswith(f".{language}.mjml")
    }


def _shipped() -> Iterator[Path]:
    """The templates of this program: within the package once installed, beside it in a checkout."""
    package = Path(__file__).parents[1]
    for folder in (package / "_email_templates", package.parent / "email_templates"):
        if folder.is_dir():
            yield from folder.glob("*.mjml")
            return
