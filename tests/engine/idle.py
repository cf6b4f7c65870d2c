"""A sorter with nothing to sort."""


class Idle:
    """Nothing comes in."""

    def run_once(self, now: object) -> int:
        """Answers that no receipt was there."""
        return 0
