"""The files that the repository ships, as a ground for other campaigns."""

from pathlib import Path

from nurture.authoring.bundle import Bundle, read_bundle
from nurture.authoring.files import CAMPAIGNS
from nurture.bootstrap import ROOT


def shipped() -> Bundle:
    """All of them."""
    return read_bundle(Path(ROOT) / "campaigns", Path(ROOT) / "email_templates")


def without_campaigns() -> dict[str, str]:
    """Those that are no campaign, nor the segments that only shipped campaigns ask for: texts by path."""
    files = {path: text for path, text in shipped().files.items() if "\ncampaign: " not in f"\n{text}"}
    files.pop(f"{CAMPAIGNS}/segments.yaml", None)
    return files
