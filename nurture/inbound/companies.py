"""Which company an address belongs to: its domain, unless everybody may have a mailbox there."""

from typing import Final

FREE_MAIL: Final = frozenset(
    {
        "gmail.com", "googlemail.com", "outlook.com", "outlook.fr", "hotmail.com", "hotmail.fr", "live.com", "live.fr",
        "msn.com", "yahoo.com", "yahoo.fr", "ymail.com", "icloud.com", "me.com", "mac.com", "aol.com", "gmx.com",
        "gmx.fr", "gmx.net", "gmx.de", "mail.com", "zoho.com", "proton.me", "protonmail.com", "pm.me", "tutanota.com",
        "fastmail.com", "yandex.com", "orange.fr", "wanadoo.fr", "free.fr", "sfr.fr", "neuf.fr", "laposte.net", "bbox.fr",
        "numericable.fr", "voila.fr", "skynet.be", "telenet.be", "bluewin.ch",
    }
)  # fmt: skip


def company_domain(address: str) -> str:
    """The company's domain in lower case; empty where the address says nothing about where somebody works."""
    domain = address.rpartition("@")[2].strip().lower()
    return "" if domain in FREE_MAIL else domain
