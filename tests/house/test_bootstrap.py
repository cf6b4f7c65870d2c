"""Setting up: with Python and pip alone, once, resumable, and clear about what it lacks.

A tiny project with a build backend of its own stands in for nurture, so that nothing is fetched.
"""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from nurture.bootstrap import ROOT, UNFINISHED, missing
from tests.__main__ import arguments

PLAIN_PYTHON = getattr(sys, "_base_executable", sys.executable)
PROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "sample"
version = "1.0"
dependencies = ["sample"]
[dependency-groups]
dev = []
"""
BACKEND = """
import pathlib, zipfile
def build_editable(folder, config_settings=None, metadata_directory=None):
    name = "sample-1.0-py3-none-any.whl"
    with zipfile.ZipFile(pathlib.Path(folder, name), "w") as wheel:
        info = "sample-1.0.dist-info/"
        wheel.writestr("sample.pth", str(pathlib.Path.cwd()))
        wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\\nName: sample\\nVersion: 1.0\\n")
        wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nGenerator: us\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(info + "RECORD", "sample.pth,,\\n" + "".join(f"{info}{n},,\\n" for n in ("METADATA", "WHEEL", "RECORD")))
    return name
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder as a fresh clone leaves it."""
    folder = tmp_path / "clone"
    (folder / "nurture").mkdir(parents=True)
    for name in ("__init__.py", "__main__.py", "bootstrap.py"):
        shutil.copy(Path(ROOT) / "nurture" / name, folder / "nurture")
    (folder / "nurture" / "cli.py").write_text("import sys\ndef main(): print(*sys.argv[1:], sys.prefix)\n")
    (folder / "pyproject.toml").write_text(PROJECT)
    (folder / "backend.py").write_text(BACKEND)
    (folder / "requirements.lock").write_text("# nothing to fetch\n")
    return folder


def run(project: Path, *words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    settings = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
    return subprocess.run(
        [PLAIN_PYTHON, "-m", "nurture", *words],
        cwd=project,
        env=settings | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def start(project: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen([PLAIN_PYTHON, "-m", "nurture"], cwd=project, stderr=subprocess.PIPE, text=True)


def test_the_first_run_sets_up_and_the_second_only_runs(project: Path) -> None:
    first, second = run(project, "demo"), run(project, "demo", "--seed", "7")
    assert first.stdout.split() == ["demo", str(project / ".venv")], first.stderr
    assert [line.split(" ")[1] for line in first.stderr.splitlines()] == ["setting", "ready"]
    assert second.stdout.startswith("demo --seed 7 ")
    assert second.stderr == ""


def test_an_interrupted_set_up_starts_afresh_even_when_two_come_at_once(project: Path) -> None:
    assert run(project).returncode == 0
    half_a_package = project / ".venv" / "half"
    half_a_package.touch()
    (project / ".venv" / "nurture-stamp").write_text(UNFINISHED)
    told = [process.communicate()[1] for process in [start(project), start(project)]]
    assert not half_a_package.exists()
    assert sorted("setting up" in text for text in told) == [False, True]


def test_a_folder_that_cannot_be_written_is_told(project: Path) -> None:
    (project / ".venv").write_text("in the way")
    done = run(project)
    assert done.returncode == 1
    assert "cannot write to" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_missing_network_is_told(project: Path) -> None:
    (project / "requirements.lock").write_text(f"sample-not-here==1.0 --hash=sha256:{'0' * 64}\n")
    nowhere = "http://127.0.0.1:9/simple"
    index = {"PIP_INDEX_URL": nowhere, "PIP_RETRIES": "1", "PIP_FIND_LINKS": "", "PIP_CONFIG_FILE": os.devnull}
    done = run(project, **index, UV_INDEX_URL=nowhere, UV_HTTP_RETRIES="0")
    assert done.returncode == 1
    assert "no package index answers. Check the network" in done.stderr
    assert (project / ".venv" / "nurture-stamp").read_text().strip() == UNFINISHED


def test_a_missing_pip_is_told(project: Path, tmp_path: Path) -> None:
    for name in ("pip", "ensurepip"):
        (tmp_path / f"{name}.py").write_text("raise ImportError\n")
    done = run(project, PYTHONPATH=str(tmp_path), PATH="")
    assert done.returncode == 1
    assert "has no pip. Install it" in done.stderr


def test_this_environment_lacks_nothing() -> None:
    assert missing("tests") == []


@pytest.mark.parametrize("name", ["nurture/__init__.py", "nurture/__main__.py", "nurture/bootstrap.py"])
def test_nothing_foreign_is_imported_before_the_environment_is_ready(name: str) -> None:
    tree = ast.parse((Path(ROOT) / name).read_text())
    modules = [a.name for node in tree.body if isinstance(node, ast.Import) for a in node.names]
    modules += [str(node.module) for node in tree.body if isinstance(node, ast.ImportFrom)]
    assert set(modules) <= sys.stdlib_module_names | {"nurture.bootstrap"}


def test_the_test_command_leaves_the_last_word_to_its_caller() -> None:
    assert arguments(["-n", "1"])[-2:] == ["-n", "1"]
    assert arguments(["--pdb"])[1:3] == ["-n", "0"]
