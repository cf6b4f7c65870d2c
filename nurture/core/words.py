"""The closed sets of the field: one word a thing, in code, files, tables and pages."""

from enum import StrEnum


class Status(StrEnum):
    """Where a contact stands for the company. Belongs to the contact; decay never lowers it."""

    LEAD = "lead"
    MQL = "mql"
    PROSPECT = "prospect"
    CUSTOMER = "customer"
    RECYCLED = "recycled"
    DISQUALIFIED = "disqualified"


class SignalKind(StrEnum):
    """An event that counts: what a contact did."""

    SUBMITTED = "submitted"
    OPENED = "opened"
    CLICKED = "clicked"
    DOWNLOADED = "downloaded"
    REGISTERED = "registered"
    ATTENDED = "attended"
    VISITED = "visited"
    REPLIED = "replied"


CONTENT_FACTS = frozenset({SignalKind.DOWNLOADED, SignalKind.REGISTERED, SignalKind.ATTENDED})
"""Facts about content hold for ever; other signals count since the rotation began."""

ACTED_ON = (SignalKind.CLICKED, SignalKind.DOWNLOADED, SignalKind.REGISTERED, SignalKind.ATTENDED)
"""Signals about a content that make a relance on it needless."""


class Confidence(StrEnum):
    """Who is behind an event: a person, or a machine that opens and follows links."""

    HUMAN = "human"
    MACHINE = "machine"


class Suppression(StrEnum):
    """A reason never to write."""

    UNSUBSCRIBED = "unsubscribed"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    ERASED = "erased"
    MANUAL = "manual"


class HoldKind(StrEnum):
    """A reason not to write for now, about the person."""

    OUT_OF_OFFICE = "out_of_office"
    PAUSED = "paused"


class Basis(StrEnum):
    """The legal ground on which a contact may be written to."""

    NONE = "none"
    PENDING = "pending"
    OPT_IN = "opt_in"
    LEGITIMATE_INTEREST = "legitimate_interest"
    EXISTING_CUSTOMER = "existing_customer"


MAY_BE_WRITTEN_TO = frozenset({Basis.OPT_IN, Basis.LEGITIMATE_INTEREST, Basis.EXISTING_CUSTOMER})


class Hardness(StrEnum):
    """What a bounce or refusal says: about the address (hard), the moment (soft), or the senders' rules (policy)."""

    HARD = "hard"
    SOFT = "soft"
    POLICY = "policy"


class TouchState(StrEnum):
    """What became of one intended message."""

    QUEUED = "queued"
    SENT = "sent"
    WITHHELD = "withheld"
    REFUSED = "refused"
    BOUNCED = "bounced"
    UNKNOWN = "unknown"


WRITTEN = frozenset({TouchState.QUEUED, TouchState.SENT, TouchState.BOUNCED, TouchState.UNKNOWN})
"""Touches that count in caps: they went out, may have, or are about to."""

RECEIVED = frozenset({TouchState.QUEUED, TouchState.SENT, TouchState.UNKNOWN})
"""Touches after which the contact is taken to have the content."""


class HandOffState(StrEnum):
    """Where a hand-off to sales stands."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    EXPIRED = "expired"


class Rejection(StrEnum):
    """Why sales gave a prospect back."""

    NOT_READY = "not_ready"
    UNREACHABLE = "unreachable"
    NOT_A_FIT = "not_a_fit"
    ALREADY_CUSTOMER = "already_customer"
    EXPIRED = "expired"


class Intent(StrEnum):
    """What a human reply wants."""

    INTERESTED = "interested"
    OTHER = "other"


class Gate(StrEnum):
    """What keeps a due message from leaving now."""

    WINDOW = "window"
    CAP = "cap"
    HOLD = "hold"
    PRIORITY = "priority"
    LATE = "late"
    CATCH_UP = "catch_up"
    CONSENT = "consent"
    SUPPRESSED = "suppressed"
    WITHDRAWN = "withdrawn"
    WINNER = "winner"  # a sample is out, and the others get what did best in it
    FAULT = "fault"
    NOT_SENT = "not_sent"  # it was unknown, and a person found that it never left


class TaskKind(StrEnum):
    """What a person is asked to do."""

    CALL = "call"
    SOCIAL = "social"
    LETTER = "letter"
    MEETING = "meeting"
    OTHER = "other"


class Stop(StrEnum):
    """Why an enrolment stopped before its end, and so who can wake it."""

    REPLIED = "replied"  # a person resumes it, or a hand-off recycles it
    HANDED_OFF = "handed_off"  # the answer of sales
    QUARANTINED = "quarantined"  # a person, after mending the template
    LOOPED = "looped"  # a person, after mending the campaign, which goes round without a wait


class End(StrEnum):
    """Why an enrolment ended."""

    COMPLETED = "completed"
    LEFT = "left"
    REMOVED = "removed"
    SUPPRESSED = "suppressed"
    ACCEPTED = "accepted"
    DISQUALIFIED = "disqualified"
    CUSTOMER = "customer"
