"""git, asked of a repository that stays as it is, and of private clones of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from leakcheck.bisecting.programs import Ended, Tick, last_line, ran
from leakcheck.bisecting.steps import UntestableError

_LIMIT_S: Final = 600
_OF_ANOTHER: Final = frozenset(
    {
        "GIT_DIR",
        "GIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_OBJECT_DIRECTORY",
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_COMMON_DIR",
        "GIT_PREFIX",
        "GIT_NAMESPACE",
        "GIT_SHALLOW_FILE",
        "GIT_GRAFT_FILE",
        "GIT_EXTERNAL_DIFF",
    }
)
"""What git sets for its hooks: it would lead to another repository than the one that is named."""
_QUIET: Final = ("-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false")
"""No hook of a user's runs, and no program that watches a folder is started."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Git:
    """A repository, or any folder in it."""

    folder: Path
    variables: Mapping[str, str]

    def ended(self, *arguments: str, tick: Tick) -> Ended:
        """Return what a command of git's came to.

        Raises:
            UntestableError: if it cannot be started or takes too long.
        """
        command = ["git", "-C", str(self.folder), *_QUIET, *arguments]
        return ran(command, tick=tick, limit_s=_LIMIT_S, variables=environment(self.variables))

    def out(self, *arguments: str, tick: Tick) -> str:
        """Return what a command of git's printed.

        Raises:
            UntestableError: if it did not end well.
        """
        ended = self.ended(*arguments, tick=tick)
        if ended.code != 0:
            msg = f"git {arguments[0]}: {last_line(ended.err)}"
            raise UntestableError(msg)
        return ended.out.decode(errors="surrogateescape").strip()


def environment(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the environment that git is to be run in: it asks nobody, and speaks English.

    >>> environment({"GIT_DIR": "/elsewhere", "PATH": "/bin"})["PATH"]
    '/bin'
    """
    kept = {name: value for name, value in variables.items() if name not in _OF_ANOTHER}
    return kept | {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C.UTF-8"}


def clone_command(source: Path, folder: Path) -> Sequence[str]:
    """Return what makes a clone that takes the objects of `source` without copying them."""
    shared = ["clone", "--quiet", "--shared", "--no-checkout", "--template="]
    return [*_QUIET, *shared, "--", str(source), str(folder)]
