"""French spacing, so that no author has to type a no-break space.

Rules of the Imprimerie nationale's Lexique: a narrow no-break space before ; ! ? and inside
guillemets, a no-break space before a colon, between a number and its unit, and a narrow one
between groups of three figures. Only spaces already typed are changed; none is added.
"""

import re

NARROW = "\u202f"
FIXED = "\u00a0"

_FRENCH = (
    (re.compile(r" (?=[;!?]+(?:[\s»)\]]|$))"), NARROW),
    (re.compile(r" (?=:(?:\s|$))"), FIXED),
    (re.compile(r"« "), "«" + NARROW),
    (re.compile(r" »"), NARROW + "»"),
    (re.compile(r"(?<=\d) (?=\d{3}(?!\d))"), NARROW),
    (re.compile(r"(?<=\d) (?=[%€°]|[hj]\b|(?:min|jours?|heures?|pages?)\b)"), FIXED),
    (re.compile(r"(?<=\d h) (?=\d\d\b)"), FIXED),
    (re.compile(r"(?<=\d\u00a0h) (?=\d\d\b)"), FIXED),
    (re.compile(r"(?<=[^\W\d_])'(?=[^\W\d_])"), "’"),
)
_RULES = {"fr": _FRENCH}
_TEXT_NODE = re.compile(r"(?<=>)[^<]+(?=<)")
_VERBATIM = re.compile(r"(<(style|script|pre|code)\b.*?</\2>|<!--.*?-->)", re.DOTALL | re.IGNORECASE)


def set_text(text: str, language: str) -> str:
    """The text with its language's spaces. A language without rules is left alone."""
    for pattern, replacement in _RULES.get(language, ()):
        text = pattern.sub(replacement, text)
    return text


def set_html(html: str, language: str) -> str:
    """The same for the words between tags; styles, code and comments are left alone."""
    if language not in _RULES:
        return html
    parts = _VERBATIM.split(html)
    # split() yields text, whole match, tag name, text, …: only every third part is prose.
    return "".join(
        _TEXT_NODE.sub(lambda node: set_text(node[0], language), part) if at % 3 == 0 else part
        for at, part in enumerate(parts)
        if at % 3 != 2
    )
