"""`nurture preview` as a person types it: what keeps it from starting is a sentence, and Ctrl-C ends it."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request

import pytest

from nurture.cli.preview import PORT
from tests.cli.shell import ROOT, Shell, told_well


@pytest.fixture
def project(empty: Shell) -> Shell:
    """A small campaign, and no database."""
    empty.add_files()
    return empty


def test_a_port_that_is_taken_is_told(project: Shell) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert told_well(project("preview", "--no-open", "--port", port), f"Port {port}", "--port")


def test_a_contact_needs_a_database(project: Shell) -> None:
    assert told_well(
        project("preview", "--port", "0", "--contact", "anne@a.example"), "There is no database", "--contact"
    )


def test_a_contact_that_is_not_there_is_told(on_both: Shell) -> None:
    on_both.add_files()
    answer = on_both("preview", "--port", "0", "--contact", "anne@a.example")
    assert told_well(answer, "There is no contact 'anne@a.example'")


def test_a_sample_that_is_not_there_is_told_with_those_that_are(project: Shell) -> None:
    assert told_well(project("preview", "--port", "0", "--sample", "nobody"), "typical, it, empty, long")


def test_two_readers_are_one_too_many(project: Shell) -> None:
    answer = project("preview", "--sample", "long", "--contact", "anne@a.example")
    assert told_well(answer, "Choose one reader")
    assert answer.code == 2


def test_a_missing_folder_is_told(empty: Shell) -> None:
    assert told_well(empty("preview", "--port", "0"), "There is no folder campaigns")


def test_pictures_need_a_chromium(project: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(project.folder))
    assert told_well(project("preview", "--png", "out"), "Chromium", "NURTURE_CHROMIUM")
    monkeypatch.setenv("NURTURE_CHROMIUM", "/nowhere/chromium")
    assert told_well(project("preview", "--png", "out"), "/nowhere/chromium", "correct it")
    assert not (project.folder / "out").exists()


def test_pictures_of_nothing_are_refused(project: Shell) -> None:
    project.edit("campaigns/welcome.yaml", "- send: guide", "- send: guidde")
    assert told_well(project("preview", "--png", "out"), "nurture check")


def test_it_serves_until_it_is_ended(project: Shell) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-c",
        "from nurture.cli import main; main()",
        "preview",
        "--no-open",
        "--port",
        str(port),
        "--language",
        "fr",
    ]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, cwd=project.folder, env=environment, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            assert f"http://127.0.0.1:{port}/" in process.stderr.readline()
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=20) as answer:
                assert "Bienvenue" in answer.read().decode()
            process.send_signal(signal.SIGINT)
            assert process.wait(20) == 0
        finally:
            process.kill()


def test_its_port_is_not_that_of_the_web(project: Shell) -> None:
    assert PORT not in (8000, 1025)
