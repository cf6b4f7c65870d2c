"""Remembers templates Jinja has already compiled, because a campaign asks for the same few often.

Each compilation of a mail has an environment of its own (its filters know that mail's slots), but
the code Jinja makes of a source is the same in all of them.
"""

from types import CodeType

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

MOST_SOURCES = 512


class CodeCache(BytecodeCache):
    """Compiled sources of this process, by name and checksum; emptied when full."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill the bucket where this very source was compiled before."""
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was just compiled."""
        if len(self._codes) >= MOST_SOURCES:
            self._codes.clear()
        if bucket.code is not None:
            self._codes[bucket.key, bucket.checksum] = bucket.code
