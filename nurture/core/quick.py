"""Frozen dataclasses that are made at half the price: a decision makes a dozen.

The `__init__` of a frozen dataclass sets its parts by name, past its own `__setattr__`. Here each is set by its slot; where
there are no slots all of them become the instance's dictionary at once. The same values, the same signature, frozen all the
same. A dictionary made at once is also one that the interpreter reads by place: those that instances share are looked up
anew at each attribute once they have been copied, as `changing.py` does.
"""

from collections.abc import Callable, Sequence
from dataclasses import MISSING, Field, fields
from typing import Any, ParamSpec, TypeVar

T = TypeVar("T")
P = ParamSpec("P")


def quick(made: type[T]) -> type[T]:
    """Goes above `@dataclass(frozen=True)`, for those without `__post_init__` and with every field in `__init__`.

    The function is written and compiled as dataclasses writes its own: of field names, and nothing else.
    """
    parts, lines, known = _written(made)
    names = ["self", *(part.name for part in parts)]
    made.__init__ = _compiled("__init__", names, lines, known, like=made.__init__)  # type: ignore[method-assign]
    return made


def maker_of(made: Callable[P, T]) -> Callable[P, T]:
    """A function that makes the same values as the class, at two thirds of the price again: nothing is called between.

    For what is made at every turn.
    """
    parts, lines, known = _written(made)
    known |= {"new": object.__new__, "made": made}
    names = [part.name for part in parts]
    make: Callable[P, T] = _compiled(
        "make",
        names,
        ["self = new(made)", *lines, "return self"],
        known,
        like=getattr(made, "__init__"),  # noqa: B009
    )
    return make


def _written(made: Any) -> tuple[Sequence[Field[Any]], list[str], dict[str, Any]]:
    """Its fields, the lines that set them, and what these name."""
    parts = fields(made)
    if hasattr(made, "__post_init__") or not all(part.init and not part.kw_only for part in parts):
        raise TypeError(f"{made.__name__} is more than its parts")
    known: dict[str, Any] = {f"make_{part.name}": part.default_factory for part in parts}
    known["unset"] = next(filter(_is_unset, made.__init__.__defaults__ or ()), None)
    if hasattr(made, "__slots__"):
        known |= {f"set_{part.name}": made.__dict__[part.name].__set__ for part in parts}
        return parts, [f"set_{part.name}(self, {_value(part)})" for part in parts], known
    known["put"] = object.__setattr__
    whole = ", ".join(f"{part.name!r}: {_value(part)}" for part in parts)
    return parts, [f"put(self, '__dict__', {{{whole}}})"], known


def _compiled(name: str, names: Sequence[str], lines: Sequence[str], known: dict[str, Any], like: Any) -> Any:
    exec("\n ".join([f"def {name}({', '.join(names)}):", *lines]), known)
    function: Any = known[name]
    function.__defaults__, function.__annotations__ = like.__defaults__, like.__annotations__
    function.__qualname__ = like.__qualname__
    return function


def _value(part: Field[Any]) -> str:
    if part.default_factory is MISSING:
        return part.name
    return f"make_{part.name}() if {part.name} is unset else {part.name}"


def _is_unset(default: object) -> bool:
    """What dataclasses writes for a default that a factory makes."""
    return type(default).__name__ == "_HAS_DEFAULT_FACTORY_CLASS"
