"""What a command prints of a workload that was checked."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

from leakcheck.check import Checked
from leakcheck.cli.screen import Paper, say
from leakcheck.model.reported import Reported
from leakcheck.model.text import printable
from leakcheck.model.verdict import Verdict
from leakcheck.wording.rows import details, last_words, row

if TYPE_CHECKING:
    from leakcheck.cli.screen import Screen

_STYLES: Final = {
    Verdict.LEAK: "bold red",
    Verdict.ERROR: "bold magenta",
    Verdict.INCONCLUSIVE: "bold yellow",
    Verdict.CLEAN: "bold green",
}


def print_checked(
    checked: Checked,
    console: "Screen",
    errors: "Screen",
    told: Reported | None = None,
) -> None:
    """Print a workload's row and details, and to `errors` what it said before it failed."""
    verdict = checked.record.judgement.verdict
    explanation, allowed = (told.explanation, told.allowed) if told else (None, None)
    head = row(checked, allowed)
    if isinstance(console, Paper):
        say(console, head)
    else:
        from leakcheck.cli.terminal import print_row  # noqa: PLC0415 -- it is imported already

        print_row(console, verdict, _STYLES[verdict], printable(head.removeprefix(verdict)))
    for line in details(checked, Path.cwd(), explanation, allowed):
        say(console, line)
    for line in last_words(checked):
        say(errors, line)
