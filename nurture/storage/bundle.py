"""The texts of one `apply`, as a value. Apart from the tables it is kept in, so that checking files needs no database."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from nurture.storage.canonical import canonical

Pin: TypeAlias = tuple[str, str]
"""A campaign and its version."""


@dataclass(frozen=True)
class Bundle:
    """The text of every file of one `apply`, by path."""

    files: Mapping[str, str]

    @cached_property
    def hash(self) -> str:
        """Names the content: equal files, equal hash."""
        return hashlib.sha256(canonical(dict(self.files)).encode()).hexdigest()
