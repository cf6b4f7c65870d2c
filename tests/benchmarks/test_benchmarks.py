"""The benchmarks still run and still count: tiny sizes, and no word about time."""

import json
import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.benchmarks import (
    check,
    decide,
    django_drip,
    dkim,
    drip,
    due,
    http,
    intake,
    memory,
    pipelining,
    plan,
    redirect,
    select,
    send,
    source,
)
from tests.benchmarks.comparing import Line
from tests.benchmarks.dripping import LEFT_OUT
from tests.benchmarks.engine import WARM_UP
from tests.benchmarks.selecting import CONDITIONS
from tests.benchmarks.table import ENTRIES, Cells

FEW_REQUESTS = ["--requests=40", "--paced=10", "--people=20", "--connections=4", "--runs=1"]
TINY = "--contacts=12 --naive=5 --runs=1 --connections=2 --processes 2 --sink=tests.sinks"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest) -> str:
    """Each kind; the benchmarks start a server of their own, where one can be had."""
    kind: str = request.param
    if kind == "postgresql":
        request.getfixturevalue("postgres_server")
    return kind


def rows(name: str, lines: Sequence[Line]) -> list[Cells]:
    """What the README's table would say of these lines."""
    return list(next(entry for entry in ENTRIES if entry.name == name).rows(lines))


def printed(capsys: pytest.CaptureFixture[str]) -> list[Line]:
    """What was printed, a JSON object a line."""
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_all_sides_of_send_put_the_same_mails_into_the_sink(capsys: pytest.CaptureFixture[str], database: str) -> None:
    (told,) = send.main(send.read_arguments([*TINY.split(), f"--database={database}"]))

    turn, summary = printed(capsys)
    assert summary == told
    assert told["database"] == turn["database"] == database
    assert told["processes"] == turn["processes"] == 2
    assert told["sink"] == "tests.sinks"
    assert 6 <= int(told["mails"]) <= 12  # some are held out; the counts at the sink were compared already
    assert {"mails_per_s", "naive_mails_per_s", "ratio_naive", "html_bytes"} <= told.keys()
    assert int(told["mail_bytes"]) > int(told["html_bytes"])
    assert float(told["peak_mb"]) > 10
    if source.is_there():
        assert float(told["ratio_smtp_source"]) > 0
    else:
        assert (told["ratio_smtp_source"], told["why_no_smtp_source"]) == (None, source.WHY_NOT)
    assert len(rows("send", [turn, summary])) == 1


def test_a_sink_that_is_far_away_takes_no_more_than_a_mail_a_round_trip(capsys: pytest.CaptureFixture[str]) -> None:
    (told,) = send.main(send.read_arguments([*TINY.split(), "--database=sqlite", "--answer-after=20"]))

    assert printed(capsys)[-1] == told
    assert 0 < float(told["per_round_trip"]) <= 1
    assert float(told["per_round_trip_while_sending"]) >= 0
    assert len(rows("far", [told])) == 1


def test_signed_mails_are_as_many_at_the_sink(capsys: pytest.CaptureFixture[str]) -> None:
    (told,) = send.main(send.read_arguments([*TINY.split(), "--database=sqlite", "--dkim=both"]))

    assert printed(capsys)[-1] == told
    assert told["dkim"] == "both"
    assert int(told["mails"]) >= 6
    assert len(rows("signed", [told])) == 1


def test_both_sides_of_dkim_sign_so_that_the_other_believes_it(capsys: pytest.CaptureFixture[str]) -> None:
    told = dkim.main(dkim.read_arguments(["--mails=2", "--rounds=1"]))

    assert printed(capsys) == told
    assert [line["keys"] for line in told] == ["rsa", "ed25519", "both"]
    assert all({"signing_us", "dkimpy_us", "ratio_dkimpy"} <= line.keys() for line in told)
    assert len(rows("dkim", told)) == 3


def test_a_provider_takes_as_many_singly_as_in_batches(capsys: pytest.CaptureFixture[str]) -> None:
    told = http.main(http.read_arguments(["--messages=12", "--runs=1", "--connections=2", "--delay=1"]))

    assert printed(capsys) == told
    assert [(line["provider"], line["delay_ms"]) for line in told] == [
        ("postmark", 0), ("postmark", 1), ("resend", 0), ("resend", 1),
    ]  # fmt: skip
    assert all({"single_per_s", "batch_per_s", "ratio"} <= line.keys() for line in told)


def test_three_small_mails_go_to_everybody(capsys: pytest.CaptureFixture[str], database: str) -> None:
    options = [
        "--contacts=12",
        "--connections=2",
        "--processes=1",
        "--sink=tests.sinks",
        "--alone",
        f"--database={database}",
    ]
    (told,) = drip.main(drip.read_arguments(options))

    assert printed(capsys) == [told]
    assert told["mails"] == 3 * 12 + 2 * WARM_UP
    assert 1_600 < int(told["html_bytes"]) < 2_000  # as small as the opponent's own example
    assert (told["ratio"], told["why_no_opponent"]) == (None, LEFT_OUT)
    assert len(rows("drip", [told])) == 1


def test_an_opponent_that_cannot_be_had_is_told_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("PIP_NO_INDEX", "1"), ("PIP_CONFIG_FILE", os.devnull), ("UV_NO_INDEX", "1")):
        monkeypatch.setenv(name, value)

    with pytest.raises(django_drip.NotInstalled, match=r"^django-drip-campaigns cannot be installed here: .+\.$"):
        django_drip.installed(tmp_path)


def test_a_tick_is_measured_at_every_size(capsys: pytest.CaptureFixture[str], database: str) -> None:
    options = ["--enrolments", "30", "60", "--due=5", "--rounds=2", f"--database={database}"]
    told = due.main(due.read_arguments(options))

    assert printed(capsys) == told
    assert [(line["due"], line["enrolments"]) for line in told] == [(5, 30), (5, 60), (0, 30), (0, 60)]
    assert [line["ratio"] for line in told][::2] == [1, 1]
    assert all(float(line["ms"]) > 0 for line in told)
    assert len(rows("due", told)) == 1


def test_sql_and_the_core_find_the_same_contacts(capsys: pytest.CaptureFixture[str], database: str) -> None:
    told = select.main(select.read_arguments(["--contacts=200", "--rounds=1", f"--database={database}"]))

    assert printed(capsys) == told
    assert len(told) == len(CONDITIONS)
    assert all({"sql_s", "python_s", "ratio"} <= line.keys() for line in told)
    assert sum(0 < int(line["found"]) < 200 for line in told) > len(told) // 2  # else nothing was told apart


def test_one_process_with_all_parts_is_weighed_after_few_mails_and_after_more(
    capsys: pytest.CaptureFixture[str],
) -> None:
    options = ["--contacts=60", "--due", "25", "40", "--sink=tests.sinks", "--database=sqlite"]
    told = memory.main(memory.read_arguments(options))

    assert printed(capsys) == told
    few, many = told
    assert 15 <= int(few["mails"]) <= 25
    assert int(few["mails"]) < int(many["mails"]) <= 40
    assert 10 < float(few["at_start_mb"]) <= float(few["peak_mb"])
    assert few["ratio"] == 1
    assert len(rows("memory", told)) == 1


def test_a_check_of_many_campaigns_finds_nothing_wrong_with_them(capsys: pytest.CaptureFixture[str]) -> None:
    (told,) = check.main(check.read_arguments(["--campaigns=3", "--runs=1"]))

    assert printed(capsys)[-1] == told
    assert (told["campaigns"], told["mails"]) == (3, 45)
    assert {"wall_s", "cpu_s"} <= told.keys()


def test_a_plan_is_measured_for_each_edit(capsys: pytest.CaptureFixture[str], database: str) -> None:
    told = plan.main(plan.read_arguments(["--contacts=40", "--processes=1", f"--database={database}"]))

    assert printed(capsys) == told
    assert [(line["contacts"], line["repeated"]) for line in told] == [(40, 0), (40, 0)]
    assert all({"seconds", "cpu_seconds", "looked_at", "mailed"} <= line.keys() for line in told)


def test_every_decision_of_some_weeks_is_measured_by_its_event(capsys: pytest.CaptureFixture[str]) -> None:
    told = decide.main(decide.read_arguments(["--contacts=3", "--rounds=1"]))

    assert printed(capsys) == told
    assert sum(int(line["decisions"]) for line in told[:-1]) == told[-1]["decisions"]
    assert {"per_s", "us", "ratio_copy"} <= told[-1].keys()
    assert len(rows("decide", told)) == 1


def test_both_clients_hand_over_the_same_mails_and_one_takes_half_the_round_trips(
    capsys: pytest.CaptureFixture[str],
) -> None:
    told = pipelining.main(
        pipelining.read_arguments(
            ["--mails=20", "--far-mails=10", "--connections=2", "--runs=1", "--sink=tests.sinks", "--round-trip=50"]
        )
    )

    assert printed(capsys) == told
    trips = {line["client"]: float(line["mails_per_round_trip_and_connection"]) for line in told}
    assert (
        trips["plain"] <= 0.5 < trips["pipelined"] <= 1
    )  # counted, so to speak: a slow machine only takes more of them
    assert all({"mails_per_s", "cpu_us", "far_mails_per_s"} <= line.keys() for line in told)
    assert len(rows("pipelining", told)) == 1


def test_both_sides_take_in_every_event(capsys: pytest.CaptureFixture[str], database: str) -> None:
    told = intake.main(intake.read_arguments([*FEW_REQUESTS, f"--database={database}"]))

    assert printed(capsys)[-len(told) :] == told  # what was answered and what was kept were compared already
    assert [line["asked"] for line in told] == ["postmark", "resend", "event", "events x 100"]
    assert all(
        {"per_s", "floor_per_s", "floor_us", "crowd_us", "naive_per_s", "ratio_naive", "cpu_us", "p50_ms", "p99_ms"}
        <= line.keys()
        for line in told
    )
    assert len(rows("intake", told)) == 4


def test_both_sides_redirect_every_click(capsys: pytest.CaptureFixture[str]) -> None:
    told = redirect.main(redirect.read_arguments([*FEW_REQUESTS, "--database=sqlite"]))

    assert printed(capsys)[-len(told) :] == told
    assert [line["asked"] for line in told] == ["click"]
    assert len(rows("redirect", told)) == 1
