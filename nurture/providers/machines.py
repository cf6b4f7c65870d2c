"""Who opens and clicks without reading: privacy proxies, link scanners, scripts.

A verdict on the user agent alone. It is one signal among several (a click within seconds, every link
at once, a hidden link); the others need the message's history and live further up. What is called a
machine here is kept and marked, never thrown away.
"""

from __future__ import annotations

import re

READ_AT_MOST = 1_000

# Apple Mail Privacy Protection fetches every image, read or not, and says nothing but this.
_APPLE_PRIVACY = "mozilla/5.0"

_MACHINES = re.compile(
    r"googleimageproxy|ggpht\.com|yahoomailproxy|outlookimageproxy"  # image proxies
    r"|barracuda|proofpoint|mimecast|safelinks|messagelabs|trendmicro|forcepoint|fireeye|cloudmark|vade ?retro"
    r"|bitdefender|sophos|zscaler|symantec|microsoft office existence discovery|bingpreview"  # scanners
    r"|headlesschrome|phantomjs|puppeteer|playwright|selenium"  # browsers without a person
    r"|\bcurl/|\bwget/|python-requests|python-urllib|aiohttp|\bhttpx/|go-http-client|okhttp|libwww-perl"
    r"|apache-httpclient|\bjava/|node-fetch|\baxios/|\bruby\b"  # scripts
    # "bot" only as the end of a word before a version or a break: CUBOT is a telephone.
    r"|(?<!cu)bot(?:/|\b)|crawler|spider|slurp|facebookexternalhit|whatsapp/"
)


def is_machine(user_agent: str | None) -> bool:
    """Whether this user agent is known to act without a person, or names nobody at all."""
    said = (user_agent or "")[:READ_AT_MOST].strip().casefold()
    return said in ("", _APPLE_PRIVACY) or _MACHINES.search(said) is not None
