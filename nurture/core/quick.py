"""Frozen dataclasses that are made at half the price: a decision makes a dozen.

The `__init__` of a frozen dataclass sets its parts by name, past its own `__setattr__`. Here each is set by its slot, or put
into the instance's dictionary where there are no slots: the same values, the same signature, frozen all the same.
"""

from collections.abc import Sequence
from dataclasses import MISSING, Field, fields
from typing import Any, TypeVar

T = TypeVar("T")


def quick(made: type[T]) -> type[T]:
    """Goes above `@dataclass(frozen=True)`, for those without `__post_init__` and with every field in `__init__`.

    The function is written and compiled as dataclasses writes its own: of field names, and nothing else.
    """
    parts: tuple[Field[Any], ...] = fields(made)  # type: ignore[arg-type]
    if hasattr(made, "__post_init__") or not all(part.init and not part.kw_only for part in parts):
        raise TypeError(f"{made.__name__} is more than its parts")
    slow: Any = made.__init__
    known: dict[str, Any] = {f"make_{part.name}": part.default_factory for part in parts}
    known["unset"] = next(filter(_is_unset, slow.__defaults__ or ()), None)
    if hasattr(made, "__slots__"):
        known |= {f"set_{part.name}": made.__dict__[part.name].__set__ for part in parts}
        lines = [f"set_{part.name}(self, {_value(part)})" for part in parts]
    else:
        lines = ["parts = self.__dict__", *(f"parts[{part.name!r}] = {_value(part)}" for part in parts)]
    made.__init__ = _compiled(parts, lines, known, like=slow)  # type: ignore[method-assign]
    return made


def _compiled(parts: Sequence[Field[Any]], lines: Sequence[str], known: dict[str, Any], like: Any) -> Any:
    exec("\n ".join([f"def __init__(self, {', '.join(part.name for part in parts)}):", *lines]), known)
    init: Any = known["__init__"]
    init.__defaults__, init.__annotations__ = like.__defaults__, like.__annotations__
    init.__qualname__ = like.__qualname__
    return init


def _value(part: Field[Any]) -> str:
    if part.default_factory is MISSING:
        return part.name
    return f"make_{part.name}() if {part.name} is unset else {part.name}"


def _is_unset(default: object) -> bool:
    """What dataclasses writes for a default that a factory makes."""
    return type(default).__name__ == "_HAS_DEFAULT_FACTORY_CLASS"
