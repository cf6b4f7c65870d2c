"""The one text of a value, for what is compared and hashed."""

from typing import Any

import orjson


def canonical(value: Any) -> str:
    """`value` as JSON text; equal values give equal texts."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
