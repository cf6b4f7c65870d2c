"""A reply is split from its quote, whatever wrote it, in linear time."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nurture.inbound.html import lines_of
from nurture.inbound.intent import wish_of
from nurture.inbound.quoting import MAX_CHARS, MAX_LINES, split
from nurture.inbound.return_date import return_date
from nurture.providers.mail import addresses_in, decoded, ids_in, sender_in

REPLIES = {
    "gmail, French": "Oui, merci.\n\nLe lun. 23 nov. 2026 à 09:15, Exemple <bonjour@exemple.example> a\u202fécrit\xa0:\n\n> Bonjour\n> rappelez-moi",
    "gmail, French, wrapped": "Oui, merci.\n\nLe lun. 23 nov. 2026 à 09:15, L'équipe Exemple <\nbonjour@exemple.example> a écrit :\n\n> Bonjour",
    "gmail, English, wrapped": "Oui, merci.\n\nOn Mon, Nov 23, 2026 at 9:15 AM Exemple <bonjour@exemple.example>\nwrote:\n\n> Bonjour\n>> x",
    "thunderbird": "Oui, merci.\n\nLe 23/11/2026 à 09:15, Exemple a écrit :\n> Bonjour\n",
    "name only, quoted below": "Oui, merci.\n\nCamille Martin a écrit :\n> Bonjour",
    "outlook, French": "Oui, merci.\n\n________________________________\nDe : Exemple <bonjour@exemple.example>\nEnvoyé : lundi 23 novembre 2026 09:15\nÀ : Camille\nObjet : Votre livre blanc\n\nBonjour, une démo ?",
    "outlook, English, starred": "Oui, merci.\n\n*From:* Exemple <bonjour@exemple.example>\n*Sent:* Monday, November 23, 2026 9:15 AM\n*To:* Camille\n*Subject:* Hello\n\nBonjour",
    "outlook, spread out": "Oui, merci.\n\nDe : Exemple\n\nÀ : Camille\n\nDate : lundi\n\nObjet : Livre blanc\n\nBonjour",
    "original message": "Oui, merci.\n\n-----Message d'origine-----\nDe : x\nBonjour",
    "original message, curly": "Oui, merci.\n\n-----Message d’origine-----\nBonjour",
    "original message, English": "Oui, merci.\n-----Original Message-----\nBonjour",
    "forwarded": "Oui, merci.\n\n---------- Forwarded message ---------\nBonjour",
    "apple, forwarded": "Oui, merci.\n\nDébut du message réexpédié :\n\nBonjour",
    "mobile": "Oui, merci.\n\nEnvoyé de mon iPhone\n\n> Le 23 nov. 2026 à 09:15, Exemple <bonjour@exemple.example> a écrit :\n> \n> Bonjour",
    "outlook mobile": "Oui, merci.\n\nTélécharger Outlook pour iOS<https://exemple.example>\n________________________________\nFrom: Exemple <bonjour@exemple.example>\nSent: Monday\nSubject: x\n\nBonjour",
    "no quote marks": "Oui, merci.\n\nOn 23 Nov 2026 at 09:15, Exemple wrote:\n\nBonjour, une démo ?",
    "address only": "Oui, merci.\nExemple <bonjour@exemple.example> wrote:\n\nBonjour",
    "iso date": "Oui, merci.\n\n2026-11-23 9:15 GMT+01:00 Exemple wrote:\n\nBonjour",
    "signature": "Oui, merci.\n\n-- \nCamille Martin\nDirectrice des démos",
    "below the quote": "Le 23 nov. 2026, Exemple a écrit :\n> Bonjour\n> une démo ?\n\nOui, merci.",
    "carriage returns": "Oui, merci.\r\n\r\n> Bonjour\r\n",
    "nothing to split": "Oui, merci.",
}


@pytest.mark.parametrize("text", REPLIES.values(), ids=REPLIES.keys())
def test_only_what_the_person_wrote_is_kept(text: str) -> None:
    assert split(text).human == "Oui, merci."
    assert split(text).quoted is (text != "Oui, merci.")


def test_an_answer_between_the_quotes_is_kept_whole() -> None:
    text = "Bonjour,\n\nLe 23 nov. 2026, Exemple a écrit :\n> Une démo ?\n\nOui, jeudi.\n\n> Un devis ?\nNon."
    assert split(text).human == "Bonjour,\n\n\nOui, jeudi.\n\nNon."


@pytest.mark.parametrize(
    "text",
    [
        "Le client a écrit :\nil faut rappeler.",
        "On y va.\nDe : Lyon à Paris en train\nMerci.",
        "From: my heart.\nThanks.",
        "Objet : le devis\nMerci de me rappeler.",
        "Hello\n---\nsecond part",
        "Le 3 décembre me convient.\n\nCordialement",
        "Le 3 décembre me convient.\nMa collègue a écrit :\nvoir plus bas",
        "We wrote:\n- one\n- two",
    ],
)
def test_what_only_resembles_a_quote_is_kept(text: str) -> None:
    assert split(text).human == text
    assert not split(text).quoted


TODAY = date(2026, 11, 23)
LINES = st.lists(
    st.sampled_from(
        [
            "",
            " ",
            "> quoted",
            "words",
            "On Monday 3",
            "Le 23 nov.",
            "a écrit :",
            "X <x@exemple.example> wrote:",
            "wrote:",
            "De : X",
            "From: X",
            "Envoyé : lundi",
            "Objet : x",
            "Subject: y",
            "____________",
            "-- ",
            "--",
            "Sent from my iPhone",
            "-----Original Message-----",
        ]
    )
    | st.text(max_size=12),
    max_size=14,
)


@given(LINES.map("\n".join))
@example("On Monday 3\nX <x@exemple.example> wrote:\n> q\nwrote:")
@example("De : X\n> q\nEnvoyé : lundi")
def test_splitting_what_was_split_changes_nothing(text: str) -> None:
    human = split(text).human
    assert split(human).human == human


@given(LINES.map("\n".join))
def test_the_human_part_is_made_of_the_mails_own_lines_in_order(text: str) -> None:
    source = iter(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    human = split(text).human
    assert human == "" or all(line in source for line in human.split("\n"))


@given(st.text())
@example("&#" + "9" * 5_000 + ";")
def test_no_text_raises(text: str) -> None:
    split(text)
    wish_of(text)
    lines_of(text)


def test_a_mail_of_html_alone_has_its_quotes_marked() -> None:
    gmail = (
        '<div dir="ltr">Oui,&nbsp;merci.<br></div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">'
        "Le lun. 23 nov. 2026, Exemple &lt;<a href='x'>b@exemple.example</a>&gt; schrieb:<br></div>"
        '<blockquote class="gmail_quote"><p>Bonjour</p><p>une démo ?</p></blockquote></div>'
    )
    outlook = (
        "<html><head><style>p {color: red}</style></head><body><p>Oui, merci.</p><hr>"
        '<div id="divRplyFwdMsg"><b>De :</b> Exemple</div><div>une démo ?</div></body></html>'
    )
    below = "<blockquote>une démo ?</blockquote><p>Oui, merci.</p>"
    for source in (gmail, outlook, below):
        assert split(lines_of(source)).human == "Oui, merci."


def test_only_so_much_of_a_mail_is_read() -> None:
    assert len(split("x" * (MAX_CHARS * 2)).human) == MAX_CHARS
    assert len(split("x\n" * (MAX_LINES * 2)).human.split("\n")) == MAX_LINES


# --- The work grows with the input, not with its square ------------------------------------------


def seconds(work: Callable[[str], object], text: str) -> float:
    def once() -> float:
        before = time.process_time()
        work(text)
        return time.process_time() - before

    return min(once() for _ in range(3))


SEEDS = [
    "x", " ", ">", "-", "_", "wrote:", "On 1 ", "Le 1 a écrit : ", "<", "<a ", "<!--", "&#9", "&", "=?a?q?x", "<a@",
    '"', '\\"', "a@b,", "\u0301", "\ufdfa", "pas ", "demo ", "demo a pas b c d e f g ", "du 1 ", "back ",
    "de retour le ", "Mon -", "ne plus ", "stop ",
]  # fmt: skip
LINE_SEEDS = ["", "x", "On 1", "a écrit :", "On 1\nwrote:", "De : x", "Objet : x", "De : x\nEnvoyé :", "> x", "demo"]


# Each at a size it still reads to its end.
WORKERS = {
    "split": (split, 120_000),
    "html": (lines_of, 120_000),
    "wish": (wish_of, 16_000),
    "date": (lambda text: return_date(text, TODAY), 4_000),
    "addresses": (addresses_in, 16_000),
    "sender": (sender_in, 16_000),
    "ids": (ids_in, 16_000),
}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("work", "size"), WORKERS.values(), ids=WORKERS.keys())
def test_four_times_the_line_is_about_four_times_the_work(work: Callable[[str], object], size: int, seed: str) -> None:
    small, large = ((seed * length)[:length] for length in (size // 4, size))
    # 16 would be the square; the constant is for what is too quick to be measured.
    assert seconds(work, large) < 8 * seconds(work, small) + 0.01


def test_an_encoded_header_costs_little_however_long() -> None:
    assert seconds(decoded, "=?a?q?x" * 20_000) < 0.05


@pytest.mark.parametrize("seed", LINE_SEEDS)
@pytest.mark.parametrize("work", [split, wish_of], ids=["split", "wish"])
def test_four_times_the_lines_are_about_four_times_the_work(work: Callable[[str], object], seed: str) -> None:
    small, large = (f"{seed}\n" * count for count in (1_000, 4_000))
    assert seconds(work, large) < 8 * seconds(work, small) + 0.01
