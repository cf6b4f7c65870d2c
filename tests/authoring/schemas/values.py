"""An author's file as an editor's YAML 1.2 has it: texts, numbers, true, false and null, for a schema to judge."""

import re
from typing import Any

from nurture.authoring.nodes import Listing, Node, Scalar, Table
from nurture.authoring.problems import Log
from nurture.authoring.yaml import load

_WHOLE = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_DECIMAL = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_FLAGS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}


def value_of(text: str) -> Any:
    """What the text says; None when it is no YAML that nurture reads."""
    root = load("a file", text, Log())
    return None if root is None else _value(root)


def _value(node: Node) -> Any:
    match node:
        case Table(items=items):
            return {key.text: _value(value) for key, value in items}
        case Listing(items=items):
            return [_value(item) for item in items]
        case Scalar(style="", text=text):
            return _plain(text)
        case Scalar(text=text):
            return text


def _plain(text: str) -> Any:
    """By the core schema of YAML 1.2."""
    if text in ("", "~", "null", "Null", "NULL"):
        return None
    if text in _FLAGS:
        return _FLAGS[text]
    if _WHOLE.fullmatch(text):
        return int(text, 0 if text[:2] in ("0o", "0x") else 10)
    if _DECIMAL.fullmatch(text) or _NOT_FINITE.fullmatch(text):
        return float(text.replace(".inf", "inf").replace(".nan", "nan"))
    return text
