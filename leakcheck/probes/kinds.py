"""What a class is called and defines, without running code of its own. In the child.

A metaclass may answer for any attribute of a class: only the methods of `type` are used here.
"""

from typing import Any, Final

_MEMBERS: Final = vars(type)["__dict__"]
_BASES: Final = vars(type)["__mro__"]
_FLAGS: Final = vars(type)["__flags__"]
_MODULE: Final = vars(type)["__module__"]
_NAME: Final = vars(type)["__qualname__"]
_MADE_AT_RUN_TIME: Final = 1 << 9
"""Py_TPFLAGS_HEAPTYPE: every class statement makes such a type, most C code does not."""
_HAS_COLLECTION: Final = 1 << 14
"""Py_TPFLAGS_HAVE_GC."""


def name_of(kind: type) -> str:
    """Return a class's name with its module's; the name alone for built-in ones.

    >>> name_of(dict), name_of(type(Final))
    ('dict', 'typing._SpecialForm')
    """
    module, name = _text(_MODULE, kind), _text(_NAME, kind)
    return name if module == "builtins" else f"{module}.{name}"


def qualname_of(kind: type) -> str:
    """Return a class's name without its module's.

    >>> qualname_of(type(Final))
    '_SpecialForm'
    """
    return _text(_NAME, kind)


def member_of(kind: type, name: str) -> Any:  # noqa: ANN401 -- whatever a class may define
    """Return what a class or the first of its bases defines under a name; None for nothing."""
    for base in _BASES.__get__(kind) or ():
        members = _MEMBERS.__get__(base)
        if name in members:
            return members[name]
    return None


def is_static(kind: type) -> bool:
    """Return whether a type was compiled in, and not made by a class statement.

    >>> is_static(dict), is_static(type("Made", (), {}))
    (True, False)
    """
    return not _FLAGS.__get__(kind) & _MADE_AT_RUN_TIME


def is_seen_by_collector(kind: type) -> bool:
    """Return whether objects of a type tell the cycle collector what they hold.

    >>> is_seen_by_collector(list), is_seen_by_collector(str)
    (True, False)
    """
    return bool(_FLAGS.__get__(kind) & _HAS_COLLECTION)


def _text(getter: Any, kind: type) -> str:  # noqa: ANN401 -- a descriptor of `type`
    """Return a name; a question mark where a class keeps something else under it, or nothing.

    A class that is its own type stays alive when the collector has taken its members away.
    """
    try:
        found = getter.__get__(kind)
    except AttributeError:
        return "?"
    return found if type(found) is str else "?"
