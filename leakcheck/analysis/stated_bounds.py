"""What the code around a container says of how large it may get, read from its source."""

import ast
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Final

from leakcheck.analysis.syntax import parsed

_SHRINKS: Final = frozenset(
    {
        "pop",
        "popitem",
        "popleft",
        "clear",
        "remove",
        "discard",
        "difference_update",
        "intersection_update",
        "symmetric_difference_update",
        "cache_clear",
        "get_nowait",
        "heappop",
        "heappushpop",
        "heapreplace",
    }
)
_COUNTED: Final = frozenset(["range", "randrange", "randint", "islice", "sample"])
_NAME_OF_A_LIMIT: Final = re.compile(
    r"(?:^|_)(?:max|maximum|limit|cap|capacity|most|bound|size|maxsize|maxlen|keep|quota)(?:_|$)",
    re.IGNORECASE,
)
_OF_NO_NUMBER: Final = re.compile(
    r"(?:^|_)(?:mem|memory|bytes?|[kmg]i?b|m?s|secs?|seconds|minutes|hours|days|ttl|timeout|age|"
    r"attempts|tries|retries)(?:_|$)",
    re.IGNORECASE,
)
"""In the name of a limit: what it limits is no number of entries."""
_OPERATORS: Final[Mapping[type[ast.operator], Callable[[int, int], int]]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.FloorDiv: lambda a, b: a // b if b else 0,
    ast.LShift: lambda a, b: a << min(b, 64),
    ast.Pow: lambda a, b: a ** min(b, 64),
}
_LARGEST: Final = 1 << 40
Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """What functions say: `limits` that a length is held against, other `counts`, removals.

    A count is a modulus, the end of a range or a slice, or anything a number is compared
    with: it may limit the keys that ever occur, and may have nothing to do with them.
    """

    limits: frozenset[int] = frozenset()
    counts: frozenset[int] = frozenset()
    shrinks: bool = False

    def __or__(self, other: "Stated") -> "Stated":
        """Return what both say."""
        return Stated(
            limits=self.limits | other.limits,
            counts=self.counts | other.counts,
            shrinks=self.shrinks or other.shrinks,
        )


def stated_bounds(
    source: str, first_lines: Iterable[int], numbers: Mapping[str, int], names: frozenset[str]
) -> Stated:
    r"""Return what the functions that begin at `first_lines` of `source` state.

    `numbers` are what the names in them stand for, `names` those of the container. Source that
    is no Python states nothing.

    >>> text = "def put(key):\n CACHE[key] = 1\n if len(CACHE) > MOST:\n  CACHE.popitem()"
    >>> stated_bounds(text, [1], {"MOST": 5000}, frozenset({"CACHE"}))
    Stated(limits=frozenset({5000}), counts=frozenset(), shrinks=True)
    """
    tree = parsed(source)
    if tree is None:
        return Stated()
    wanted = set(first_lines)
    found = [
        _read(node, numbers, names) for node in _functions(tree) if _first_line(node) in wanted
    ]
    return reduce(Stated.__or__, found, Stated())


def named_limits(attributes: Mapping[str, int]) -> frozenset[int]:
    """Return the attributes of a container's owner that are called a limit to its entries.

    >>> sorted(named_limits({"_Cache__maxsize": 100, "max_entries": 7, "port": 80, "sizes": 3}))
    [7, 100]
    >>> sorted(named_limits({"memory_limit_bytes": 1 << 30, "max_attempts": 3, "max_age_s": 60}))
    []
    """
    return frozenset(
        number
        for name, number in attributes.items()
        if _NAME_OF_A_LIMIT.search(name) and not _OF_NO_NUMBER.search(name)
    )


def _functions(tree: ast.AST) -> Iterator[Function]:
    for node in ast.walk(tree):
        if isinstance(node, Function):
            yield node


def _first_line(node: Function) -> int:
    decorators = [] if isinstance(node, ast.Lambda) else node.decorator_list
    return min([node.lineno, *(one.lineno for one in decorators)])


def _read(function: Function, numbers: Mapping[str, int], names: frozenset[str]) -> Stated:
    limits: set[int] = set()
    counts: set[int] = set()
    rebound = names & _names_from_outside(function)
    last = _last_line_of_work(function)
    nodes = [node for node in ast.walk(function) if getattr(node, "lineno", 0) <= last]
    for node in nodes:
        bounding = _bounding(node, names)
        found = {n for one in bounding if (n := _number(one, numbers)) is not None}
        (limits if _holds_a_length(node) else counts).update(found)
    return Stated(
        limits=frozenset(limits),
        counts=frozenset(counts - limits),
        shrinks=any(_removes(node, rebound) for node in nodes),
    )


def _last_line_of_work(function: Function) -> float:
    """Return the line of the one yield of a function that sets up and tears down.

    There it stands still while iterations run: what follows takes nothing out meanwhile. A
    function of any other kind works to its end.
    """
    yields = _own_yields(function)
    return (yields[0].end_lineno or math.inf) if len(yields) == 1 else math.inf


def _own_yields(function: Function) -> tuple[ast.Yield, ...]:
    """Return the yields of a function itself, those in a loop twice."""
    found: list[ast.Yield] = []
    waiting: list[tuple[ast.AST, bool]] = [(one, False) for one in ast.iter_child_nodes(function)]
    while waiting:
        node, loops = waiting.pop()
        if isinstance(node, ast.Yield):
            found += [node] * (1 + loops)
        if not isinstance(node, Function):
            repeats = loops or isinstance(node, ast.For | ast.AsyncFor | ast.While)
            waiting += [(one, repeats) for one in ast.iter_child_nodes(node)]
    return tuple(found)


def _names_from_outside(function: Function) -> frozenset[str]:
    """Return the names that an assignment in a function replaces, and does not first make."""
    if getattr(function, "name", "") in {"__init__", "__new__"}:
        return frozenset()
    nodes = list(ast.walk(function))
    declared = {
        name for node in nodes if isinstance(node, ast.Global | ast.Nonlocal) for name in node.names
    }
    return frozenset(declared | {node.attr for node in nodes if isinstance(node, ast.Attribute)})


def _holds_a_length(node: ast.AST) -> bool:
    """Return whether a comparison has the length of something on one of its sides."""
    return isinstance(node, ast.Compare) and any(
        isinstance(part, ast.Call) and _called(part) in {"len", "qsize", "__len__"}
        for side in (node.left, *node.comparators)
        for part in ast.walk(side)
    )


def _bounding(node: ast.AST, names: frozenset[str]) -> Iterator[ast.expr]:
    """Yield the operands of a node that a count may be bounded by."""
    if isinstance(node, ast.Compare):
        yield from (node.left, *node.comparators)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
        yield node.right
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitAnd):
        yield from (node.left, node.right)
    elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice):
        if not names or _trailing_name(node.value) in names:
            yield from (one for one in (node.slice.lower, node.slice.upper) if one is not None)
    elif isinstance(node, ast.Call):
        if _called(node) in _COUNTED:
            yield from node.args
        yield from (k.value for k in node.keywords if k.arg and _NAME_OF_A_LIMIT.search(k.arg))


def _called(call: ast.Call) -> str:
    return _trailing_name(call.func)


def _number(node: ast.expr, numbers: Mapping[str, int]) -> int | None:
    """Return the whole number that an expression stands for, if that can be told."""
    value: int | None = None
    if isinstance(node, ast.Constant) and type(node.value) is int:
        value = node.value
    elif isinstance(node, ast.Name | ast.Attribute):
        value = _named(node.id if isinstance(node, ast.Name) else node.attr, numbers)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        value = _number(node.operand, numbers)
    elif isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        left, right = _number(node.left, numbers), _number(node.right, numbers)
        if left is not None and right is not None:
            value = _OPERATORS[type(node.op)](left, right)
    return value if value is not None and 0 < value < _LARGEST else None


def _named(name: str, numbers: Mapping[str, int]) -> int | None:
    if name in numbers:
        return numbers[name]
    # Inside its class `__most` stands for `_Store__most`.
    mangled = (n for key, n in numbers.items() if name.startswith("__") and key.endswith(name))
    return next(mangled, None)


def _removes(node: ast.AST, names: frozenset[str]) -> bool:
    if isinstance(node, ast.Call):
        return _called(node) in _SHRINKS
    if isinstance(node, ast.Delete):
        return any(isinstance(one, ast.Subscript) for one in node.targets)
    if isinstance(node, ast.Assign):
        return any(_is_refilled(one, names) for one in node.targets)
    return False


def _is_refilled(target: ast.expr, names: frozenset[str]) -> bool:
    """Return whether an assignment replaces what a container holds, or the container."""
    if isinstance(target, ast.Subscript):
        return isinstance(target.slice, ast.Slice)
    if isinstance(target, ast.Tuple | ast.List):
        return any(_is_refilled(one, names) for one in target.elts)
    return _trailing_name(target) in names


def _trailing_name(node: ast.expr) -> str:
    """Return the last part of a dotted name, nothing for any other expression."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
