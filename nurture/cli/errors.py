"""The one place where problems become sentences: what, where, what to do, and an exit code.

A command raises `CommandProblem` for what it finds itself. Problems of the rooms below are told by their names, so that
reading this file costs no import; their texts are sentences already.
"""

import errno
from collections.abc import Callable, Mapping

FAILED = 1
INTERRUPTED = 130

SENTENCES = frozenset(
    {
        "nurture.cli.errors.CommandProblem",
        "nurture.storage.database.DatabaseProblem",
        "nurture.authoring.asking.CannotBeAsked",
        "nurture.inbound.contact_file.ContactFileProblem",
        "nurture.engine.worlds.NothingApplied",
        "nurture.engine.worlds.CannotCompile",
        "nurture.planning.plan.Refused",
        "nurture.planning.choices.ChoiceProblem",
        "nurture.planning.rollback.CannotGoBack",
        "nurture.planning.saved.CannotUsePlan",
        "nurture.storage.applications.AppliedMeanwhile",
        "nurture.simulate.people.NoDoor",
        "nurture.simulate.running.CannotSimulate",
        "nurture.preview.chromium.NoChromium",
        "nurture.web.serving.PortTaken",
        "nurture.content.bounded.NoCompiler",
        "nurture.content.dkim_keys.DkimProblem",
        "nurture.content.problems.TemplateProblem",
        "nurture.content.problems.MissingVariable",
        "nurture.content.problems.HeaderRefused",
        "nurture.delivery.specs.CannotCompose",
        "nurture.providers.transport.TransportProblem",
    }
)
"""Exceptions whose text is a sentence for the person at the terminal."""


class CommandProblem(Exception):
    """A command cannot do what it was asked; the text says why and what to do."""

    def __init__(self, sentence: str, code: int = FAILED) -> None:
        super().__init__(sentence)
        self.code = code


class Quiet(Exception):
    """Everything was said already; only the exit code is left."""

    def __init__(self, code: int = FAILED) -> None:
        super().__init__(code)
        self.code = code


def exit_code(error: BaseException) -> int:
    """What the shell is told."""
    if isinstance(error, (CommandProblem, Quiet)):
        return error.code
    return INTERRUPTED if isinstance(error, KeyboardInterrupt) else FAILED


def sentence(error: BaseException) -> str:
    """The problem for a person; empty when there is nothing left to say."""
    if isinstance(error, Quiet):
        return ""
    if isinstance(error, KeyboardInterrupt):
        return "Interrupted."
    name = f"{type(error).__module__}.{type(error).__qualname__}"
    if name == "nurture.config.SettingsProblem":
        return f"The settings cannot be used:\n{indented(str(error))}"
    names = {f"{cls.__module__}.{cls.__qualname__}" for cls in type(error).__mro__}
    if names & SENTENCES:
        return str(error)
    if "sqlalchemy.exc.DBAPIError" in names:
        return f"The database refused this ({_first_line(getattr(error, 'orig', error))}): run `nurture doctor`."
    if isinstance(error, OSError):
        return _system(error)
    if isinstance(error, ExceptionGroup) and len(error.exceptions) == 1:
        return sentence(error.exceptions[0])
    return (
        f"nurture did not expect this: {type(error).__name__}: {_first_line(error)}. "
        "Run the command again with --debug in front (nurture --debug …) and report what it shows."
    )


def indented(text: str) -> str:
    """Every line a little to the right."""
    return "\n".join(f"  {line}" for line in text.splitlines())


def _system(error: OSError) -> str:
    tell = _SYSTEM.get(error.errno or 0)
    if tell is not None:
        return tell(error)
    place = f"{error.filename}: " if error.filename else ""
    return f"{place}{error.strerror or error}."


def _file(error: OSError) -> str:
    return str(error.filename or "a file")


_SYSTEM: Mapping[int, Callable[[OSError], str]] = {
    errno.ENOENT: lambda error: f"{_file(error)} does not exist: check the path.",
    errno.EISDIR: lambda error: f"{_file(error)} is a folder: name a file in it.",
    errno.EACCES: lambda error: f"{_file(error)} may not be opened by you: change its permissions, or name another.",
    errno.ENOSPC: lambda error: "The disk is full: free some space, and run the command again. Nothing is half-done.",
    errno.EADDRINUSE: lambda error: "The port is taken: stop what listens there, or choose another with --port.",
    errno.EADDRNOTAVAIL: lambda error: "This machine has no such address to listen on: correct NURTURE_HOST.",
}


def _first_line(error: object) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
