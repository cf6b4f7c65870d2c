"""What the long-running commands write down: lines for people or JSON for machines, on the error stream."""

import logging
import sys
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    import structlog

    from nurture.config import Settings

CHATTY = ("uvicorn.access", "apscheduler", "aiosmtplib", "httpx", "httpcore")
"""Libraries that log every request or job: addresses of pages hold tokens, and ticks come every second."""


def write_logs(settings: "Settings", stream: TextIO | None = None) -> None:
    """Send every logger's lines to one stream, in the format and from the level of the settings."""
    import structlog

    stamp = structlog.processors.TimeStamper(fmt="iso", utc=True)
    shared: list[structlog.typing.Processor] = [structlog.stdlib.add_logger_name, structlog.stdlib.add_log_level, stamp]
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_last(settings, handler)],
            foreign_pre_chain=shared,
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.log_level.upper())
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)


def _last(settings: "Settings", handler: "logging.StreamHandler[TextIO]") -> "list[structlog.typing.Processor]":
    import structlog

    if settings.log_format == "json":
        return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
    return [structlog.dev.ConsoleRenderer(colors=handler.stream.isatty())]
