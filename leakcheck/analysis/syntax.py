"""The syntax tree of a user's source text."""

import ast
import warnings
from threading import Lock
from typing import Final

_ONE_AT_A_TIME: Final = Lock()
"""Python up to 3.12 counts the depth of all trees under construction together: of two threads
that each make one, one may get a SystemError for it (python/cpython#106905). Nor is the list of
warning filters a thread's own."""


def parsed(source: str) -> ast.Module | None:
    """Return the tree of a source text, None for one that is no Python, or of a later one.

    >>> parsed("def tick(): pass").body[0].name, parsed("def tick(")
    ('tick', None)
    """
    try:
        with _ONE_AT_A_TIME, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what is odd about it is told to its author elsewhere
            return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
