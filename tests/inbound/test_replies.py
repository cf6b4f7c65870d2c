"""What a received mail is: a person, a machine, a bounce, a complaint; and what it answers."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.inbound.automatic import AutomaticKind
from nurture.inbound.intent import Intent, wish_of
from nurture.inbound.reply import (
    AutomaticReply,
    HumanReply,
    bounce_token_of,
    human_part,
    read,
    references_of,
    reply_token_of,
)
from nurture.providers.mail import InboundMail
from tests.inbound.mails import TOUCH, a_mail

TODAY = date(2026, 11, 23)
QUOTE = (
    "\n\nLe 20 nov. 2026, Exemple <bonjour@exemple.example> a écrit :\n> Une démo ? Répondez « intéressé » ou STOP.\n"
)

INTERESTED = [
    "Oui, je suis intéressé.",
    "Cela m’intéresse beaucoup, merci !",
    "Nous sommes très intéressées.",
    "Rappelez-moi demain vers 10h au 01 99 00 00 00.",
    "Appelez moi svp",
    "Pouvez-vous me rappeler ?",
    "N'hésitez pas à me rappeler.",
    "Pourquoi pas, je suis intéressé.",
    "J'aimerais un devis pour 50 postes",
    "Une DÉMO serait parfaite",
    "Quels sont vos tarifs ?",
    "Je ne suis pas libre lundi, mais rappelez-moi jeudi.",
    "Bonjour,\nJe voudrais en savoir plus.\nCordialement",
    "Je ne souhaite pas me désinscrire : je suis intéressé.",
    "I'm interested, thanks.",
    "Please call me tomorrow",
    "Could you send me more about pricing?",
    "No problem, let's talk next week",
    "Can we schedule a quick call?",
]
OTHER = [
    "Merci pour cet article.",
    "Je ne suis pas intéressé.",
    "Pas intéressée, merci.",
    "Ça m'intéresse pas",
    "Merci de ne pas me rappeler.",
    "Nous n'avons aucun besoin d'une démo",
    "Not interested.",
    "We are no longer interested in a demo",
    "Please don't call me",
    "I am interested in nature. I am not interested in a demo.",
    "Qui êtes-vous ?",
    "",
]
LEAVE = [
    "STOP",
    "Stop svp",
    "stop mails",
    "Désinscrivez-moi",
    "Merci de me désinscrire de cette liste, même si la démo était intéressante.",
    "je souhaite me désabonner",
    "Je n'arrive pas à me désinscrire !",
    "Je ne veux plus recevoir vos mails.",
    "Merci de ne plus me contacter",
    "Ne m’écrivez plus.",
    "Veuillez supprimer mon adresse",
    "Retirez-moi de votre liste",
    "Unsubscribe",
    "please remove me from your list",
    "Stop emailing me. I was interested once.",
    "Do not contact me again",
]


@pytest.mark.parametrize("text", INTERESTED)
def test_an_interest_is_heard_in_both_languages(text: str) -> None:
    assert read(a_mail(text + QUOTE), TODAY) == HumanReply(Intent.INTERESTED, text)


@pytest.mark.parametrize("text", OTHER)
def test_a_refusal_or_something_else_is_no_interest(text: str) -> None:
    assert read(a_mail(text + QUOTE), TODAY) == HumanReply(Intent.OTHER, text)


@pytest.mark.parametrize("text", LEAVE)
def test_who_wants_to_be_left_alone_is_never_interested(text: str) -> None:
    assert read(a_mail(text + QUOTE), TODAY) == HumanReply(Intent.OTHER, text, wants_unsubscribe=True)


@pytest.mark.parametrize(
    "text",
    ["I can stop by your office", "Je n'ai pas reçu votre mail", "Ne me contactez pas avant lundi", "Non-stop travel"],
)
def test_nobody_is_unsubscribed_by_a_word_that_only_resembles(text: str) -> None:
    assert not wish_of(text).wants_unsubscribe


def test_our_own_quoted_words_decide_nothing() -> None:
    assert read(a_mail("Bien reçu." + QUOTE), TODAY) == HumanReply(Intent.OTHER, "Bien reçu.")


def test_a_reply_in_html_alone_is_read_too() -> None:
    html = "<p>Rappelez-moi</p><blockquote>STOP</blockquote>"
    assert read(a_mail("  \n", html=html), TODAY) == HumanReply(Intent.INTERESTED, "Rappelez-moi")


def test_the_providers_reading_helps_where_ours_finds_nothing() -> None:
    mail = InboundMail(text="> tout est cité", stripped="Oui, un devis")
    assert human_part(mail) == "Oui, un devis"


# --- Machines --------------------------------------------------------------------------------------

AWAY = AutomaticKind.OUT_OF_OFFICE


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "Auto-Generated; x=y"},
        {"X_Auto_Response_Suppress": "All"},
        {"X_Autoreply": "yes"},
        {"X_Autorespond": ""},
        {"Precedence": "auto_reply"},
        {"Precedence": "Bulk"},
        {"Precedence": "junk"},
        {"Return_Path": "<>"},
    ],
)
def test_a_header_alone_marks_a_machine(headers: dict[str, str]) -> None:
    mail = a_mail("Rappelez-moi, je suis intéressé", **headers)
    assert read(mail, TODAY) == AutomaticReply(None, AutomaticKind.OTHER)


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "no"},
        {"Auto_Submitted": "No (a person)"},
        {"Precedence": "normal"},
        {"X_Auto_Response_Suppress": "None"},
        {"Return_Path": "<camille@exemple.example>"},
    ],
)
def test_a_header_that_says_no_marks_a_person(headers: dict[str, str]) -> None:
    assert isinstance(read(a_mail("Rappelez-moi", **headers), TODAY), HumanReply)


@pytest.mark.parametrize(
    "subject",
    [
        "Réponse automatique : Votre livre blanc",
        "Automatic reply: Hello",
        "Absence du bureau Re: Bonjour",
        "Out of Office: Hello",
        "Auto: Hello",
        "Notification d'absence",
    ],
)
def test_a_subject_marks_a_machine(subject: str) -> None:
    assert isinstance(read(a_mail("Je suis intéressé", subject), TODAY), AutomaticReply)


@pytest.mark.parametrize(
    ("text", "kind", "back"),
    [
        ("Je suis absent jusqu'au 4 janvier.", AWAY, date(2027, 1, 4)),
        ("Actuellement absente, de retour le lundi 30 novembre.", AWAY, date(2026, 11, 30)),
        ("Bonjour,\nJe suis en congés du 23/11 au 27/11 inclus.", AWAY, date(2026, 11, 28)),
        ("Je suis en congé.", AWAY, None),
        ("I am out of the office until 12 Jan with limited access to email.", AWAY, date(2027, 1, 12)),
        ("I am on annual leave, back on Monday.", AWAY, date(2026, 11, 30)),
        ("I'll have limited access to my e-mail through December 3rd", AWAY, date(2026, 12, 4)),
        ("Ceci est un message automatique. Contactez-nous au 01 99 00 00 00.", AutomaticKind.OTHER, None),
        ("Camille Martin ne fait plus partie de la société depuis le 4 janvier.", AutomaticKind.LEFT, None),
        ("I no longer work here.", AutomaticKind.LEFT, None),
        ("Nous avons bien reçu votre message et revenons vers vous.", AutomaticKind.ACKNOWLEDGEMENT, None),
    ],
)
def test_first_lines_mark_a_machine_and_say_when_the_person_is_back(
    text: str, kind: AutomaticKind, back: date | None
) -> None:
    assert read(a_mail(text), TODAY) == AutomaticReply(back, kind)


def test_the_return_date_may_stand_in_the_subject() -> None:
    mail = a_mail(
        "Merci de votre message.", "Absence du bureau : de retour le 4 janvier", Auto_Submitted="auto-replied"
    )
    assert read(mail, TODAY) == AutomaticReply(date(2027, 1, 4), AWAY)


def test_a_person_on_holiday_who_asks_to_be_called_is_a_person() -> None:
    text = "Je suis en congés jusqu'au 12, rappelez-moi ensuite."
    assert read(a_mail(text), TODAY) == HumanReply(Intent.INTERESTED, text)


def test_a_machine_that_offers_a_telephone_is_still_a_machine() -> None:
    text = "Je suis absent jusqu'au 4 janvier. En cas d'urgence, rappelez-moi."
    assert read(a_mail(text, Auto_Submitted="auto-replied"), TODAY) == AutomaticReply(date(2027, 1, 4), AWAY)


def test_our_own_absence_in_the_quote_makes_nobody_a_machine() -> None:
    text = "Oui, rappelez-moi.\n\n> Je suis absent jusqu'au 4 janvier, réponse automatique"
    assert read(a_mail(text), TODAY) == HumanReply(Intent.INTERESTED, "Oui, rappelez-moi.")


def test_a_read_receipt_is_a_machines() -> None:
    mail = a_mail("Lu", Content_Type="multipart/report; report-type=disposition-notification; boundary=x")
    assert read(mail, TODAY) == AutomaticReply(None, AutomaticKind.RECEIPT)


@given(st.text(), st.text(), st.text())
def test_no_mail_raises(text: str, subject: str, html: str) -> None:
    read(a_mail(text, subject, html=html), TODAY)


# --- What it answers -------------------------------------------------------------------------------


def test_the_message_answered_directly_comes_first_then_the_thread_backwards() -> None:
    mail = InboundMail(in_reply_to=("c@x",), references=("a@x", "b@x", "c@x"))
    assert references_of(mail) == ("c@x", "b@x", "a@x")
    assert references_of(InboundMail()) == ()


@pytest.mark.parametrize(
    ("recipients", "hashes", "token"),
    [
        (("chef@exemple.example", "reply+c2lnbmVk-_x@exemple.example"), (), "c2lnbmVk-_x"),
        (("Reply+c2lnbmVkLXg@exemple.example",), ("other-token",), "c2lnbmVkLXg"),
        (("451d9b@inbound.exemple.example",), ("c2lnbmVkLXg",), "c2lnbmVkLXg"),
        (("noreply+c2lnbmVkLXg@exemple.example", "reply@exemple.example"), (), None),
        (("reply+short@exemple.example",), ("sh ort token",), None),
        ((), (), None),
    ],
)
def test_a_reply_token_is_found_wherever_the_mail_came_to(
    recipients: tuple[str, ...], hashes: tuple[str, ...], token: str | None
) -> None:
    assert reply_token_of(InboundMail(recipients=recipients, mailbox_hashes=hashes)) == token


def test_a_bounce_token_is_told_from_a_reply_token() -> None:
    mail = InboundMail(recipients=(f"bounce+{TOUCH}@exemple.example", "reply+c2lnbmVkLXg@exemple.example"))
    assert bounce_token_of(mail) == TOUCH
    assert reply_token_of(mail) == "c2lnbmVkLXg"
