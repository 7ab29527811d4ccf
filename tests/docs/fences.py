"""What a page shows that can be run: the files it has its reader write, and the commands.

A page says so in comments that no reader sees, each on the line before a fence::

    <!-- file: jobs.py -->          the fence is the text of this file
    <!-- not run: needs a network --> the fence is only looked at, for this reason
    <!-- figures vary: with the machine --> numbers, their units and ids may be others

A fence of ``console`` holds commands, ``$`` first, each with its output below it; a command that
is to fail ends in ``# exits with N``. ``<!-- slow: why -->`` anywhere is about the whole page.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token

PROMPT: Final = "$ "
MORE: Final = "> "
_EXITS: Final = re.compile(r"\s+# exits with (\d+)$")
_COMMENT: Final = re.compile(
    r"<!--\s*(file|not run|figures vary|slow)\b\s*(:?)\s*(.*?)\s*-->", re.DOTALL
)


class BadPage(Exception):  # noqa: N818 -- it is the page that is bad
    """A page whose comments or fences cannot be understood."""


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file that the reader is to write."""

    line: int
    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command with what it is to print; an output of None may be anything."""

    line: int
    text: str
    code: int = 0
    output: str | None = None
    figures_vary: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """A fence that is not run, and why."""

    line: int
    reason: str


Step = File | Command | Skipped


def steps_of(page: Path) -> list[Step]:
    """Return what a page shows, in its order.

    Raises:
        BadPage: if a comment lacks its file or its reason, or a console fence its first command.
    """
    steps: list[Step] = []
    above = ("", "")
    for token in _tokens(page):
        if token.type == "fence":
            steps += _steps(page, token, *above)
        above = _said(page, token)
    return steps


def why_slow(page: Path) -> str | None:
    """Return why a page takes more than about ten seconds, None where it does not say so."""
    said = [_said(page, token) for token in _tokens(page)]
    return next((rest for what, rest in said if what == "slow"), None)


def _tokens(page: Path) -> list[Token]:
    return MarkdownIt("commonmark").parse(page.read_text(encoding="utf-8"))


def _said(page: Path, token: Token) -> tuple[str, str]:
    """Return what a comment says of the fence below it and the rest, two empty texts if nothing."""
    found = _COMMENT.search(token.content) if token.type == "html_block" else None
    if found is None:
        return ("", "")
    what, colon, rest = found.groups()
    if not colon or not rest:
        msg = f"{page}:{_line(token)}: found {found.group()}, wanted <!-- {what}: ... -->"
        raise BadPage(msg)
    return (what, rest)


def _steps(page: Path, fence: Token, what: str, rest: str) -> Iterator[Step]:
    line = _line(fence)
    if what == "not run":
        yield Skipped(line=line, reason=rest)
    elif what == "file":
        yield File(line=line, name=rest, text=fence.content)
    elif fence.info.split()[:1] == ["console"]:
        for command in _commands(page, fence.content.splitlines(), line + 1):
            yield replace(command, figures_vary=what == "figures vary")


def _commands(page: Path, lines: list[str], first: int) -> Iterator[Command]:
    starts = [at for at, text in enumerate(lines) if text.startswith(PROMPT)]
    if not starts or starts[0] != 0:
        msg = f"{page}:{first}: found {lines[:1]}, wanted a line that begins with {PROMPT!r}"
        raise BadPage(msg)
    for at, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        yield _command(lines[at:end], first + at)


def _command(lines: list[str], line: int) -> Command:
    """Return the command of these lines; one that ends in a backslash goes on in the next."""
    size = next(at for at, text in enumerate(lines, start=1) if not text.endswith("\\"))
    typed = [lines[0].removeprefix(PROMPT), *(text.removeprefix(MORE) for text in lines[1:size])]
    text = "\n".join(typed)
    exits = _EXITS.search(text)
    output = "\n".join(lines[size:])
    return Command(
        line=line,
        text=text[: exits.start()] if exits else text,
        code=int(exits.group(1)) if exits else 0,
        output=output + "\n" if output.strip() else None,
    )


def _line(token: Token) -> int:
    assert token.map is not None  # fences and comments have one
    return token.map[0] + 1
