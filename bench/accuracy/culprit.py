"""Who is to blame for a leak, as the workload's own file says it beside the code: pure.

A line that allocates what is kept carries the mark `# leaks here`: inside the workload's
function as it stands, anywhere else in the file followed by the workload's name. Marks stand at
the line that allocates most of what is kept, and at those that allocate half as much or more; in
the real pairs, where a package is to blame, at the calls that lead into it.
"""

import ast
import re
from dataclasses import dataclass
from typing import Final

_MARK: Final = re.compile(r"# leaks here(?:: (?P<name>\w+))?$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Culprit:
    """The lines that allocate what a workload leaks, and what holds it.

    `file` is the workload's, as reports name it. A frame in `package`, a folder or a file below
    site-packages, is as good as a marked line. `holder` must occur in how it is said to be held,
    None where no Python object holds it. Without `has_line` nothing tells where what leaks is made.
    """

    file: str
    lines: tuple[int, ...]
    package: str = ""
    holder: str | None = None
    has_line: bool = True

    def is_at(self, file: str, line: int) -> bool:
        """Return whether a frame is one of those to blame.

        >>> culprit = Culprit(file="a.py", lines=(3,), package="yarl/")
        >>> culprit.is_at("a.py", 3), culprit.is_at("/x/site-packages/yarl/_url.py", 9)
        (True, True)
        >>> culprit.is_at("a.py", 4), culprit.is_at("/x/site-packages/yarl_extra/_url.py", 9)
        (False, False)
        """
        packaged = bool(self.package) and f"/site-packages/{self.package}" in f"/{file}"
        return packaged or (file == self.file and line in self.lines)

    def __str__(self) -> str:
        lines = " or ".join(f"{self.file}:{line}" for line in self.lines)
        return f"{lines} or {self.package}" if self.package else lines


def marked_lines(source: str, name: str) -> tuple[int, ...]:
    r"""Return the numbers of the lines marked for the workload `name`, from 1.

    >>> marked_lines("def tick():\n    KEPT.append(b'')  # leaks here\n", "tick")
    (2,)
    >>> marked_lines("KEPT = make()  # leaks here: tick\ndef tick():\n    pass\n", "tick")
    (1,)
    """
    inside = _span(source, name)
    found = ((number, _MARK.search(line)) for number, line in enumerate(source.splitlines(), 1))
    return tuple(
        number
        for number, mark in found
        if mark and (mark["name"] == name or (mark["name"] is None and number in inside))
    )


def _span(source: str, name: str) -> range:
    """Return the lines of the function `name`.

    Raises:
        LookupError: if there is no such function.
    """
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name:
            return range(node.lineno, (node.end_lineno or node.lineno) + 1)
    msg = f"found no function {name}, wanted the workload of that name"
    raise LookupError(msg)
