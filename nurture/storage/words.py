"""The closed sets that only storage and its callers know."""

from enum import StrEnum


class OutboxState(StrEnum):
    """What became of a message, told honestly."""

    QUEUED = "queued"  # to be sent
    INTENT = "intent"  # its bytes are fixed and may be on their way
    SENT = "sent"  # the next host took it
    REFUSED = "refused"  # the next host refused it for good
    RETRY = "retry"  # to be tried again at `due_at`
    UNKNOWN = "unknown"  # it may have gone out: looked into at `due_at`; without one, a person or a webhook settles it
    WITHHELD = "withheld"  # not sent, and `gate` says why


class Purpose(StrEnum):
    """What a message of the outbox is for."""

    TOUCH = "touch"
    CONFIRMATION = "confirmation"
    HAND_OFF = "hand_off"
    NOTIFY = "notify"


TO_COLLEAGUES = frozenset({Purpose.HAND_OFF, Purpose.NOTIFY})
"""Messages about a contact that go to somebody else: what comes back of them says nothing about the contact."""


class ReceiptState(StrEnum):
    """What became of something that came in raw."""

    NEW = "new"
    SORTED = "sorted"
    PARKED = "parked"  # about a message not known yet; looked at again at `due_at`
    NOT_UNDERSTOOD = "not_understood"


class BrakeKind(StrEnum):
    """Why sending stands still."""

    PAUSED = "paused"  # a person said so
    APPROVAL = "approval"  # more people entered at once than is usual
    COMPLAINTS = "complaints"  # too many called it spam
    BOUNCES = "bounces"  # too much came back
    RESTORED = "restored"  # this database is a copy, or an earlier state of the one that was sent from
    CLOCK = "clock"  # business time jumped
