"""Who writes to the contacts of a campaign."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sender:
    """Whose name and address a campaign's mails bear; `tracked` replies come back to the engine. `postal` is for the footer."""

    name: str
    address: str
    tracked_replies: bool = True
    postal: str = ""
