"""What sample people write, and the programs they read with."""

from collections.abc import Callable, Mapping
from datetime import date

from babel.dates import format_date

AGENTS = (
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
    "Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; Microsoft Outlook 16.0.5; ms-office)",
)

SCANNERS = (
    "BarracudaCentral/1.0",
    "Mozilla/5.0 (compatible; Proofpoint URL Defense)",
    "python-requests/2.32",
    # One that says it is a browser: only its haste gives it away.
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36",
)

INTERESTED: Mapping[str, tuple[str, ...]] = {
    "fr": (
        "Bonjour,\n\nPouvez-vous me rappeler ?",
        "Bonjour,\n\nC'est exactement notre sujet du moment. Quels sont vos tarifs ?",
        "Bonjour,\n\nJe souhaiterais une démonstration. Avez-vous un créneau la semaine prochaine ?",
        "Intéressé, appelez-moi plutôt le matin.",
    ),
    "en": (
        "Hello,\n\nCould you call me back? This is exactly what we are looking at.",
        "Hello,\n\nWhat would a quote for three plants look like?",
        "Please send me more information, and let's talk next week.",
    ),
}

OTHERWISE: Mapping[str, tuple[str, ...]] = {
    "fr": (
        "Merci, j'ai transmis à ma collègue qui suit ce dossier.",
        "Nous venons de signer avec un confrère, ce ne sera pas pour cette année.",
        "Bonjour, je ne suis pas la bonne personne pour ces questions.",
        "Merci de ne plus m'écrire à ce sujet.",
    ),
    "en": (
        "Thanks, I have passed this on to a colleague.",
        "We have just signed with somebody else, so not this year.",
    ),
}


def _absent(day: date) -> str:
    return (
        "Bonjour,\n\nJe suis absent du bureau et serai de retour le "
        f"{format_date(day, 'd MMMM y', locale='fr')}. En cas d'urgence, merci d'appeler le standard.\n\nBien cordialement"
    )


def _out(day: date) -> str:
    return f"I am out of the office and will be back on {format_date(day, 'd MMMM y', locale='en')}. Your message will not be read."


AWAY: Mapping[str, Callable[[date], str]] = {"fr": _absent, "en": _out}
