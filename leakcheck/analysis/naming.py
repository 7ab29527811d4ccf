"""Which names a line of source uses, and the function around it."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_FUNCTIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True, slots=True)
class Named:
    """The names that a few lines use, the last one of each dotted name too."""

    first: int
    last: int
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class Naming:
    r"""The names of one source file, by statement and by function.

    >>> naming = naming_of("async def tick():\n    group.create_task(\n        shop.work())\n")
    >>> [naming.in_statement(line, "work") for line in (1, 2)], naming.in_function(1, "work")
    ([False, True], True)
    """

    statements: tuple[Named, ...]
    functions: tuple[Named, ...]

    def in_statement(self, line: int, name: str) -> bool:
        """Return whether a statement that has this line uses a name; of a block only its head."""
        return any(name in one.names for one in _around(self.statements, line))

    def in_function(self, line: int, name: str) -> bool:
        """Return whether the innermost function around this line uses a name."""
        around = sorted(_around(self.functions, line), key=lambda one: one.last - one.first)
        return bool(around) and name in around[0].names


def naming_of(source: str) -> Naming:
    """Return the names of a source text; none where it is no Python."""
    try:
        return _read(ast.parse(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return Naming((), ())


def _read(tree: ast.Module) -> Naming:
    statements = [node for node in ast.walk(tree) if isinstance(node, ast.stmt)]
    return Naming(
        tuple(Named(node.lineno, _head_end(node), _names(_head(node))) for node in statements),
        tuple(
            Named(node.lineno, node.end_lineno or node.lineno, _names(ast.walk(node)))
            for node in statements
            if isinstance(node, _FUNCTIONS)
        ),
    )


def _around(ranges: tuple[Named, ...], line: int) -> Iterator[Named]:
    return (one for one in ranges if one.first <= line <= one.last)


def _head_end(node: ast.stmt) -> int:
    body = getattr(node, "body", None)
    last = body[0].lineno - 1 if body else node.end_lineno
    return max(node.lineno, last or 0)


def _head(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what a statement is made of, without the statements in it."""
    yield node
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.stmt):
            yield from _head(child)


def _names(nodes: Iterator[ast.AST]) -> frozenset[str]:
    found = set()
    for node in nodes:
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
    return frozenset(found)
