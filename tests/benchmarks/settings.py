"""When the benchmarks take place, and how the instance is set up for them."""

from datetime import UTC, datetime, timedelta

from pydantic import SecretStr

from nurture.config import Settings

SUNDAY = datetime(2027, 3, 7, 12, tzinfo=UTC)
MONDAY = datetime(2027, 3, 8, 9, tzinfo=UTC)
"""When the window has been open for an hour."""
LATER = MONDAY + timedelta(days=90)
"""When nothing is due yet that sleeps meanwhile."""


def settings_for(url: str, port: int, connections: int) -> Settings:
    """As an operator would set them, batches and all; what waits at the start is no backlog, to be released little by little."""
    return Settings(
        database_url=url,
        smtp_url=SecretStr(f"smtp://127.0.0.1:{port}?starttls=never"),
        smtp_connections=connections,
        reply_domain="reply.exemple.example",
        approval_above=0,
        release_rate=0,
        bounce_domain="bounce.exemple.example",
    )
