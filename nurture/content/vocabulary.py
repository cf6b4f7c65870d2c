"""The words of MJML 4: which tags exist and which attributes each accepts.

From the component reference at https://documentation.mjml.io. The compiler we use drops unknown
tags and keeps unknown attributes without a word, so this table is what catches a slip.
"""

from collections.abc import Mapping

_PADDING = "padding padding-top padding-right padding-bottom padding-left"
_BORDER = "border border-top border-right border-bottom border-left border-radius"
_INNER_BORDER = " ".join(f"inner-{name}" for name in _BORDER.split())
_FONT = "font-family font-size font-style font-weight letter-spacing line-height color text-decoration text-transform"
_BACKGROUND = (
    "background-color background-url background-repeat background-size background-position "
    "background-position-x background-position-y"
)
_LINK = "href rel target title name"
_ICON = "icon-align icon-height icon-padding icon-position icon-size icon-width"
_WRAPPED = "icon-wrapped-url icon-wrapped-alt icon-unwrapped-url icon-unwrapped-alt"

EVERYWHERE = frozenset({"css-class", "mj-class"})

_WORDS: Mapping[str, str] = {
    "mjml": "lang dir owa",
    "mj-head": "",
    "mj-body": "background-color width",
    "mj-title": "",
    "mj-preview": "",
    "mj-attributes": "",
    "mj-all": "*",
    "mj-class": "*",
    "mj-breakpoint": "width",
    "mj-font": "name href",
    "mj-html-attributes": "",
    "mj-selector": "path",
    "mj-html-attribute": "name",
    "mj-style": "inline",
    "mj-raw": "position",
    "mj-include": "path type css-inline",
    "mj-wrapper": f"{_BACKGROUND} {_BORDER} {_PADDING} full-width gap text-align direction",
    "mj-section": f"{_BACKGROUND} {_BORDER} {_PADDING} full-width text-align direction",
    "mj-group": "background-color direction vertical-align width",
    "mj-column": f"background-color inner-background-color {_BORDER} {_INNER_BORDER} {_PADDING} "
    "direction vertical-align width",
    "mj-text": f"align container-background-color height {_FONT} {_PADDING} vertical-align",
    "mj-button": f"align background-color container-background-color {_BORDER} {_FONT} {_LINK} "
    f"height inner-padding {_PADDING} text-align vertical-align width",
    "mj-image": f"align alt {_BORDER} container-background-color fluid-on-mobile font-size height {_LINK} max-height "
    f"{_PADDING} sizes src srcset usemap width",
    "mj-divider": f"align border-color border-style border-width container-background-color {_PADDING} width",
    "mj-spacer": f"container-background-color height {_PADDING}",
    "mj-table": f"align border cellpadding cellspacing color container-background-color font-family font-size "
    f"line-height {_PADDING} role table-layout width",
    "mj-hero": f"{_BACKGROUND} background-height background-width height inner-background-color inner-padding "
    f"inner-padding-top inner-padding-right inner-padding-bottom inner-padding-left {_PADDING} mode border-radius "
    "vertical-align width",
    "mj-navbar": f"align base-url hamburger ico-align ico-close ico-color ico-font-family ico-font-size "
    f"ico-line-height ico-open {_PADDING}",
    "mj-navbar-link": f"{_FONT} {_LINK} {_PADDING}",
    "mj-social": f"align container-background-color {_BORDER} {_FONT} icon-height icon-padding icon-size inner-padding "
    f"mode {_PADDING} table-layout text-padding",
    "mj-social-element": f"align alt background-color {_BORDER} {_FONT} {_LINK} icon-height icon-padding "
    f"icon-position icon-size {_PADDING} src srcset sizes text-padding vertical-align",
    "mj-accordion": f"border container-background-color font-family {_ICON} {_WRAPPED} {_PADDING}",
    "mj-accordion-element": f"background-color border font-family {_ICON} {_WRAPPED}",
    "mj-accordion-title": f"background-color color font-family font-size font-weight {_PADDING}",
    "mj-accordion-text": f"background-color color font-family font-size font-weight letter-spacing line-height "
    f"{_PADDING}",
    "mj-carousel": f"align border-radius container-background-color icon-width left-icon {_PADDING} right-icon "
    "tb-border tb-border-radius tb-hover-border-color tb-selected-border-color tb-width thumbnails",
    "mj-carousel-image": f"alt border-radius {_LINK} src tb-border tb-border-radius thumbnails-src",
}

TAGS: Mapping[str, frozenset[str]] = {tag: frozenset(words.split()) for tag, words in _WORDS.items()}
"""Every tag with the attributes it accepts; `*` accepts the attributes of all tags."""

ATTRIBUTES = frozenset(name for names in TAGS.values() for name in names) - {"*"}

FORBIDDEN = frozenset({"script", "iframe", "object", "embed", "form", "input", "textarea", "select", "base", "link"})
"""HTML that no mail client runs, or that only a forger needs."""


def accepts(tag: str, attribute: str) -> bool:
    """Whether MJML knows this attribute on this tag."""
    names = TAGS[tag]
    if tag == "mj-class" and attribute == "name":
        return True
    return attribute in names or attribute in EVERYWHERE or ("*" in names and attribute in ATTRIBUTES)
