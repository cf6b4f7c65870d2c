"""French spaces are put right; nothing else is touched."""

import pytest

from nurture.content.typography import set_html, set_text


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("Prêt ? Oui ! Bien ; merci", "Prêt\u202f? Oui\u202f! Bien\u202f; merci"),
        ("Vraiment ?!", "Vraiment\u202f?!"),
        ("Voici : un mot", "Voici\u00a0: un mot"),
        ("« Zéro coupure »", "«\u202fZéro coupure\u202f»"),
        ("« Prêt ? »", "«\u202fPrêt\u202f?\u202f»"),
        ("1 200 000 € et 20 %", "1\u202f200\u202f000\u00a0€ et 20\u00a0%"),
        ("à 11 h 00", "à 11\u00a0h\u00a000"),
        ("l'essentiel d'aujourd'hui", "l’essentiel d’aujourd’hui"),
        ("https://exemple.example/?a=1", "https://exemple.example/?a=1"),
        ("le 12 2026 :-)", "le 12 2026 :-)"),
        ("Bonjour", "Bonjour"),
    ],
)
def test_french_spaces(typed: str, printed: str) -> None:
    assert set_text(typed, "fr") == printed
    assert set_text(printed, "fr") == printed
    assert set_text(typed, "en") == typed


def test_only_words_between_tags_are_set() -> None:
    html = '<style>a { color : red ; }</style><p title="a ?">Prêt ?</p><!-- a ? --><pre>x ?</pre><b>a :</b>'
    assert set_html(html, "fr") == html.replace("Prêt ?", "Prêt\u202f?").replace("a :</b>", "a\u00a0:</b>")
