"""What an interpreter is, and whether a workload can be measured in it."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from leakcheck.model.errors import UsageError
from leakcheck.model.plan import Profiler

MIN_MEMRAY: Final = (1, 20)
MIN_PYTHON: Final = (3, 11)
_QUESTION_LIMIT_S: Final = 30
_FACTS: Final = """
import platform
try:
    from importlib.metadata import version
    memray = version("memray")
except Exception:
    memray = None
facts = {"python": platform.python_version(), "memray": memray,
         "libc": " ".join(platform.libc_ver()), "platform": platform.platform()}
"""
_QUESTION: Final = f"{_FACTS}\nimport json; print(json.dumps(facts))"


@dataclass(frozen=True, slots=True, kw_only=True)
class Interpreter:
    """One interpreter: versions as text, `memray` None where it is not installed."""

    path: Path
    python: str
    memray: str | None
    libc: str
    platform: str


def examine(path: Path, profiler: Profiler) -> Interpreter:
    """Return the facts of the interpreter at `path`, once it is known to be usable.

    Raises:
        UsageError: if it does not run, is older than Python 3.11, or has no memray 1.20.
    """
    interpreter = _ask(path)
    if _numbers(interpreter.python) < MIN_PYTHON:
        msg = f"{path}: found Python {interpreter.python}, wanted 3.11 or later"
        raise UsageError(msg)
    if profiler is Profiler.MEMRAY:
        _require_memray(interpreter)
    return interpreter


def _ask(path: Path) -> Interpreter:
    if _is_here(path):
        return _facts(path, _answer_here())
    try:
        # No -I or -E: the child runs without them, so what it will import is what counts here.
        answer = subprocess.run(  # noqa: S603 -- the interpreter that the user named
            [path, "-c", _QUESTION],
            capture_output=True,
            text=True,
            timeout=_QUESTION_LIMIT_S,
            check=True,
            stdin=subprocess.DEVNULL,
        )
        # A site's own start-up code may print before the answer.
        return _facts(path, json.loads(answer.stdout.strip().rpartition("\n")[2]))
    except (OSError, ValueError, TypeError, KeyError, subprocess.SubprocessError) as error:
        msg = f"{path}: found no interpreter that answers ({_short(error)}), wanted a Python"
        raise UsageError(msg) from error


def _is_here(path: Path) -> bool:
    """Return whether `path` would start what this process is: then nothing need be started."""
    flags = sys.flags
    shut_off = flags.isolated or flags.ignore_environment or flags.no_site or flags.no_user_site
    return str(path) == sys.executable and not shut_off


def _answer_here() -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(_FACTS, names)  # noqa: S102 -- the very lines that another interpreter is given
    return dict(names["facts"])


def _facts(path: Path, answer: dict[str, Any]) -> Interpreter:
    if not isinstance(answer["python"], str):
        msg = "no version of Python"
        raise TypeError(msg)
    return Interpreter(path=path, **answer)


def _require_memray(interpreter: Interpreter) -> None:
    wanted = ".".join(map(str, MIN_MEMRAY))
    fix = f"install it there ({interpreter.path} -m pip install 'memray>={wanted}')"
    if interpreter.memray is None:
        msg = f"{interpreter.path}: found no memray, wanted {wanted} or later: {fix}"
        raise UsageError(msg)
    if _numbers(interpreter.memray) < MIN_MEMRAY:
        found = f"found memray {interpreter.memray}"
        msg = f"{interpreter.path}: {found}, wanted {wanted} or later: {fix}"
        raise UsageError(msg)


def _numbers(version: str) -> tuple[int, ...]:
    """Return the first two numbers of a version; a part that is no number counts as 0."""
    parts = version.split(".")[:2]
    return tuple(int(part) if part.isdigit() else 0 for part in parts)


def _short(error: Exception) -> str:
    if isinstance(error, subprocess.CalledProcessError):
        return f"it ended with {error.returncode}"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return type(error).__name__


def own_interpreter() -> Path:
    """Return the interpreter that runs leakcheck."""
    return Path(sys.executable)
