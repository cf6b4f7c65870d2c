"""Going back: one campaign as an earlier version had it, among all other files as they run now."""

from sqlalchemy import Connection

from nurture.authoring.bundle import Bundle
from nurture.authoring.problems import did_you_mean
from nurture.storage.applications import version_runs
from nurture.storage.worlds import load_bundles, version_file


class CannotGoBack(Exception):
    """There is no such version to go back to; the text says what there is."""


def earlier(c: Connection, campaign: str, wanted: str | None) -> str:
    """The version named by its beginning; without one, the last that was another than today's (CannotGoBack: none)."""
    runs = version_runs(c, campaign)
    if not runs:
        names = sorted({run.campaign for run in version_runs(c)})
        hint = did_you_mean(campaign, names, otherwise=f"there are {', '.join(names) or 'none'}")
        raise CannotGoBack(f"No campaign {campaign!r} was ever applied: {hint}.")
    versions = list(dict.fromkeys(run.version for run in runs))
    if wanted is None:
        others = [run.version for run in runs if not (runs[0].is_current and run.version == runs[0].version)]
        if not others:
            raise CannotGoBack(f"{campaign} has had one version only: there is nothing to go back to.")
        return others[0]
    found = [version for version in versions if version.startswith(wanted)]
    if len(found) != 1:
        raise CannotGoBack(f"{campaign} has had no version {wanted!r}, or several: there are {', '.join(versions)}.")
    return found[0]


def with_version(c: Connection, campaign: str, version: str) -> Bundle:
    """What runs now, but for the campaign's file, which is as that version had it (CannotGoBack: nothing runs)."""
    active = load_bundles(c).active
    then = version_file(c, campaign, version)
    if active is None or then is None:
        raise CannotGoBack(f"Version {version} of {campaign} is not kept in this database.")
    now = next((run.version for run in version_runs(c, campaign) if run.is_current), None)
    today = version_file(c, campaign, now) if now is not None else None
    files = dict(active.files)
    if today is not None:
        files.pop(today[0], None)
    path, source = then
    return Bundle({**files, path: source})
