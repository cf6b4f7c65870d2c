"""Forms: what is asked, what is kept, and what nobody can smuggle through them."""

import pytest
from sqlalchemy import select

from nurture.core.events import Submitted
from nurture.core.state import Blocked, Ended
from nurture.core.words import Basis, SignalKind
from nurture.delivery.notices import confirm_token
from nurture.storage.tables import consents, contacts, outbox
from tests.builders import a_program, a_world
from tests.storage.scenes import DAY
from tests.web.house import ENGLISH, NOW, TEXT, House

pytestmark = pytest.mark.anyio

ANSWERS = {
    "language": "fr", "email": "Camille@Exemple.example", "first_name": "Camille", "company": "Exemple SA",
    "employees": "1 200", "country": "FR", "budget": "> 10 k€", "consent": "yes", "unasked": "x",
}  # fmt: skip


async def test_a_form_keeps_the_answers_and_the_words_agreed_to(house: House) -> None:
    answer = await house.post("/f/audit", data=ANSWERS)
    assert (answer.status_code, "À très vite." in answer.text) == (200, True)
    (event,) = house.events()
    assert isinstance(event, Submitted)
    assert (event.form, event.confirm, event.basis, event.language, event.at) == (
        "audit",
        True,
        Basis.OPT_IN,
        "fr",
        NOW,
    )
    assert event.fields == {
        "first_name": "Camille", "company": "Exemple SA", "employees": 1200, "country": "FR", "budget": "> 10 k€",
    }  # fmt: skip
    (person,) = house.rows(select(contacts))
    assert (person["address"], person["basis"], person["language"]) == ("Camille@exemple.example", "none", "fr")
    (evidence,) = house.rows(select(consents))
    assert (evidence["basis"], evidence["source"], evidence["at"]) == ("pending", "form:audit", NOW)
    assert (evidence["text"], evidence["text_version"]) == (TEXT.consent, TEXT.version)


async def test_a_date_is_asked_for_as_one_and_kept_as_it_is_compared(house: House) -> None:
    assert 'type="date" id="renewal_on"' in (await house.get("/f/renewal?language=fr")).text
    wrong = await house.post("/f/renewal", data={**ANSWERS, "renewal_on": "31/01/2027"})
    assert (wrong.status_code, "Écrivez une date" in wrong.text) == (422, True)
    await house.post("/f/renewal", data={**ANSWERS, "renewal_on": "2027-01-31"})
    (event,) = house.events()
    assert isinstance(event, Submitted)
    assert event.fields["renewal_on"] == "2027-01-31"


async def test_double_opt_in_counts_once_the_button_of_the_mail_is_pressed(house: House) -> None:
    world = a_world(a_program())
    await house.post("/f/audit", data=ANSWERS)
    house.decide(world)
    (notice,) = house.rows(select(outbox))
    assert (notice["purpose"], notice["subject"]) == ("confirmation", "audit")
    assert (house.state().basis, house.state().signals) == (Basis.PENDING, {})
    path = f"/confirm/{confirm_token(house.tokens, house.state().key, 'audit')}"
    house.clock.advance(DAY)
    async with house.client() as client:
        for method in ("GET", "HEAD", "OPTIONS"):
            await client.request(method, path)
    assert house.events() == []
    pages = [await house.post(path), await house.post(path)]
    assert [(page.status_code, "c’est confirmé" in page.text) for page in pages] == [(200, True)] * 2
    house.decide(world)
    state = house.state()
    assert (state.basis, set(state.signals)) == (Basis.OPT_IN, {(SignalKind.SUBMITTED, "audit")})
    assert set(state.enrolments) == {"cloud"}
    assert not isinstance(state.enrolments["cloud"].position, Blocked | Ended)
    pending, given = house.rows(select(consents).order_by(consents.c.id))
    assert (given["basis"], given["source"], given["at"]) == ("opt_in", "confirmation:audit", NOW + DAY)
    assert (given["text"], pending["text"]) == (TEXT.consent, TEXT.consent)


async def test_known_or_not_an_address_gets_the_same_answer(sqlite_house: House) -> None:
    house = sqlite_house
    house.contact("camille@exemple.example")
    known = await house.post("/f/audit", data=ANSWERS)
    unknown = await house.post("/f/audit", data={**ANSWERS, "email": "somebody.else@exemple.example"})
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content)


async def test_the_same_answers_sent_twice_are_one_submission(house: House) -> None:
    for _ in range(2):
        await house.post("/f/audit", data=ANSWERS)
    assert len(house.events()) == 1
    assert len(house.rows(select(consents))) == 1


async def test_wrong_answers_come_back_with_a_sentence_each(sqlite_house: House) -> None:
    said = {"language": "fr", "email": "camille@", "employees": "beaucoup", "country": "XX", "budget": "tout"}
    answer = await sqlite_house.post("/f/audit", data=said)
    assert answer.status_code == 422
    for words in ("ressemble pas à une adresse", "nécessaire", "nombre entier", "réponses proposées", "votre accord"):
        assert words in answer.text
    assert 'value="camille@"' in answer.text
    assert 'value="beaucoup"' in answer.text
    assert answer.text.count('aria-invalid="true"') == 6
    assert sqlite_house.rows(select(contacts)) == []


async def test_what_was_typed_comes_back_escaped(sqlite_house: House) -> None:
    attack = '"><script>alert(1)</script>'
    answer = await sqlite_house.post("/f/audit", data={**ANSWERS, "email": attack, "first_name": attack})
    assert answer.status_code == 422
    assert "<script" not in answer.text
    assert answer.text.count("&#34;&gt;&lt;script&gt;") == 2
    prefilled = await sqlite_house.get("/f/audit", params={"first_name": attack, "language": attack})
    assert "<script" not in prefilled.text


async def test_a_program_that_fills_everything_is_thanked_and_not_kept(sqlite_house: House) -> None:
    house = sqlite_house
    honest = await house.post("/f/audit", data=ANSWERS)
    robot = await house.post("/f/audit", data={**ANSWERS, "email": "robot@exemple.example", "fax_number": "123"})
    assert robot.content == honest.content
    assert len(house.rows(select(contacts))) == 1


async def test_a_form_speaks_the_language_asked_for(sqlite_house: House) -> None:
    house = sqlite_house
    assert ENGLISH.title in (await house.get("/f/audit", headers={"Accept-Language": "en-GB,en;q=0.9,fr;q=0.3"})).text
    assert TEXT.title in (await house.get("/f/audit", headers={"Accept-Language": "de"})).text
    assert ENGLISH.title in (await house.get("/f/audit?language=en", headers={"Accept-Language": "fr"})).text
    english = await house.post("/f/audit", data={**ANSWERS, "language": "en"})
    assert ENGLISH.thanks in english.text
    assert house.rows(select(consents))[0]["text"] == ENGLISH.consent


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"email=" + b"a" * 70_000, "application/x-www-form-urlencoded", 413),
        (b"&".join(b"f%d=1" % n for n in range(200)), "application/x-www-form-urlencoded", 400),
        (b"--x\r\n", "multipart/form-data; boundary=x", 400),
        (b"email=\xff\xfe%00%zz&first_name=%ED%A0%80", "application/x-www-form-urlencoded", 422),
    ],
)
async def test_hostile_bodies_are_refused_without_a_fault(
    sqlite_house: House, content: bytes, kind: str, status: int
) -> None:
    answer = await sqlite_house.post("/f/audit", content=content, headers={"Content-Type": kind})
    assert answer.status_code == status
    assert sqlite_house.rows(select(contacts)) == []
