"""What the command's exit codes are, and which of them what was found comes to. Pure."""

from collections.abc import Sequence
from typing import Final

from leakcheck.model.verdict import Verdict

EXIT_CLEAN: Final = 0
EXIT_LEAK: Final = 1
EXIT_USAGE: Final = 2
EXIT_INCONCLUSIVE: Final = 3
EXIT_ERROR: Final = 4
EXIT_INTERRUPTED: Final = 130


def exit_code(verdicts: Sequence[Verdict], *, allow_inconclusive: bool, warn_only: bool) -> int:
    """Return what the verdicts together mean to whoever called: LEAK before ERROR before the rest.

    >>> exit_code([Verdict.CLEAN, Verdict.ERROR], allow_inconclusive=True, warn_only=True)
    4
    """
    if Verdict.LEAK in verdicts and not warn_only:
        return EXIT_LEAK
    if Verdict.ERROR in verdicts:
        return EXIT_ERROR
    if Verdict.INCONCLUSIVE in verdicts and not (allow_inconclusive or warn_only):
        return EXIT_INCONCLUSIVE
    return EXIT_CLEAN
