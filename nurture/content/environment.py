"""Jinja, fenced in: templates see what they are given, and contact data only as slots."""

import functools
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from jinja2 import (
    FunctionLoader,
    StrictUndefined,
    Template,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
    Undefined,
    nodes,
)
from jinja2.compiler import CodeGenerator, Frame, operators
from jinja2.runtime import Context, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Cycler, Joiner, Namespace, concat, missing
from markupsafe import Markup

from nurture.content.code_cache import CodeCache
from nurture.content.fills import FILTERS
from nurture.content.known import Known, any_known, raw
from nurture.content.problems import TemplateProblem, nearest, out_of_bounds
from nurture.content.slots import Late, Ledger, Slot, refuse_filter
from nurture.content.spec import SUBJECT_OF_STEP

Templates = Mapping[str, str]
_CODES = CodeCache()


@dataclass(frozen=True, slots=True)
class Draft:
    """A template after Jinja: MJML and subject, with placeholder words where contact data goes."""

    mjml: str
    subject: str


class _Unknown(StrictUndefined):
    """An undefined name that answers with a sentence and the nearest known name."""

    @property
    def _undefined_message(self) -> str:
        name, owner = str(self._undefined_name), self._undefined_obj
        if owner is missing:
            return f'"{name}" is not known here.'
        near = nearest(name, _names_of(owner))
        return f'There is no "{name}" here.' + (f' Did you mean "{near}"?' if near else "")


def _names_of(owner: object) -> list[str]:
    if isinstance(owner, Mapping):
        return [str(key) for key in owner]
    return [name for name in getattr(owner, "__slots__", ()) if not name.startswith("_")]


class _Comparing(CodeGenerator):
    """Has what is compared looked at first: a placeholder in a text would make every comparison come out the same."""

    def visit_Compare(self, node: nodes.Compare, frame: Frame) -> None:  # noqa: N802 - Jinja's
        self.write("(")
        self._comparable(node.expr, frame)
        for operand in node.ops:
            self.visit(operand, frame)
        self.write(")")

    def visit_Operand(self, node: nodes.Operand, frame: Frame) -> None:  # noqa: N802 - Jinja's
        self.write(f" {operators[node.op]} ")
        self._comparable(node.expr, frame)

    def _comparable(self, node: nodes.Expr, frame: Frame) -> None:
        self.write("environment.comparable(")
        self.visit(node, frame)
        self.write(")")


class _Environment(ImmutableSandboxedEnvironment):
    """The sandbox, which looks at what a known value is and not at what holds it: the same is forbidden there."""

    code_generator_class = _Comparing
    ledger: Ledger

    def comparable(self, value: Any) -> Any:
        """The value as it is. Raises TemplateProblem for a text with a placeholder in it."""
        if isinstance(value, str) and self.ledger.holds(value):
            raise TemplateProblem("M104", _COMPARED)
        return value

    def getattr(self, obj: Any, attribute: str) -> Any:
        if not isinstance(obj, Known):
            return super().getattr(obj, attribute)
        found = super().getattr(obj.present("taken apart"), attribute)
        return found if isinstance(found, Undefined) else obj.like(found)

    def getitem(self, obj: Any, argument: Any) -> Any:
        if not isinstance(obj, Known):
            return super().getitem(obj, argument)
        found = super().getitem(obj.present("taken apart"), raw(argument))
        return found if isinstance(found, Undefined) else obj.like(found)

    def call(__self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N805 - as Jinja's
        late = __obj if isinstance(__obj, Known) else any_known([args, kwargs])
        if late is None or _takes_values(__obj):
            return super().call(__context, __obj, *args, **kwargs)
        named = {name: raw(value) for name, value in kwargs.items()}
        made = super().call(__context, raw(__obj), *map(raw, args), **named)
        return made if isinstance(made, bool | Undefined) else late.like(made)


def _takes_values(function: object) -> bool:
    """What is a template's own, and hands on what it is given as it is."""
    return isinstance(function, Macro) or function in (Namespace, Cycler, Joiner, dict)


def _printable(value: Any) -> Any:
    """What `{{ … }}` may print. An object would print where in memory it stands, and no mail twice the same."""
    if value is None or isinstance(value, str | int | float | Late | Undefined | list | tuple | dict):
        return value
    if hasattr(value, "__html__"):
        return value
    raise TemplateProblem("M121", f"A {type(value).__name__} cannot be printed; only texts and numbers can.")


def environment(templates: Templates, ledger: Ledger) -> ImmutableSandboxedEnvironment:
    """An environment for one mail: its filters know which values are still to come. Of `ledger`, the prefix matters."""
    env = _Environment(
        loader=FunctionLoader(lambda name: (templates[name], name, None) if name in templates else None),
        bytecode_cache=_CODES,
        autoescape=True,
        undefined=_Unknown,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_printable,
    )
    env.ledger = ledger
    env.globals.pop("lipsum", None)
    env.filters["random"] = _never_the_same
    for name in FILTERS - env.filters.keys():
        env.filters[name] = _only_for_contacts(name)
    tables: tuple[dict[str, Any], ...] = (env.filters, env.tests)
    for table in tables:
        for name, function in table.items():
            table[name] = _guarded(ledger, name, function)
    return env


def _guarded(ledger: Ledger, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """The filter or test, which slots pass only through the allow-list."""

    # Some of Jinja's own filters are given the environment or the context before the value.
    at = 1 if hasattr(function, "jinja_pass_arg") else 0

    @functools.wraps(function)
    def guard(*arguments: Any, **named: Any) -> Any:
        value = arguments[at] if len(arguments) > at else None
        late = value if isinstance(value, Late) else any_known([*arguments[at:], *named.values()])
        if late is not None:
            return late.through(name, at, arguments, named, function)
        if name not in _HARMLESS:
            _refuse_late(ledger, name, arguments)
        return function(*arguments, **named)

    return guard


def _refuse_late(ledger: Ledger, name: str, arguments: tuple[Any, ...]) -> None:
    for value in arguments:
        if isinstance(value, Slot):
            refuse_filter(name, value.fill.field)
        if isinstance(value, str) and ledger.holds(value):
            raise TemplateProblem("M104", _CHANGED_BY.format(name=name))


_HARMLESS = frozenset({"safe", "escape", "e", "default", "d", "defined"})
_COMPARED = "Text that a contact's value was printed into is compared; compare the value itself."
_CHANGED_BY = "{name} is applied to text that already holds a contact's value; apply it to the value itself."


def _only_for_contacts(name: str) -> Callable[..., str]:
    def refuse(*_: object) -> str:
        raise TemplateProblem("M106", f"The filter {name} is for contact data only, as in contact.first_name | {name}.")

    return refuse


def _never_the_same(*_: object) -> str:
    raise TemplateProblem("M106", "The filter random is not for mails: one that is tried again must be the same.")


def draft(
    env: ImmutableSandboxedEnvironment, name: str, names: Mapping[str, object], *, subject: str | None = None
) -> Draft:
    """The template run once. Raises TemplateProblem with file and line for anything wrong."""
    with _Placed(env, name):
        template = env.get_template(name)
        context = template.new_context(dict(names))
        mjml = concat(template.root_render_func(context))
        own = context.vars.get("subject")
    return Draft(mjml, _in_a_line(own, name) if subject is None else subject_alone(env, name, names, subject))


def subject_alone(env: ImmutableSandboxedEnvironment, name: str, names: Mapping[str, object], source: str) -> str:
    """The subject that a step gives a mail of this template. Raises TemplateProblem with its place."""
    if "{" not in source:
        return _in_a_line(source, name)  # most are plain words
    with _Placed(env, SUBJECT_OF_STEP):
        template = _of_subject(env, source)
        words = concat(template.root_render_func(template.new_context(dict(names))))
    return _in_a_line(words, name)


def _in_a_line(words: object, name: str) -> str:
    if words is None or not str(words).strip():
        raise TemplateProblem("M107", "The mail has no subject; write {% set subject = '…' %} at its top.", file=name)
    return _one_line(words)


@functools.lru_cache(maxsize=8)
def _of_subject(env: ImmutableSandboxedEnvironment, source: str) -> Template:
    """Read once for all contacts of a mail."""
    return env.overlay(autoescape=False).from_string(source)


def _one_line(words: object) -> str:
    text = words.unescape() if isinstance(words, Markup) else str(words)
    # Only ASCII spaces: str.split() would also swallow the no-break ones.
    return " ".join(part for part in text.replace("\r", "\n").replace("\t", " ").replace("\n", " ").split(" ") if part)


class _Placed:
    """Turns whatever a template raises into a TemplateProblem that names file and line."""

    def __init__(self, env: ImmutableSandboxedEnvironment, name: str) -> None:
        self._env = env
        self._name = name

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if not isinstance(error, Exception):
            return
        file, line = self._place(error)
        raise _problem(error).at(file, line) from error

    def _place(self, error: Exception) -> tuple[str, int | None]:
        if isinstance(error, TemplateSyntaxError):
            return error.name or error.filename or self._name, error.lineno
        return _innermost(self._rewritten(error), self._env, self._name)

    def _rewritten(self, error: Exception) -> TracebackType | None:
        """Jinja's own traceback, whose lines are the template's."""
        try:
            self._env.handle_exception()
        except Exception:
            return sys.exc_info()[2]
        return error.__traceback__


def _innermost(trace: TracebackType | None, env: ImmutableSandboxedEnvironment, name: str) -> tuple[str, int | None]:
    place: tuple[str, int | None] = (name, None)
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if file == "<template>":
            place = (name, trace.tb_lineno)
        elif env.loader is not None and file.endswith(".mjml") and "/" not in file:
            place = (file, trace.tb_lineno)
        trace = trace.tb_next
    return place


def _problem(error: Exception) -> TemplateProblem:
    match error:
        case TemplateProblem():
            return error
        case TemplateNotFound():
            return TemplateProblem("M108", f"The template {error.message} is not in email_templates/.")
        case TemplateSyntaxError():
            return TemplateProblem("M109", f"Jinja cannot read this: {error.message}")
        case TemplateError():
            return TemplateProblem("M110", error.message or "Jinja refused this template.")
        case _:
            return out_of_bounds(error) or TemplateProblem("M111", f"This cannot be evaluated: {error}.")
