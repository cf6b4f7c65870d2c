"""The one spelling of a domain outside ASCII, for headers, envelopes, limits and names: IDNA 2008, its letters mapped by UTS 46.

Python's own codec is of 2003 and leads straße.example, βόλος.example and others to another domain than the one meant.
"""

from functools import lru_cache

import idna


@lru_cache(maxsize=4096)
def ascii_domain(domain: str) -> str:
    """The domain as the DNS and SMTP know it; ValueError where it can be none. What is ASCII stays as it is."""
    return domain if domain.isascii() else idna.encode(domain, uts46=True).decode("ascii")


def spelt_ascii(domain: str) -> str:
    """The same, to compare with what operators write: what can be no domain stays as it is."""
    try:
        return ascii_domain(domain)
    except ValueError:
        return domain


@lru_cache(maxsize=4096)
def unicode_domain(domain: str) -> str:
    """The domain as people read it, however it was spelt; what can be none, or is ASCII for both, stays as it is."""
    if domain.isascii() and "xn--" not in domain:
        return domain
    try:
        return idna.decode(ascii_domain(domain))
    except ValueError:
        return domain
