"""The keys of one kind of mapping, said once: what reads it and its JSON Schema both take them from here."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Keys:
    """`what` is how a sentence calls the mapping ("a sender"); `required` must be in it, `optional` may be."""

    what: str
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()

    @property
    def known(self) -> tuple[str, ...]:
        """All of them, in the order in which they are explained."""
        return (*self.required, *self.optional)
