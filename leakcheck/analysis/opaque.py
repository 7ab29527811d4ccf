"""Whether a growing line is a call into C: then the line alone does not say what allocates."""

import ast
import builtins
import threading
import warnings
from collections import Counter, OrderedDict, defaultdict, deque
from typing import Final

from leakcheck.model.containers import Census
from leakcheck.model.measurement import Measurement
from leakcheck.model.native import NativeGrowth
from leakcheck.model.signals import Signal
from leakcheck.model.sites import Frame
from leakcheck.model.verdict import Diagnosis, Judgement, Verdict

_NATIVE: Final = frozenset({Diagnosis.NATIVE_HEAP, Diagnosis.OUTSIDE_MALLOC})
_MANY: Final = 0.25
"""Of what a line adds, the part that the collector knows of where Python objects are all of it."""
_PIECES: Final = 1.5
"""Pieces of memory for each thing kept, from which on there is more to it than the object."""
_DEFINITIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_PARSING: Final = threading.Lock()
"""Python keeps one list of which warnings to show, for all threads."""
_CONTAINERS: Final = (Counter, OrderedDict, defaultdict, deque)
_KINDS: Final = (bytearray, bytes, dict, float, frozenset, int, list, set, str, tuple)
_PLAIN: Final = frozenset(
    name
    for kind in (*_CONTAINERS, *_KINDS)
    for name in (kind.__name__, *dir(kind), *dir(builtins))
    if not name.startswith("__")
)
"""Names of what makes, fills or formats plain Python objects: they say themselves what grows."""


def is_native(judgement: Judgement) -> bool:
    """Return whether a leak is diagnosed as one of memory that Python does not manage."""
    return judgement.verdict is Verdict.LEAK and bool(_NATIVE & {*judgement.diagnosis})


def sits_on_native_code(judgement: Judgement, native: NativeGrowth | None) -> bool:
    """Return whether native stacks would say more of a leak than its lines do.

    memray must have seen it grow: what it misses has no native stacks either.
    """
    if judgement.verdict is not Verdict.LEAK or not judgement.sites:
        return False
    return is_native(judgement) or bool(native and native.call)


def opaque_frame(measurement: Measurement, judgement: Judgement) -> Frame | None:
    """Return the frame that grows most, if its line may hide native memory in Python objects.

    None where the collector knows of many objects for what grows there, or where each thing
    that is kept is one piece of memory: then the objects are all that there is.
    """
    if Diagnosis.PYTHON_OBJECTS not in judgement.diagnosis or not judgement.sites:
        return None
    largest = max(judgement.sites, key=lambda site: site.bytes_per_iteration)
    pieces = largest.objects_per_iteration
    tracked = judgement.trends.get(Signal.GC_OBJECTS)
    are_tracked = tracked is not None and tracked.growth.estimate > _MANY * pieces
    are_single = pieces < _PIECES * _kept(measurement.census)
    return largest.stack[0] if largest.stack and not (are_tracked or are_single) else None


def _kept(census: Census | None) -> float:
    """Return how many things an iteration are kept: one, where no census has seen it."""
    if census is None or not census.containers or census.ended <= census.began:
        return 1.0
    grown = max(one.now - one.before for one in census.containers)
    return grown / (census.ended - census.began)


def opaque_call(source: str, line: int) -> str:
    """Return what the line calls that may be C, as it stands there, or an empty text.

    What is written in Python allocates in lines of its own, and not in the one that calls it: of
    that, what the source itself defines is known. A method such as `__new__` may still be C's.

    >>> opaque_call("SEEN.append(zlib.compressobj())", 1), opaque_call("SEEN.append(bytes(9))", 1)
    ('zlib.compressobj', '')
    """
    nodes = _nodes(source)
    defined = (node.name for node in nodes if isinstance(node, _DEFINITIONS))
    plain = _PLAIN.union(name for name in defined if not name.startswith("__"))
    calls = (
        _dotted(node.func)
        for node in nodes
        if isinstance(node, ast.Call) and node.lineno <= line <= (node.end_lineno or line)
    )
    return next((name for name in calls if name and name.split(".")[-1] not in plain), "")


def _nodes(source: str) -> list[ast.AST]:
    """Return all that a source consists of; nothing where it is no Python, or of a later one."""
    try:
        with _PARSING, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what is odd about it is told to its author elsewhere
            return list(ast.walk(ast.parse(source)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []


def _dotted(function: ast.expr) -> str:
    """Return a name such as ``zlib.compressobj``; an empty text for a callable without a name."""
    parts: list[str] = []
    while isinstance(function, ast.Attribute):
        parts.append(function.attr)
        function = function.value
    if isinstance(function, ast.Name):
        parts.append(function.id)
    return ".".join(reversed(parts))
