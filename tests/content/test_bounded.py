"""The process that compiles mails: what it knows, when it starts, and that it never outlives us."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.content.bounded import BoundedCompiler, NoCompiler
from nurture.content.child import Child, Died, Overran
from nurture.content.exchange import Request, answer_of, read_answer
from nurture.content.problems import TemplateProblem
from nurture.content.skeleton import Skeleton
from nurture.content.spec import Content, MailSpec, Sender
from tests.content.builders import BASE_URL, FIELDS, KINDS, LANGUAGES, a_spec, compiled, shipped

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def compiler() -> Iterator[BoundedCompiler]:
    compiler = BoundedCompiler()
    yield compiler
    compiler.close()


def compile_with(compiler: BoundedCompiler, spec: MailSpec | None = None) -> Skeleton:
    return compiler.compile(spec or a_spec(), shipped(), base_url=BASE_URL, contact_fields=FIELDS)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_mail_is_the_same_wherever_it_is_compiled(compiler: BoundedCompiler, kind: str, language: str) -> None:
    spec = a_spec(kind, language)
    made = compile_with(compiler, spec)
    assert made == compiled(spec)
    assert made.composition == compiled(spec).composition


def test_a_mistake_is_told_as_ever(compiler: BoundedCompiler) -> None:
    for change in ({"template": "gone"}, {"subject": "{{ contact.frist_name }}"}):
        with pytest.raises(TemplateProblem) as here:
            compiled(a_spec(**change))
        with pytest.raises(TemplateProblem) as there:
            compile_with(compiler, a_spec(**change))
        assert str(there.value) == str(here.value)


def test_nothing_is_started_before_a_mail_is_made() -> None:
    compiler = BoundedCompiler()
    assert compiler.pid is None
    compile_with(compiler)
    assert compiler.pid is not None
    compiler.close()
    assert compiler.pid is None


def test_a_process_that_was_ended_is_replaced() -> None:
    compiler = BoundedCompiler()
    compile_with(compiler)
    first = compiler.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    assert compile_with(compiler) == compiled()
    assert compiler.pid != first
    compiler.close()


def test_it_ends_when_there_is_nothing_to_do_and_comes_back() -> None:
    compiler = BoundedCompiler(module="tests.content.odd_children.impatient")
    compile_with(compiler)
    first = compiler.pid
    assert first is not None
    assert _gone(first, 10)
    assert compile_with(compiler) == compiled()
    assert compiler.pid != first
    compiler.close()


def test_many_threads_share_one_process(compiler: BoundedCompiler) -> None:
    compile_with(compiler)
    before = compiler.pid
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda kind: (kind, compile_with(compiler, a_spec(kind))), KINDS * 3))
    assert all(skeleton == compiled(a_spec(kind)) for kind, skeleton in made)
    assert compiler.pid == before


def test_it_knows_no_secret_and_holds_no_file_of_ours(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    if not Path("/proc/self/fd").exists():
        pytest.skip("only Linux tells what another process has open")
    monkeypatch.setenv("NURTURE_SECRET", "of-the-instance")
    monkeypatch.setenv("PGPASSWORD", "of-the-database")
    compiler = BoundedCompiler()
    with (tmp_path / "database").open("w"):
        compile_with(compiler)
        place = Path(f"/proc/{compiler.pid}")
        environment = (place / "environ").read_bytes()
        opened = {fd.name: os.readlink(fd) for fd in (place / "fd").iterdir()}
    compiler.close()
    assert b"of-the-" not in environment
    assert all(what == "/dev/null" or what.startswith("pipe:") for what in opened.values()), opened


def test_it_ends_with_us_even_when_we_are_killed() -> None:
    program = (
        "import time\n"
        "from nurture.content.bounded import SHARED\n"
        "from tests.content.builders import *\n"
        "SHARED.compile(a_spec(), shipped(), base_url=BASE_URL, contact_fields=FIELDS)\n"
        "print(SHARED.pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        os.kill(child, 0)
        parent.kill()
        parent.wait()
    assert _gone(child, 10)


def test_it_ends_in_time_when_we_are_killed_while_it_calculates() -> None:
    program = (
        "import threading, time\n"
        "from nurture.content.bounded import SHARED\n"
        "from tests.content.builders import *\n"
        "SHARED.compile(a_spec(), shipped(), base_url=BASE_URL, contact_fields=FIELDS)\n"
        "bomb = {'own.fr.mjml': a_template('{#' * 400_000)}\n"
        "make = lambda: SHARED.compile(a_spec(template='own'), bomb, base_url=BASE_URL, contact_fields=FIELDS)\n"
        "threading.Thread(target=make).start()\n"
        "time.sleep(0.5)\n"
        "print(SHARED.pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.kill()
        parent.wait()
    assert _gone(child, 20), "its own timer of processor time ends it"


def _gone(pid: int, seconds: float) -> bool:
    """Whether the process ends within so long; one that only waits to be buried has ended."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        state = Path(f"/proc/{pid}/stat")
        if state.exists() and state.read_text().rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.05)
    return False


def test_a_machine_that_starts_no_process_is_no_fault_of_a_template() -> None:
    compiler = BoundedCompiler(module="nurture.content.no_such_module")
    with pytest.raises(NoCompiler, match="This machine cannot start the process that makes mails"):
        compile_with(compiler)


def test_a_child_that_is_silent_or_talks_nonsense_is_ended() -> None:
    for module, problem in (("tests.content.odd_children.silent", Overran), ("tests.content.odd_children.huge", Died)):
        child = Child(module)
        with pytest.raises(problem):
            child.ask(b"x" * 1_000_000, 0.5)
        assert child.pid is None


words = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
senders = st.builds(Sender, words, words, words)
extras = st.dictionaries(words, words | st.lists(words) | st.integers() | st.none(), max_size=3)
contents = st.none() | st.builds(
    Content, words, words, words, words, st.lists(words).map(tuple), words, st.none() | words, st.none() | words, extras
)
specs = st.builds(
    MailSpec, words, words, senders, st.booleans(), contents, words, st.none() | words, st.none() | words, extras
)


@given(specs, st.dictionaries(words, words, max_size=3), words, st.frozensets(words, max_size=3))
def test_a_request_is_read_back_as_it_was(
    spec: MailSpec, templates: dict[str, str], base_url: str, fields: frozenset[str]
) -> None:
    request = Request(spec, templates, base_url, fields)
    assert Request.from_bytes(request.to_bytes()) == request


@given(words, words, words, st.none() | st.integers(1, 9), st.none() | words)
def test_an_answer_is_read_back_as_it_was(
    code: str, message: str, file: str, line: int | None, suggestion: str | None
) -> None:
    problem = TemplateProblem(code, message, file=file, line=line, suggestion=suggestion)
    read = read_answer(answer_of(problem))
    assert isinstance(read, TemplateProblem)
    assert vars(read) == vars(problem)
    assert read_answer(answer_of(compiled())) == compiled()


def test_what_is_no_answer_is_refused() -> None:
    for nonsense in (b"", b"[]", b"{}", json.dumps({"skeleton": "{}"}).encode(), b'{"problem": {}}'):
        with pytest.raises((ValueError, KeyError, TypeError)):
            read_answer(nonsense)
