"""Why a decision was taken: stable codes, written to the journal and translated for people in `texts/`."""

from enum import StrEnum


class Reason(StrEnum):
    """One reason; its sentence in both languages is in `texts/`."""

    RECORDED = "recorded"  # a fact was noted and changes nothing now
    MACHINE = "machine"  # a machine's signal counts for nothing
    STALE = "stale"  # a timer or an outcome of something that is over
    STATUS = "status"
    SUPPRESSED = "suppressed"
    UNSUPPRESSED = "unsuppressed"
    HELD = "held"
    RESUMED = "resumed"
    CONFIRMATION_ASKED = "confirmation_asked"
    CONFIRMED = "confirmed"
    ENTERED = "entered"
    NOT_ENTERED = "not_entered"
    HELD_OUT = "held_out"
    STAGE_SKIPPED = "stage_skipped"
    ADVANCED = "advanced"
    LEFT = "left"
    REMOVED = "removed"
    QUEUED = "queued"
    SENT = "sent"
    SEND_UNKNOWN = "send_unknown"
    WITHDRAWN = "withdrawn"
    WITHHELD = "withheld"
    REFUSED = "refused"
    QUARANTINED = "quarantined"
    ALREADY_HAD = "already_had"
    ALREADY_TOUCHED = "already_touched"
    NOT_TRANSLATED = "not_translated"
    NOT_SENT_BEFORE = "not_sent_before"
    ACTED_ON = "acted_on"
    TWO_RELANCES = "two_relances"
    TOO_LATE = "too_late"
    GATED = "gated"
    WAITING = "waiting"
    WAIT_SKIPPED = "wait_skipped"
    WAIT_OVER = "wait_over"
    LISTENING = "listening"
    SATISFIED = "satisfied"
    TIMED_OUT = "timed_out"
    BRANCHED = "branched"
    EXHAUSTED = "exhausted"
    WOKEN = "woken"
    STOPPED = "stopped"
    COMPLETED = "completed"
    PROSPECT = "prospect"
    NOT_AGAIN_YET = "not_again_yet"
    HAND_OFF_ACCEPTED = "hand_off_accepted"
    HAND_OFF_REJECTED = "hand_off_rejected"
    HAND_OFF_EXPIRED = "hand_off_expired"
    RECYCLED = "recycled"
    POINTS = "points"  # of a hand-off: an entry of the ledger
    FIT = "fit"  # of a hand-off: a criterion met
