"""A simulation's report as one file: charts and tables, light and dark, in French or English, without a network."""

from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from nurture.simulate.comparing import Comparison
from nurture.simulate.report import Report
from nurture.simulate.sections import Teller


def page_of(shown: Report | Comparison, language: str) -> str:
    """The page; everything it needs is in it."""
    teller = Teller(language)
    match shown:
        case Report():
            heading, reports, sections = teller.w["title"], [shown], teller.sections(shown)
        case Comparison(one=one, other=other):
            reports = [one, other]
            heading = teller.w["versus"].format(one=one.version, other=other.version)
            sections = [
                *teller.differences(shown),
                *teller.sections(one, f" – {one.version}"),
                *teller.funnel_and_prospects(other),
            ]
    report = reports[0]
    template = _environment().get_template("report.html")
    return template.render(
        language=language,
        w=teller.w,
        heading=heading,
        subtitle=teller.subtitle(report),
        seed=teller.w["seed"].format(seed=report.seed),
        tiles=teller.tiles(report, f" – {report.version}" if len(reports) == 2 else ""),
        sections=sections,
        faults=[f"{times} × {sentence}" for each in reports for sentence, times in each.faults.items()],
        style=Markup(_style()),
    )


@cache
def _environment() -> Environment:
    options: dict[str, Any] = {
        "autoescape": True,
        "undefined": StrictUndefined,
        "trim_blocks": True,
        "lstrip_blocks": True,
    }
    return Environment(loader=PackageLoader("nurture.simulate", "pages"), **options)


@cache
def _style() -> str:
    return files("nurture.simulate").joinpath("pages", "report.css").read_text(encoding="utf-8")
