"""A reader who does what a page says: in a folder of its own, with nothing of this environment."""

import doctest
import os
import re
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.docs.fences import Command, File, Skipped, Step

LONGEST_S: Final = 180
"""A command of a page that takes longer hangs: the longest takes seconds."""
_FLAGS: Final = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
_FIGURES: Final = {
    re.compile(r"\b\d{8}T\d{6}Z-([\w.]+)-[0-9a-f]{6}\b"): r"<id of \1>",
    re.compile(r"[-+]?\b\d[\d,.]*(?: (?:B|[KMG]iB|s|min|h|d)\b)?"): "<figure>",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """A command that has ended; a code of None says that it did not."""

    code: int | None
    out: str
    err: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """One page's reader; `folder` is empty at first and holds a home beside the work."""

    page: str
    folder: Path

    def follow(self, steps: list[Step]) -> None:
        """Do all of it.

        Raises:
            AssertionError: at the first command that ends or prints something else than it says.
        """
        for name in ("work", "home", "tmp"):
            (self.folder / name).mkdir()
        for step in steps:
            self._do(step)

    def _do(self, step: Step) -> None:
        match step:
            case File():
                file = self.folder / "work" / step.name
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(step.text, encoding="utf-8")
            case Command():
                complaint = _complaint(step, self._run(step))
                assert complaint is None, f"{self.page}:{step.line}: $ {step.text}\n{complaint}"
            case Skipped():
                pass

    def _run(self, command: Command) -> Ran:
        started = subprocess.Popen(
            ["bash", "--norc", "-c", command.text],
            cwd=self.folder / "work",
            env=self._variables(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        )
        try:
            out, err = started.communicate(timeout=LONGEST_S)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(started.pid, signal.SIGKILL)
            out, err = started.communicate()
            return Ran(code=None, out=out, err=err)
        return Ran(code=started.returncode, out=out, err=err)

    def _variables(self) -> dict[str, str]:
        """Return the environment of the commands: this interpreter's tools, and little else."""
        tools = Path(sys.executable).parent
        return {
            "PATH": os.pathsep.join([str(tools), os.defpath, "/usr/local/bin"]),
            "HOME": str(self.folder / "home"),
            "TMPDIR": str(self.folder / "tmp"),
            "LANG": "C.UTF-8",
            "COLUMNS": "80",
            "MPLCONFIGDIR": str(self.folder / "home"),
        }


def _complaint(command: Command, ran: Ran) -> str | None:
    """Return what is not as the page says, None if all is."""
    if ran.code is None:
        return f"found no end in {LONGEST_S} s, wanted exit code {command.code}\n{_all(ran)}"
    if ran.code != command.code:
        return f"found exit code {ran.code}, wanted {command.code}\n{_all(ran)}"
    if command.output is None or _prints(command, command.output, ran):
        return None
    return f"found:\n{_indented(ran.out + ran.err)}\nwanted:\n{_indented(command.output)}"


def _prints(command: Command, wanted: str, ran: Ran) -> bool:
    """Return whether it printed that: to standard output, or to both, errors last."""
    as_said = _without_figures if command.figures_vary else str
    checker = doctest.OutputChecker()
    return any(
        checker.check_output(as_said(wanted), as_said(got), _FLAGS)
        for got in (ran.out, ran.out + ran.err)
    )


def _without_figures(text: str) -> str:
    for figure, word in _FIGURES.items():
        text = figure.sub(word, text)
    return text


def _all(ran: Ran) -> str:
    return f"it printed:\n{_indented(ran.out + ran.err)}"


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines()) or "    nothing"
