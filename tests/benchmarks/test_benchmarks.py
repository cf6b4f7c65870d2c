"""The benchmarks still run and still count: tiny sizes, and no word about time."""

import json

import pytest

from tests.benchmarks import check, decide, intake, memory, plan, redirect, select, send, tick
from tests.benchmarks.comparing import Line
from tests.benchmarks.selecting import CONDITIONS

FEW_REQUESTS = ["--requests=40", "--paced=10", "--people=20", "--connections=4", "--runs=1"]
TINY = "--contacts=12 --runs=1 --connections=2 --processes 2 --sink=tests.sinks"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest) -> str:
    """Each kind; the benchmarks start a server of their own, where one can be had."""
    kind: str = request.param
    if kind == "postgresql":
        request.getfixturevalue("postgres_server")
    return kind


def printed(capsys: pytest.CaptureFixture[str]) -> list[Line]:
    """What was printed, a JSON object a line."""
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_both_sides_of_send_put_the_same_mails_into_the_sink(capsys: pytest.CaptureFixture[str], database: str) -> None:
    (told,) = send.main(send.read_arguments([*TINY.split(), f"--database={database}"]))

    turn, summary = printed(capsys)
    assert summary == told
    assert told["database"] == turn["database"] == database
    assert told["processes"] == turn["processes"] == 2
    assert told["sink"] == "tests.sinks"
    assert 6 <= int(told["mails"]) <= 12  # some are held out; the counts at the sink were compared already
    assert {"mails_per_s", "naive_mails_per_s", "ratio_naive", "html_bytes"} <= told.keys()


def test_a_tick_is_measured_on_both_sizes(capsys: pytest.CaptureFixture[str], database: str) -> None:
    told = tick.main(
        tick.read_arguments([*["--few=5", "--many=50", "--due=3", "--rounds=2"], f"--database={database}"])
    )

    assert printed(capsys) == told
    assert [line["tick"] for line in told] == ["nothing due", "3 claimed and loaded"]
    assert all({"few_us", "many_us", "ratio"} <= line.keys() for line in told)


def test_sql_and_the_core_find_the_same_contacts(capsys: pytest.CaptureFixture[str], database: str) -> None:
    told = select.main(select.read_arguments(["--contacts=200", "--rounds=1", f"--database={database}"]))

    assert printed(capsys) == told
    assert len(told) == len(CONDITIONS)
    assert all({"sql_s", "python_s", "ratio"} <= line.keys() for line in told)
    assert sum(0 < int(line["found"]) < 200 for line in told) > len(told) // 2  # else nothing was told apart


def test_one_process_with_all_parts_is_weighed_once_its_mails_are_out(capsys: pytest.CaptureFixture[str]) -> None:
    (told,) = memory.main(
        memory.read_arguments(["--contacts=30", "--due=8", "--database=sqlite", "--sink=tests.sinks"])
    )

    assert printed(capsys) == [told]
    assert 4 <= int(told["mails"]) <= 8
    assert 10 < float(told["at_start_mb"]) <= float(told["peak_mb"])


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


def test_both_sides_take_in_every_event(capsys: pytest.CaptureFixture[str], database: str) -> None:
    told = intake.main(intake.read_arguments([*FEW_REQUESTS, f"--database={database}"]))

    assert printed(capsys)[-len(told) :] == told  # what was answered and what was kept were compared already
    assert [line["asked"] for line in told] == ["postmark", "resend", "event", "events x 100"]
    assert all({"per_s", "naive_per_s", "ratio_naive", "cpu_us", "p50_ms", "p99_ms"} <= line.keys() for line in told)


def test_both_sides_redirect_every_click(capsys: pytest.CaptureFixture[str]) -> None:
    told = redirect.main(redirect.read_arguments([*FEW_REQUESTS, "--database=sqlite"]))

    assert printed(capsys)[-len(told) :] == told
    assert [line["asked"] for line in told] == ["click"]
