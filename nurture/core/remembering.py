"""What was worked out once and is asked for again, in a dictionary that does not grow without end.

For answers that are a function of what they are kept under: forgetting them costs time, and changes nothing.
"""

from typing import Any, TypeVar

K = TypeVar("K")
V = TypeVar("V")

MOST = 4096
"""How many answers one dictionary keeps."""


def remember(memory: dict[K, V], question: K, answer: V) -> V:
    """Keep an answer, and give it back; a full memory begins anew."""
    if len(memory) >= MOST:
        memory.clear()
    memory[question] = answer
    return answer


class Own(dict[Any, Any]):
    """What is worked out as it is asked for, of things that cannot be handed to another process: there it begins empty."""

    def __reduce__(self) -> tuple[type["Own"], tuple[()]]:
        """Without what it holds."""
        return Own, ()
