"""Numbers of things, as people say them."""


def counted(number: int, one: str, many: str = "") -> str:
    """`1 row`, `2 rows`; `many` where the plural is not made with an s."""
    return f"{number} {one if number == 1 else many or one + 's'}"
