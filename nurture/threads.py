"""How threads share the processor: Python lets one run at a time, and the one that waits asks for it after a while.

Where a mail server is far away, the loop that speaks with it has a little to do at each answer, and each time it would wait
for whoever is deciding or composing: five milliseconds, a few times a mail, which is a large part of a round trip. It then
asks sooner. Where the server is near, the processor is what everybody waits for, and changing hands often costs a tenth of it.
"""

import sys

FAR = 0.005
"""Seconds of a round trip from which on a server is far away."""

SOON = 0.0002
"""Seconds after which a thread that waits asks for its turn while there is such a server; Python's own are 0.005."""


def take_turns_for(round_trip: float) -> None:
    """Have the threads of this process change hands as an answer that takes so many seconds deserves it."""
    if round_trip >= FAR:
        sys.setswitchinterval(SOON)
