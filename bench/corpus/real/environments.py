"""The environments: one a side of a pair, made once and kept in a cache folder.

Each holds the releases of its side and memray, and nothing of this project.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from bench.corpus.real.cases import Case, Side

MEMRAY: Final = "memray>=1.20"
_COMPLETE: Final = "complete"
_INSTALL_LIMIT_S: Final = 600
_KEY_LENGTH: Final = 12
_WANTED: Final = "wanted a package index that answers and has wheels of its releases"


class EnvironmentUnavailableError(Exception):
    """An environment could not be made; the text says of which side and why."""


def environment(case: Case, side: Side) -> Path:
    """Return the interpreter of an environment with the releases of that side.

    It is made at the first call, with uv where there is one, and kept. Two processes that ask for
    the same one at once get the same one.

    Raises:
        EnvironmentUnavailableError: if there is no such Python, or it cannot be installed.
    """
    base = base_interpreter(case.python)
    requirements = (*case.requirements(side), MEMRAY)
    folder = cache_folder(os.environ) / f"{case.name}-{side}-{key(requirements, base)}"
    interpreter = folder / "bin" / "python"
    with _alone(folder):
        if not (folder / _COMPLETE).exists():
            _tell(f"installing {' '.join(requirements)} for {case.name}, {side}")
            _make(folder, base, requirements, subject=f"{case.name}, {side}")
            (folder / _COMPLETE).touch()
    return interpreter


def cache_folder(variables: Mapping[str, str]) -> Path:
    """Return the folder that environments are kept in.

    >>> cache_folder({"XDG_CACHE_HOME": "/var/cache"})
    PosixPath('/var/cache/leakcheck-corpus')
    """
    home = variables.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(home) / "leakcheck-corpus"


def key(requirements: Sequence[str], base: Path) -> str:
    """Return a short name that is another for other requirements or another interpreter.

    >>> key(("a==1", "b"), Path("/usr/bin/python3")) == key(("a==1 b",), Path("/usr/bin/python3"))
    False
    """
    text = "\0".join((*requirements, str(base.resolve())))
    return hashlib.sha256(text.encode()).hexdigest()[:_KEY_LENGTH]


def base_interpreter(version: str) -> Path:
    """Return an interpreter of that version (``"3.11"``): our own where it is one.

    Raises:
        EnvironmentUnavailableError: if there is none that starts.
    """
    if version == f"{sys.version_info.major}.{sys.version_info.minor}":
        return Path(sys.executable).resolve()
    found = shutil.which(f"python{version}")
    if found is None or subprocess.run([found, "-c", ""], check=False).returncode != 0:  # noqa: S603 -- the Python found on PATH
        msg = f"found no python{version} that starts on PATH, wanted one for the releases of a pair"
        raise EnvironmentUnavailableError(msg)
    return Path(found).resolve()


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let no other process into the block for the same folder; a lock dies with its process."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _make(folder: Path, base: Path, requirements: Sequence[str], *, subject: str) -> None:
    shutil.rmtree(folder, ignore_errors=True)  # what a run that was killed has left
    try:
        for command in install_commands(shutil.which("uv"), folder, base, requirements):
            _run(command, subject)
    except EnvironmentUnavailableError:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def install_commands(
    uv: str | None, folder: Path, base: Path, requirements: Sequence[str]
) -> tuple[list[str], list[str]]:
    """Return the commands that make the environment and fill it, with uv or, without it, pip.

    Wheels only: a release that has to be built is another one on each machine. The pip is the
    base interpreter's: one of its own would take longer to put there than everything else.
    """
    interpreter = str(folder / "bin" / "python")
    wheels = ("--only-binary", ":all:")
    if uv is not None:
        return (
            [uv, "venv", "--quiet", "--python", str(base), str(folder)],
            [uv, "pip", "install", "--quiet", "--python", interpreter, *wheels, *requirements],
        )
    pip = (str(base), "-m", "pip", "--python", interpreter)
    return (
        [str(base), "-m", "venv", "--without-pip", str(folder)],
        [*pip, "install", "--quiet", *wheels, *requirements],
    )


def _run(command: Sequence[str], subject: str) -> None:
    try:
        subprocess.run(  # noqa: S603 -- our own commands
            command, check=True, capture_output=True, text=True, timeout=_INSTALL_LIMIT_S
        )
    except subprocess.CalledProcessError as error:
        msg = f"{subject}: not installed ({last_error(error.stderr)}): {_WANTED}"
        raise EnvironmentUnavailableError(msg) from error
    except (OSError, subprocess.TimeoutExpired) as error:
        msg = f"{subject}: not installed ({error}): {_WANTED}"
        raise EnvironmentUnavailableError(msg) from error


def last_error(printed: str) -> str:
    r"""Return the line of an installer's complaints that says most: its last one.

    >>> last_error("WARNING: retrying\nERROR: No matching distribution found for a==1\n\n")
    'ERROR: No matching distribution found for a==1'
    """
    lines = [line for line in printed.splitlines() if line.strip()]
    return lines[-1].strip() if lines else "it said nothing"


def _tell(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
