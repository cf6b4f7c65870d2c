"""What runs in the process that compiles mails: takes requests one by one, within bounds that it sets itself.

Memory is bounded by the system (RLIMIT_AS), where it has such a limit: Linux has, macOS does not heed it. Time is bounded
threefold: an alarm that interrupts Python at its line; a timer of processor time that kills also what Python cannot
interrupt, should whoever asked be gone; and whoever asked, who waits no longer than `SECONDS`.
"""

import os
import resource
import select
import signal
import sys
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from typing import IO, NoReturn, TypeVar

from nurture.content.child import LENGTH, READY
from nurture.content.compiler import Making, compile_mail
from nurture.content.decided import Deciding, Decision
from nurture.content.exchange import Request, answer_of, decision_answer, subject_answer
from nurture.content.known import Value
from nurture.content.problems import BROKE_DOWN, MEGABYTES, SECONDS, Stopped, TemplateProblem, out_of_bounds
from nurture.content.skeleton import Pieces, Skeleton
from nurture.content.spec import template_of

IDLE_SECONDS = 60.0
"""A process with nothing to do for so long ends: until there is something again, its memory is somebody else's."""

ALARM = SECONDS - 1.0
MOST_AT_WORK = 4
"""Mails that branch whose templates are kept ready."""

AGAIN = 0.25
"""The alarm goes off again: Jinja takes whatever happens while it simplifies an expression for a reason not to."""


def main(idle: float = IDLE_SECONDS) -> None:
    """Answer until there is nothing to do for `idle` seconds, or nobody to do it for."""
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), 1)  # whatever a library prints is no answer
    _bound_memory()
    signal.signal(signal.SIGALRM, _stop)
    _put(answers, READY)
    while (request := _next(sys.stdin.fileno(), idle)) is not None:
        for answer in _answers(Request.from_bytes(request)):
            _put(answers, answer)


def _bound_memory() -> None:
    octets = MEGABYTES * 1024**2
    with suppress(ValueError, OSError):  # a system without this limit bounds time only
        resource.setrlimit(resource.RLIMIT_AS, (octets, octets))
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a mail's words are not left on a disk


def _stop(*_: object) -> NoReturn:
    raise Stopped


def _next(pipe: int, idle: float) -> bytes | None:
    if not select.select([pipe], [], [], idle)[0]:
        return None
    head = _read(pipe, LENGTH.size)
    return _read(pipe, *LENGTH.unpack(head)) if len(head) == LENGTH.size else None


def _read(pipe: int, length: int) -> bytes:
    """So many octets, or fewer where nobody writes any more."""
    parts: list[bytes] = []
    while length and (part := os.read(pipe, min(length, 1 << 20))):
        parts.append(part)
        length -= len(part)
    return b"".join(parts)


def _put(answers: IO[bytes], answer: bytes) -> None:
    with suppress(BrokenPipeError):
        left = memoryview(LENGTH.pack(len(answer)) + answer)
        while left:
            left = left[answers.write(left) :]


def _answers(request: Request) -> Iterator[bytes]:
    """One, or one for each subject it is to be given, or each contact it is to be decided for."""
    if request.subjects is not None:
        making = _bounded(partial(_making, request), request)
        yield from (subject_answer(_bounded(partial(_subject, making, each), request)) for each in request.subjects)
        return
    if request.people is None:
        yield answer_of(_bounded(partial(_made, request), request))
        return
    told: dict[str, int] = {}
    for values in request.people:
        made = _bounded(partial(_decided, request, values), request)
        yield decision_answer(Decision(None, made) if isinstance(made, TemplateProblem) else made, told)


T = TypeVar("T")


def _bounded(make: Callable[[], T], request: Request) -> T | TemplateProblem:
    """What is made within the time there is, else what was wrong."""
    signal.setitimer(signal.ITIMER_PROF, SECONDS + 1)
    signal.setitimer(signal.ITIMER_REAL, ALARM, AGAIN)
    try:
        made: T | TemplateProblem = make()
        signal.setitimer(signal.ITIMER_REAL, 0)
    except Exception as error:
        signal.setitimer(signal.ITIMER_REAL, 0)
        made = (out_of_bounds(error) or _unforeseen(error)).at(template_of(request.spec, request.templates))
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return made


def _made(request: Request) -> Skeleton | TemplateProblem:
    try:
        return compile_mail(
            request.spec, request.templates, base_url=request.base_url, contact_fields=request.contact_fields
        )
    except TemplateProblem as problem:
        return problem


def _making(request: Request) -> Making | TemplateProblem:
    try:
        return Making(request.spec, request.templates, request.base_url, request.contact_fields)
    except TemplateProblem as problem:
        return problem


def _subject(making: Making | TemplateProblem, source: str) -> Pieces | TemplateProblem:
    if isinstance(making, TemplateProblem):
        return making
    try:
        return making.subject(source)
    except TemplateProblem as problem:
        return problem


def _decided(request: Request, values: Mapping[str, Value]) -> Decision | TemplateProblem:
    try:
        return _deciding(request).decide(values)
    except TemplateProblem as problem:
        return problem


def _deciding(request: Request) -> Deciding:
    """The mail at work. The next batch of it comes soon, or batches of a few mails by turns."""
    name = request.mail
    found = _AT_WORK.pop(name, None)
    if found is None:
        found = Deciding(request.spec, request.templates, request.base_url, request.contact_fields)
    _AT_WORK[name] = found
    if len(_AT_WORK) > MOST_AT_WORK:
        _AT_WORK.popitem(last=False)
    return found


_AT_WORK: OrderedDict[bytes, Deciding] = OrderedDict()


def _unforeseen(error: Exception) -> TemplateProblem:
    return TemplateProblem(BROKE_DOWN, f"No mail can be made of this ({type(error).__name__}: {str(error)[:200]}).")
