"""Rates: assumed, moved by a history, or written in a file whose mistakes have places."""

from datetime import timedelta

import pytest

from nurture.authoring.problems import Log
from nurture.core.events import Replied, Sent, Signalled
from nurture.core.words import Intent, SignalKind
from nurture.simulate.history import count_history
from nurture.simulate.rates import COUNTED, GIVEN, WEIGHT, Count, Rates, posterior, spread, with_history
from nurture.simulate.rates_file import read_rates
from tests.delivery.harness import House, addresses

PERSONAS = ("it",)


def read(text: str) -> tuple[Rates, list[str]]:
    log = Log()
    rates = read_rates("rates.yaml", text, Rates(), PERSONAS, log)
    return rates, [f"{p.line}:{p.column} {p.message}" for p in log.problems]


def test_people_differ_and_their_mean_is_the_rate() -> None:
    for rate in (0.02, 0.3, 0.8):
        chances = [spread(rate, (n + 0.5) / 20_000) for n in range(20_000)]
        assert sum(chances) / len(chances) == pytest.approx(rate, rel=0.02)
        assert chances == sorted(chances)
    assert spread(0.3, 0.5) < 0.3, "most people do less than the average"
    assert spread(0.0, 0.9) == 0
    assert spread(1.0, 0.1) == 1


def test_whoever_would_click_would_open() -> None:
    assert all(spread(0.05, n / 100) <= spread(0.3, n / 100) for n in range(100))


def test_a_history_outweighs_an_assumption_as_it_grows() -> None:
    assert posterior(0.1, Count(0, 0)) == 0.1
    assert posterior(0.1, Count(WEIGHT, WEIGHT)) == pytest.approx(0.55)
    assert posterior(0.1, Count(30_000, 100_000)) == pytest.approx(0.3, abs=0.001)


def test_what_was_counted_says_so() -> None:
    rates = with_history(Rates(), {"article.clicked": Count(90, 300), "replied": Count(0, 0)})
    sources = {name: source for name, _, source in rates.told()}
    assert sources["article.clicked"] == f"{COUNTED}: 90 of 300"
    assert sources["replied"] == "assumed"
    assert rates.kinds["article"].clicked > Rates().kinds["article"].clicked


def test_people_are_counted_once_for_each_content(house: House) -> None:
    ana, bob, eve = addresses(["ana", "bob", "eve"])
    house.enter(ana, bob, eve)
    for row in house.outbox().values():
        house.post((row.address, Sent(f"sent:{row.key}", house.now, row.key)))
    house.now += timedelta(hours=1)
    for n in (1, 2):
        house.post((ana, Signalled(f"d{n}", house.now, SignalKind.DOWNLOADED, "guide")))
    house.post((bob, Signalled("o", house.now, SignalKind.OPENED, "guide")))
    house.post((eve, Replied("r", house.now, Intent.INTERESTED)))
    house.decide()
    with house.db.read() as c:
        counts = count_history(c, house.world.catalogue)
    assert counts["white_paper.opened"] == Count(1, 3)
    assert counts["white_paper.clicked"] == Count(1, 3)
    assert counts["replied"] == Count(1, 3)
    assert counts["interested"] == Count(1, 1)
    assert counts["bounced"] == Count(0, 3)


def test_a_file_says_what_it_knows_and_the_rest_stays() -> None:
    rates, problems = read(
        "kinds:\n  article: {opened: 40%, clicked: 8.5%}\npeople: {replied: 1%}\nstages: {bofu: 1.5}\n"
        "personas: {it: 1.2, none: 0.5}\nrelance: 0.4\nsales: {accept: 70%, not_ready: 30%}\n"
    )
    assert problems == []
    assert rates.kinds["article"].clicked == 0.085
    assert rates.kinds["webinar"] == Rates().kinds["webinar"]
    assert rates.people.replied == 0.01
    assert (rates.stages["bofu"], rates.personas["none"], rates.relance) == (1.5, 0.5, 0.4)
    assert rates.sales == ((7000, "accept"), (3000, "not_ready"))
    sources = {name: source for name, _, source in rates.told()}
    assert sources["article.clicked"] == sources["sales.accept"] == GIVEN
    assert sources["article.registered"] == "assumed"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("kinds:\n  artcle: {opened: 40%}\n", '2:3 kinds has no "artcle"'),
        ("people: {replied: lots}\n", "1:19 a share is written like 50%"),
        ("people: {replied: 140%}\n", "1:19 a share is written like 50%"),
        ("kinds:\n  article: {opened: 4%, clicked: 8%}\n", "2:12 more people click than open a article"),
        ("personas: {boss: 2}\n", '1:12 personas has no "boss"'),
        ("relance: plenty\n", "1:10 a factor from 0 to 10 is expected here"),
        ("sales: {accept: 70%}\n", "1:8 the answers of sales make 70%, not 100%"),
        ("- 1\n", '1:1 a file of rates is written as lines of "key: value"'),
        ("a: [\n", "1:4 "),
    ],
)
def test_a_mistake_is_told_with_its_place(text: str, problem: str) -> None:
    _, problems = read(text)
    assert any(each.startswith(problem) for each in problems), problems
