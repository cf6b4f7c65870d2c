"""Keys for signing mail as an operator writes them: `nurture-rsa=dkim/nurture-rsa.pem, nurture-ed25519=dkim/….pem`."""

import re
from dataclasses import dataclass
from pathlib import Path

SELECTOR = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*")
LONGEST_SELECTOR = 120
"""With `._domainkey.` and a domain behind it a name of the DNS still has room."""

EXAMPLE = "nurture-rsa=dkim/nurture-rsa.pem"


@dataclass(frozen=True, slots=True)
class KeyFile:
    """A selector, under which the public key is in the DNS, and the file with the private one."""

    selector: str
    path: Path


def parse_key_files(text: str) -> tuple[KeyFile, ...]:
    """Selectors and their files, in the order given (ValueError: a sentence)."""
    found: dict[str, KeyFile] = {}
    for part in filter(None, map(str.strip, text.split(","))):
        name, sign, path = (word.strip() for word in part.partition("="))
        if not sign or not path:
            raise ValueError(f"{part!r} is not understood; write it like {EXAMPLE}")
        selector = checked_selector(name)
        if selector in found:
            raise ValueError(f"{selector} is given twice; write it once")
        found[selector] = KeyFile(selector, Path(path))
    return tuple(found.values())


def checked_selector(name: str) -> str:
    """The selector in small letters (ValueError: a sentence)."""
    selector = name.lower()
    if not SELECTOR.fullmatch(selector) or len(selector) > LONGEST_SELECTOR:
        raise ValueError(f"{name!r} is no selector; it is made of letters, figures and hyphens, such as nurture-rsa")
    return selector


def refuse_half_signing(domain: str | None, keys: str, provider: str) -> None:
    """Raise ValueError, with the setting and a sentence, where mail would not be signed as the operator means it."""
    if domain is None and keys:
        raise ValueError("NURTURE_DKIM_DOMAIN: is needed beside NURTURE_DKIM_KEYS; set it to the domain that signs")
    if domain is not None and not keys:
        raise ValueError(
            "NURTURE_DKIM_KEYS: is needed beside NURTURE_DKIM_DOMAIN; `nurture dkim new` makes keys and says what to write"
        )
    if domain is not None and provider != "smtp":
        raise ValueError(
            f"NURTURE_DKIM_DOMAIN: {provider} signs what it sends, after changes of its own; leave the setting out, "
            "and give the provider your domain"
        )
