"""Context variables: the nodes of a context, and the variable that one keeps. In the child."""

import contextvars
import gc
from itertools import pairwise
from typing import Any, Final

from leakcheck.probes.kinds import name_of
from leakcheck.probes.objects import is_kind

_NAME: Final = vars(contextvars.ContextVar)["name"]
_NODE: Final = "hamt_bitmap_node"


def is_variable_node(one: Any, held: Any) -> bool:  # noqa: ANN401 -- objects of any kind
    """Return whether `one` is a part of a context that keeps `held` for a variable."""
    return name_of(type(one)) == _NODE and variable_name(one, held) is not None


def variable_name(node: Any, held: Any) -> str | None:  # noqa: ANN401
    """Return the name of the context variable for which a node keeps `held`.

    A node shows the collector each value before its key.
    """
    for value, key in pairwise(gc.get_referents(node)):
        if value is held and is_kind(key, contextvars.ContextVar):
            name = _NAME.__get__(key)
            return name if type(name) is str else "?"
    return None
