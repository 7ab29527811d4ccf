"""Starting the audit's own measured processes, and what they answer."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

__all__ = ["PROJECT", "AuditError", "answer_of"]

PROJECT: Final = Path(__file__).parents[2]


class AuditError(Exception):
    """Something could not be measured; the text says what, and what it said itself."""


def answer_of(
    module: str, arguments: Sequence[object], variables: Mapping[str, str] | None = None
) -> Any:  # noqa: ANN401  JSON is of any type
    """Return the JSON that a module of ours prints, run in a process of its own.

    Raises:
        AuditError: it failed.
    """
    command = [sys.executable, "-m", module, *map(str, arguments)]
    answer = subprocess.run(  # noqa: S603  our own program, in our own interpreter
        command,
        cwd=PROJECT,
        env={**os.environ, **(variables or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.returncode:
        msg = f"{' '.join(command[2:])}: ended with {answer.returncode}\n{answer.stderr[-2000:]}"
        raise AuditError(msg)
    return json.loads(answer.stdout)
