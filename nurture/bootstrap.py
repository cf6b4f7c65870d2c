"""Makes `python3 -m nurture` work on a machine that has only Python and pip.

`enter(module)` returns when this very Python has everything; else it fills `.venv/` from
requirements.lock, once, and starts the same command again inside it. Standard library only, and
written so that even the old Pythons it refuses can read it.

A stamp in `.venv/` says what was installed. While a set-up is under way it says "unfinished", and
whoever finds that starts the folder afresh: an interrupted installer may leave half a package that
looks whole. A `.venv/` without a stamp belongs to uv or to a person, and is used when complete.
"""

import os
import shutil
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(VENV, "bin", "python")
STAMP = os.path.join(VENV, "nurture-stamp")
LOG = os.path.join(VENV, "nurture-setup.log")
UNFINISHED = "unfinished"
NO_NETWORK = (
    "NewConnectionError",
    "ConnectTimeout",
    "Max retries",
    "new connection",
    "name resolution",
    "from versions: none",
    "error sending request",  # uv's words
)


class SetupProblem(Exception):
    """The environment cannot be made; the message says why, and what to do."""


def enter(module: str) -> None:
    """Return in a complete environment, or replace this process by `module` run in `.venv/`."""
    try:
        _refuse_what_cannot_work()
        if _is_ready_here(module):
            return
        _set_up_once(module)
    except SetupProblem as problem:
        sys.exit(f"nurture: {problem}")
    except KeyboardInterrupt:
        _say("interrupted. Run the same command again to go on.")
        sys.exit(130)
    os.execv(PYTHON, [PYTHON, "-m", module, *sys.argv[1:]])


def missing(module: str) -> "list[str]":
    """Return the direct dependencies this Python lacks for `module`.

    Nothing when nurture was installed as a package: the installer has looked after them.
    """
    import re
    import tomllib
    from importlib import metadata

    try:
        with open(os.path.join(ROOT, "pyproject.toml"), "rb") as file:
            project = tomllib.load(file)
    except OSError:
        return []
    wanted = project["project"]["dependencies"]
    if module.split(".")[0] == "tests":
        wanted = wanted + project["dependency-groups"]["dev"]
    names = [re.split(r"[^A-Za-z0-9._-]", line, maxsplit=1)[0] for line in wanted]
    return [name for name in names if not any(metadata.distributions(name=name))]


def _refuse_what_cannot_work() -> None:
    if os.name == "nt":
        raise SetupProblem("nurture runs on Linux and macOS. On Windows, use it within WSL.")
    if sys.version_info < (3, 11):
        names = [f"python3.{minor}" for minor in range(20, 10, -1)]
        newer = [name for name in names if shutil.which(name)]
        advice = f"Run the command with {newer[0]}." if newer else "Install Python 3.11 or newer."
        is_now = ".".join(str(part) for part in sys.version_info[:2])
        raise SetupProblem(f"this is Python {is_now}; 3.11 is the oldest that will do. {advice}")


def _is_ready_here(module: str) -> bool:
    inside = os.path.realpath(sys.prefix) == os.path.realpath(VENV)
    if inside and _stamp() is not None:
        return _stamp() == _wanted_stamp()
    return not missing(module)


def _set_up_once(module: str) -> None:
    """Bring `.venv/` up to date, one process at a time; quick when it is."""
    import fcntl

    if _is_current(module):
        return
    folder = os.open(ROOT, os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            _say("another set-up is at work in this folder; waiting for it.")
            fcntl.flock(folder, fcntl.LOCK_EX)
        if not _is_current(module):
            _set_up()
    finally:
        os.close(folder)


def _is_current(module: str) -> bool:
    """Say whether `.venv/` can be used as it is."""
    if not os.path.exists(PYTHON):
        return False
    if _stamp() is not None:
        return _stamp() == _wanted_stamp()
    question = f"import sys; from nurture.bootstrap import missing; sys.exit(len(missing({module!r})))"
    command = [PYTHON, "-c", question]
    return subprocess.call(command, cwd=ROOT, stderr=subprocess.DEVNULL) == 0


def _set_up() -> None:
    started = time.monotonic()
    _say("setting up .venv/ (this once; a minute or two) …")
    try:
        _make_venv()
        lock = os.path.join(ROOT, "requirements.lock")
        install = _installer()
        _run([*install, "--require-hashes", "-r", lock])
        _run([*install, "--no-deps", "--no-build-isolation", "-e", ROOT])
        _write_stamp(_wanted_stamp())
    except OSError as error:
        raise SetupProblem(
            f"cannot write to {VENV} ({error.strerror}). Free the disk, or copy nurture "
            "to a folder of yours, and run the command again."
        ) from None
    _say(f"ready after {time.monotonic() - started:.0f} s.")


def _make_venv() -> None:
    """Make the folder, or keep it when only the lock changed; mark it unfinished."""
    stamp = _stamp()
    same_python = stamp is None or stamp.endswith(_interpreter())
    if not (os.path.exists(PYTHON) and same_python):
        shutil.rmtree(VENV, ignore_errors=True)
    os.makedirs(VENV, exist_ok=True)
    _write_stamp(UNFINISHED)
    if not os.path.exists(PYTHON):
        base = getattr(sys, "_base_executable", None) or sys.executable
        _run([base, "-m", "venv", "--without-pip", VENV])


def _installer() -> "list[str]":
    """Return the words before the packages: uv, a pip found here, or one of the environment's own."""
    uv = shutil.which("uv")
    if uv:
        return [uv, "pip", "install", "--quiet", "--python", PYTHON]
    for python in (sys.executable, getattr(sys, "_base_executable", None) or sys.executable):
        if _imports(python, "pip"):
            return [python, "-m", "pip", "--python", PYTHON, "install", "--quiet"]
    if _imports(PYTHON, "ensurepip"):
        _run([PYTHON, "-m", "ensurepip"])
        return [PYTHON, "-m", "pip", "install", "--quiet"]
    raise SetupProblem(
        f"{sys.executable} has no pip. Install it (Debian, Ubuntu: apt install python3-pip) "
        "or install uv, and run the command again."
    )


def _imports(python: str, name: str) -> bool:
    command = [python, "-c", f"import {name}"]
    return os.path.exists(python) and subprocess.call(command, stderr=subprocess.DEVNULL) == 0


def _run(command: "list[str]") -> None:
    """Run one step with its output in the log; SetupProblem when it fails."""
    settings = dict(os.environ, PIP_USER="0", PIP_NO_INPUT="1", PIP_DISABLE_PIP_VERSION_CHECK="1")
    for name in ("PYTHONHOME", "PIP_TARGET", "PIP_PREFIX", "PIP_REQUIRE_VIRTUALENV"):
        settings.pop(name, None)
    with open(LOG, "w") as output:
        code = subprocess.call(command, stdout=output, stderr=output, env=settings, cwd=ROOT)
    if code:
        raise SetupProblem(_why(command))


def _why(command: "list[str]") -> str:
    """Turn an installer's last words into a sentence and a remedy."""
    with open(LOG, errors="replace") as file:
        text = file.read()
    if any(sign in text for sign in NO_NETWORK):
        return (
            "the packages cannot be fetched: no package index answers. Check the network, the proxy "
            f"and pip's index settings, then run the command again. Details: {LOG}"
        )
    if "No space left" in text:
        return "the disk is full. Free 500 MB and run the command again."
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if line.lower().startswith("error")]
    reason = (errors or lines[-1:] or ["it gave no reason"])[0]
    return f"`{' '.join(command[:4])} …` failed: {reason}\nnurture: the whole story is in {LOG}"


def _wanted_stamp() -> str:
    """Return what the stamp says when all is installed; it ends with the interpreter's path.

    The place counts, because the environment knows the project by its path.
    """
    import hashlib

    digest = hashlib.sha256(ROOT.encode())
    for name in ("requirements.lock", "pyproject.toml"):
        with open(os.path.join(ROOT, name), "rb") as file:
            digest.update(file.read())
    return f"{digest.hexdigest()} {_interpreter()}"


def _interpreter() -> str:
    return os.path.realpath(PYTHON)


def _stamp() -> "str | None":
    try:
        with open(STAMP) as file:
            return file.read().strip()
    except OSError:
        return None


def _write_stamp(text: str) -> None:
    with open(STAMP, "w") as file:
        file.write(text + "\n")


def _say(sentence: str) -> None:
    sys.stderr.write(f"nurture: {sentence}\n")
    sys.stderr.flush()
