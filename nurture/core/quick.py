"""Frozen dataclasses that are made at half the price: a decision makes a dozen.

The `__init__` of a frozen dataclass sets its parts by name, past its own `__setattr__`. Here each is set by its slot, or put
into the instance's dictionary where there are no slots: the same values, the same signature, frozen all the same.
"""

from collections.abc import Callable
from dataclasses import MISSING, Field, fields
from typing import Any, TypeVar

T = TypeVar("T")


def quick(made: type[T]) -> type[T]:
    """Goes above `@dataclass(frozen=True)`, for those without `__post_init__` and with every field in `__init__`."""
    parts: tuple[Field[Any], ...] = fields(made)  # type: ignore[arg-type]
    if hasattr(made, "__post_init__") or not all(part.init and not part.kw_only for part in parts):
        raise TypeError(f"{made.__name__} is more than its parts")
    slow: Callable[..., None] = made.__init__
    given: dict[str, Any] = {f"make_{part.name}": part.default_factory for part in parts}
    if hasattr(made, "__slots__"):
        given |= {f"set_{part.name}": made.__dict__[part.name].__set__ for part in parts}
        lines = [f"set_{part.name}(self, {_value(part)})" for part in parts]
    else:
        lines = ["parts = self.__dict__", *(f"parts[{part.name!r}] = {_value(part)}" for part in parts)]
    if slow.__defaults__:
        given["unset"] = next((one for one in slow.__defaults__ if _is_unset(one)), None)
    source = f"def __init__(self, {', '.join(part.name for part in parts)}):\n " + "\n ".join(lines or ["pass"])
    exec(source, given)
    init: Any = given["__init__"]
    init.__defaults__, init.__annotations__ = slow.__defaults__, slow.__annotations__
    init.__qualname__ = slow.__qualname__
    made.__init__ = init  # type: ignore[method-assign]
    return made


def _value(part: Field[Any]) -> str:
    if part.default_factory is MISSING:
        return part.name
    return f"make_{part.name}() if {part.name} is unset else {part.name}"


def _is_unset(default: object) -> bool:
    """What dataclasses writes for a default that a factory makes."""
    return type(default).__name__ == "_HAS_DEFAULT_FACTORY_CLASS"
