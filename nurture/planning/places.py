"""Where in a bundle's files something stands: the line of a key, or of the nearest key around it."""

from collections.abc import Mapping

from nurture.authoring.nodes import Listing, Node, Scalar, Table
from nurture.authoring.problems import Log
from nurture.authoring.yaml import load
from nurture.planning.changes import Place


class Places:
    """The lines of the files of one bundle."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self._files = files

    def of(self, file: str, *path: str) -> Place:
        """The place of `path`, key within key, as far as the file has it."""
        text = self._files.get(file)
        node = load(file, text, Log()) if text is not None else None
        line = 0
        for name in path:
            found = _within(node, name)
            if found is None:
                break
            line, node = found
        return Place(file, line)


def _within(node: Node | None, name: str) -> tuple[int, Node] | None:
    """The line and value of a key; in a list, of the item that is called so."""
    if isinstance(node, Table):
        key, value = node.key(name), node.get(name)
        return (key.spot.line, value) if key is not None and value is not None else None
    if isinstance(node, Listing):
        named = (item for item in node.items if isinstance(item, Table) and _called(item, name))
        item = next(named, None)
        return None if item is None else (item.spot.line, item)
    return None


def _called(item: Table, name: str) -> bool:
    return any(
        isinstance(value, Scalar) and value.text == name for key, value in item.items if key.text in ("id", "name")
    )
