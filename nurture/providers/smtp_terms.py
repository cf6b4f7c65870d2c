"""What holds for all connections to one SMTP server."""

from dataclasses import dataclass


@dataclass(slots=True)
class Terms:
    """One message may take `timeout` seconds, and a connection may carry `most` messages. An envelope may lie behind a dot
    from `ahead_from` on (`time.monotonic()`), and not for `caution` seconds once a connection was lost there: a server that
    hangs up on what it has not read resets the connection, which may swallow the answer before.
    """

    timeout: float
    most: int
    ahead_from: float
    caution: float
