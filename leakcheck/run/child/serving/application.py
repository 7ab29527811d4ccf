"""Finding an application, and the server that is to serve it."""

import importlib
import inspect
import sys
from collections.abc import Callable
from importlib import metadata
from importlib.util import find_spec
from typing import Any

from leakcheck.run.child.loading import BadTargetError, Loaded, found

_ARGUMENTS = {"asgi": ((1, 2, 3), (1,)), "wsgi": ((1, 2),)}
"""What an application of each protocol may be called with; the second of ASGI is its version 2."""
_OTHER = {"asgi": "wsgi", "wsgi": "asgi"}
_STANDARD = "wsgiref"


def load_application(given: dict[str, Any]) -> Loaded:
    """Return the workload that serves the application which `given` tells of.

    Raises:
        BadTargetError: if it or every server is missing, or it is none of its protocol. Whatever
            it raises when it is imported or made comes through.
    """
    server = _server(given["servers"])
    application = found(given["name"])
    if given["is_factory"]:
        application = application()
    else:
        _refuse_factory(given["name"], application)
    _refuse_other(given, application)
    # Loaded here, where only what is to be served has to be there.
    module = importlib.import_module(f"leakcheck.run.child.serving.{given['protocol']}")
    serving = module.serving(application, server, _with_version(server), given["bell"])
    return Loaded(function=serving, sets_up=True, options={})


def _server(names: list[str]) -> str:
    """Return the first server that is installed.

    Raises:
        BadTargetError: if none is.
    """
    for name in names:
        if find_spec(name) is not None:
            return name
    wanted = " or ".join(names)
    fix = f"{sys.executable} -m pip install {names[0]}"
    msg = f"{wanted} is not installed in {sys.executable}: {fix}"
    raise BadTargetError(msg)


def _with_version(server: str) -> str:
    if server == _STANDARD:
        return f"{server} of Python {sys.version.partition(' ')[0]}"
    return f"{server} {metadata.version(server)}"


def _refuse_factory(name: str, application: Callable[..., Any]) -> None:
    if inspect.isroutine(application) and _takes(application, ()):
        msg = (
            f"{name}: found a function without arguments, wanted an application: {name}() calls it"
        )
        raise BadTargetError(msg)


def _refuse_other(given: dict[str, Any], application: object) -> None:
    name, protocol = given["name"], given["protocol"]
    call = "()" if given["is_factory"] else ""
    if not callable(application):
        kind = type(application).__name__
        msg = f"{name}{call}: found {kind}, wanted an application that can be called"
        raise BadTargetError(msg)
    if any(_takes(application, arguments) for arguments in _ARGUMENTS[protocol]):
        return
    other = _OTHER[protocol]
    is_other = any(_takes(application, arguments) for arguments in _ARGUMENTS[other])
    hint = f": `leakcheck {other}` drives this one" if is_other else ""
    msg = f"{name}{call}: found no {protocol.upper()} application, wanted one{hint}"
    raise BadTargetError(msg)


def _takes(function: Callable[..., Any], arguments: tuple[int, ...]) -> bool:
    try:
        inspect.signature(function).bind(*arguments)
    except TypeError:
        return False
    except ValueError:
        return True  # it does not tell
    return True
