"""The sandbox of templates: a small part of jinja2, in which text stays whole and work stays bounded."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from jinja2 import StrictUndefined, TemplateSyntaxError, nodes, pass_context
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context, LoopContext, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

METER = "_meter"  # no template can name it: names that begin with "_" are refused

_LONGEST_TEXT = 100_000
_LONGEST_RANGE = 1000
_CHARACTERS_A_STEP = 64
_TESTS = frozenset({"defined", "undefined", "none", "string", "number", "odd", "even"})
_LOOP = frozenset({"index", "index0", "first", "last", "length", "revindex", "revindex0"})
# Everything else is refused: other files, macros, calls and arithmetic, by which a template can read, run or grow without end.
_STATEMENTS = (nodes.Template, nodes.Output, nodes.TemplateData, nodes.For, nodes.If, nodes.Assign)
_EXPRESSIONS = (
    *(nodes.Name, nodes.Const, nodes.List, nodes.Tuple, nodes.CondExpr, nodes.And, nodes.Or, nodes.Not, nodes.Compare, nodes.Operand),
    *(nodes.Getattr, nodes.Getitem, nodes.Slice, nodes.Add, nodes.Sub, nodes.Concat, nodes.Filter, nodes.Test, nodes.Call),
)
_COMPARED: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq, "ne": operator.ne, "lt": operator.lt, "lteq": operator.le, "gt": operator.gt, "gteq": operator.ge,
}  # fmt: skip


class Meter:
    """What is left of the work that one section may cost: about one step for each part of a template that is evaluated."""

    def __init__(self, steps: int) -> None:
        self.left = steps

    def spend(self, steps: int) -> None:
        """Raise `SecurityError` when nothing is left."""
        self.left -= steps
        if self.left < 0:
            raise SecurityError("it takes more steps than any layout of this section needs")


class Sandbox(ImmutableSandboxedEnvironment):
    """Templates that see nothing but the mappings, lists and texts that they are given: no attribute, method, call or file. A text can be
    shown, joined and compared, but not cut: half of a code span would let loose what it holds."""

    def __init__(self) -> None:
        super().__init__(
            undefined=StrictUndefined, autoescape=False, trim_blocks=True, lstrip_blocks=True, optimized=False, finalize=_shown
        )
        self.globals = {"range": _range}
        self.filters = {**_FILTERS, **_INNER}
        self.tests = {name: test for name, test in self.tests.items() if name in _TESTS}

    def parse_checked(self, source: str, name: str) -> nodes.Template:
        """Parse a template, refuse what has no place in it, and put the meter in. Raises `TemplateSyntaxError`."""
        tree = self.parse(source, name, name)
        for node in [tree, *tree.find_all(nodes.Node)]:
            if refused := _refused(node):
                raise TemplateSyntaxError(f"{refused[:60]} has no place in a changelog's template", node.lineno or 1, name, name)
        _meter(tree, self)
        return tree

    def getattr(self, obj: Any, attribute: str) -> Any:  # noqa: ANN401  # as jinja2's
        """Return what a mapping holds under a name; of a loop, its counters."""
        if isinstance(obj, LoopContext) and attribute in _LOOP:
            return getattr(obj, attribute)
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:  # noqa: ANN401  # as jinja2's
        """Return what a mapping or a list holds; undefined for anything else."""
        if isinstance(obj, dict) and isinstance(argument, str) and argument in obj:
            return obj[argument]
        if isinstance(obj, list) and isinstance(argument, int) and -len(obj) <= argument < len(obj):
            return obj[argument]
        return obj if isinstance(obj, Undefined) else self.undefined(obj=obj, name=argument)


def _refused(node: nodes.Node) -> str:
    """Return what of a node has no place in a template, "" for a node that has."""
    match node:
        case nodes.For(recursive=True):
            return "a recursive loop"
        case nodes.For(target=target) | nodes.Assign(target=target) if not isinstance(target, nodes.Name):
            return "more than one name at a time"
        case nodes.Name(name=name) if name.startswith("_"):
            return name
        case nodes.Compare(ops=ops) if len(ops) > 1:
            return "a comparison of three values"
        case nodes.Filter() | nodes.Test() | nodes.Call():
            return _refused_call(node)
        case nodes.BinExpr(operator=sign) if not isinstance(node, _EXPRESSIONS):
            return sign
    return "" if isinstance(node, (*_STATEMENTS, *_EXPRESSIONS)) else type(node).__name__.lower()


def _refused_call(node: nodes.Filter | nodes.Test | nodes.Call) -> str:
    if node.kwargs or node.dyn_args or node.dyn_kwargs:
        return "an argument by name"
    if isinstance(node, nodes.Filter):
        return "" if node.name in _FILTERS and node.node is not None else f"the filter {node.name}"
    if isinstance(node, nodes.Test):
        return "" if node.name in _TESTS else f"the test {node.name}"
    return "" if isinstance(node.node, nodes.Name) and node.node.name == "range" else "a call"


def _meter(tree: nodes.Node, environment: Sandbox) -> None:
    """Let loops, and whatever takes longer for more, run through functions that charge for it. Inner nodes first."""
    for child in list(tree.iter_child_nodes()):
        _meter(child, environment)
    for field, value in tree.iter_fields():
        if isinstance(value, nodes.Node):
            setattr(tree, field, _metered(value, environment))
        elif isinstance(value, list):
            setattr(tree, field, [_metered(part, environment) if isinstance(part, nodes.Node) else part for part in value])
    if isinstance(tree, nodes.For):
        steps = 1 + sum(1 for part in (*tree.body, *filter(None, [tree.test])) for _ in part.find_all(nodes.Node))
        tree.iter = _inner(tree.iter, "_walked", environment, nodes.Const(steps))


def _metered(node: nodes.Node, environment: Sandbox) -> nodes.Node:
    match node:
        case nodes.Concat():
            return _inner(nodes.List(node.nodes, lineno=node.lineno), "_joined", environment)
        case nodes.Add() | nodes.Sub():
            return _inner(node.left, "_added", environment, node.right, nodes.Const(node.operator))
        case nodes.Compare():
            (operand,) = node.ops
            return _inner(node.expr, "_compared", environment, nodes.Const(operand.op), operand.expr)
        case nodes.Getitem(arg=nodes.Slice() as cut):
            parts = [part or nodes.Const(None) for part in (cut.start, cut.stop, cut.step)]
            return _inner(node.node, "_cut", environment, *parts)
    return node


def _inner(node: nodes.Node, name: str, environment: Sandbox, *arguments: nodes.Expr) -> nodes.Filter:
    call = nodes.Filter(node, name, list(arguments), [], None, None, lineno=node.lineno)
    call.set_environment(environment)
    return call


def _shown(value: Any) -> str:  # noqa: ANN401  # whatever an expression is
    """A list or a mapping would be shown as Python writes it, with one backslash made two and so none."""
    if isinstance(value, Undefined):
        str(value)  # raises, naming it
    if not isinstance(value, str | int | float):
        raise TypeError(f"{_kind(value)} cannot be shown as a whole")
    return str(value)


def _kind(value: object) -> str:
    if isinstance(value, str):
        return "a text"
    return "a list" if isinstance(value, list | tuple) else "an entry or another mapping" if isinstance(value, dict) else "nothing"


def _range(*bounds: int) -> list[int]:
    if len(numbers := range(*bounds)) > _LONGEST_RANGE:
        raise SecurityError(f"a range has at most {_LONGEST_RANGE} numbers")
    return list(numbers)


def _spend(context: Context, steps: int) -> None:
    context[METER].spend(steps)


def _sequence(value: Any) -> list[Any]:  # noqa: ANN401
    if isinstance(value, Undefined):
        str(value)  # raises, naming it
    if not isinstance(value, list | tuple):
        raise TypeError(f"{_kind(value)} is no list")
    return list(value)


@pass_context
def _walked(context: Context, value: Any, steps: int) -> Iterator[Any]:  # noqa: ANN401
    items = _sequence(value)
    _spend(context, len(items) + 1)
    for item in items:
        _spend(context, steps)
        yield item


@pass_context
def _joined(context: Context, value: Any, separator: str = "") -> str:  # noqa: ANN401
    pieces = [_shown(piece) for piece in _sequence(value)]
    length = sum(map(len, pieces)) + len(_shown(separator)) * len(pieces)
    _spend(context, len(pieces) + length // _CHARACTERS_A_STEP)
    if length > _LONGEST_TEXT:
        raise SecurityError(f"a text made of others has at most {_LONGEST_TEXT} characters")
    return _shown(separator).join(pieces)


@pass_context
def _added(context: Context, left: Any, right: Any, sign: str) -> Any:  # noqa: ANN401
    if sign == "+" and isinstance(left, str) and isinstance(right, str):
        return _joined(context, [left, right])
    if not isinstance(left, int) or not isinstance(right, int):
        raise TypeError(f"only whole numbers have a {'sum' if sign == '+' else 'difference'}, and two texts can be joined by ~")
    return left + right if sign == "+" else left - right


@pass_context
def _compared(context: Context, left: Any, sign: str, right: Any) -> bool:  # noqa: ANN401
    if sign in {"in", "notin"}:
        among = list(right) if isinstance(right, dict) else right if isinstance(right, str) else _sequence(right)
        _spend(context, len(among) // (_CHARACTERS_A_STEP if isinstance(right, str) else 1))
        return (_scalar(left) in among) == (sign == "in")
    return _COMPARED[sign](_scalar(left), _scalar(right))


def _scalar(value: Any) -> Any:  # noqa: ANN401
    if value is not None and not isinstance(value, str | int | float):
        _shown(value)  # raises
    return value


@pass_context
def _cut(context: Context, value: Any, start: Any, stop: Any, step: Any) -> list[Any]:  # noqa: ANN401
    items = _sequence(value)
    _spend(context, len(items))
    return items[start:stop:step]


@pass_context
def _counted(context: Context, value: Any) -> int:  # noqa: ANN401
    _spend(context, 1)
    return len(value) if isinstance(value, str) else len(_sequence(value))


@pass_context
def _changed(context: Context, value: Any, case: Callable[[str], str]) -> str:  # noqa: ANN401
    text = _shown(value)
    _spend(context, len(text))
    # A letter that is no ASCII stays none: a long s turned into "S" could end the name of a protocol, and make a link
    return "".join(changed if (changed := case(letter)).isascii() == letter.isascii() else letter for letter in text)


def _default(value: Any, instead: Any = "") -> Any:  # noqa: ANN401
    return instead if isinstance(value, Undefined) or value is None else value


_FILTERS: Mapping[str, Callable[..., Any]] = {
    "default": _default,
    "first": lambda value: _sequence(value)[0],
    "join": _joined,
    "last": lambda value: _sequence(value)[-1],
    "length": _counted,
    "lower": pass_context(lambda context, value: _changed(context, value, str.lower)),
    "upper": pass_context(lambda context, value: _changed(context, value, str.upper)),
}
_INNER: Mapping[str, Callable[..., Any]] = {
    "_added": _added, "_compared": _compared, "_cut": _cut, "_joined": _joined, "_walked": _walked,
}  # fmt: skip
