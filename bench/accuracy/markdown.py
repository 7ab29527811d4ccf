"""The results as a page of markdown: pure."""

import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

from bench.accuracy.answer import Result, Word
from bench.accuracy.confusion import Confusion, table
from bench.accuracy.explanations import Explanations, explanations, wrong
from bench.accuracy.process import ROOT

Column = tuple[str, Callable[[Confusion], str]]


def shown(value: float | None, form: str) -> str:
    """Return a figure, or a dash where there is none.

    >>> shown(1234.5, ",.0f"), shown(None, ",.0f")
    ('1,234', '-')
    """
    return "-" if value is None else format(value, form)


RIGHT: Final[tuple[Column, ...]] = (
    ("group", lambda row: row.group),
    ("tool", lambda row: row.tool),
    ("caught", lambda row: str(row.caught)),
    ("leaky: CLEAN", lambda row: str(row.leaky_called_clean)),
    ("leaky: inconclusive", lambda row: str(row.leaky_inconclusive)),
    ("false alarms", lambda row: str(row.false_alarms)),
    ("clean: CLEAN", lambda row: str(row.called_clean)),
    ("clean: inconclusive", lambda row: str(row.clean_inconclusive)),
    ("errors", lambda row: str(row.errors)),
)
COSTS: Final[tuple[Column, ...]] = (
    ("group", lambda row: row.group),
    ("tool", lambda row: row.tool),
    ("wall s", lambda row: shown(row.wall_s, ".2f")),
    ("CPU s", lambda row: shown(row.cpu_s, ".2f")),
    ("calls until LEAK", lambda row: shown(row.calls_until_leak, ",.0f")),
    ("calls until CLEAN", lambda row: shown(row.calls_until_clean, ",.0f")),
    ("its file blamed first", lambda row: str(row.case_blamed)),
)


def grid(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table.

    >>> print(grid(["a", "b"], [["1", "2"]]))
    | a | b |
    |---|---|
    | 1 | 2 |
    """
    lines = [head, *rows]
    text = ["| " + " | ".join(line) + " |" for line in lines]
    return "\n".join([text[0], "|" + "---|" * len(head), *text[1:]])


def confusion_grid(rows: Sequence[Confusion], columns: Sequence[Column]) -> str:
    """Return these columns of the rows as a table."""
    return grid([name for name, _ in columns], [[cell(row) for _, cell in columns] for row in rows])


def explanation_grid(rows: Iterable[Explanations]) -> str:
    """Return how often line, sentence and holder were right, as a table."""
    head = ["group", "tool", "right line first", "why there is no line", "right holder"]
    shares = ((row, (row.right_line, row.right_sentence, row.right_holder)) for row in rows)
    return grid(head, [[row.group, row.tool, *map(str, found)] for row, found in shares])


def wrong_explanations(results: Iterable[Result]) -> list[str]:
    """Return everything that was explained wrongly, a line each."""
    return [portable(line) for line in wrong(results)]


def portable(text: str) -> str:
    """Return `text` without the folders of this machine.

    >>> portable("grows at /opt/py/lib/python3.11/random.py:240 by 2 B")
    'grows at random.py:240 by 2 B'
    """
    text = text.replace(f"{ROOT}/", "").replace(f"{Path.home()}/", "~/")
    return re.sub(r"[~/]\S*/(?:site-packages|python3\.\d+)/", "", text)


def miss(result: Result) -> str:
    """Return a result that is not the truth in one line."""
    truth = "leaky" if result.case.leaks else "clean"
    calls = shown(result.answer.calls, ",")
    reason = portable(" ".join(result.answer.reason.split()))
    where = f"{result.case.group}/{result.case.name} seed {result.seed} ({truth})"
    return f"{result.tool}: {where}: {result.answer.word} after {calls} calls. {reason}".rstrip()


def misses(results: Iterable[Result]) -> list[str]:
    """Return every result that is not the truth: the opposite of it first."""
    not_right = [one for one in results if not one.is_right]
    return [miss(one) for one in sorted(not_right, key=lambda one: (one.tool, not one.is_wrong))]


def case_grid(results: Sequence[Result], tool: str) -> str:
    """Return what `tool` said of each case: a letter a seed."""
    cases = dict.fromkeys(one.case.name for one in results)
    mine = [one for one in results if one.tool == tool]
    rows = [_case_row([one for one in mine if one.case.name == name]) for name in cases]
    return grid(["group", "case", "truth", "said", "calls"], [row for row in rows if row])


def _case_row(results: Sequence[Result]) -> list[str]:
    if not results:
        return []
    case = results[0].case
    words = " ".join(_letter(one) for one in sorted(results, key=lambda one: one.seed))
    calls = sorted(one.answer.calls for one in results if one.answer.calls is not None)
    between = f"{calls[0]:,} .. {calls[-1]:,}" if calls else "-"
    return [case.group, case.name, "leaky" if case.leaks else "clean", words, between]


def _letter(result: Result) -> str:
    letter = {Word.INCONCLUSIVE: "?", Word.ERROR: "E"}.get(result.answer.word)
    return letter or str(result.answer.word)[0]


def page(results: Sequence[Result], *, title: str, about: Sequence[str]) -> str:
    """Return the whole page; `about` are sentences on how it was made."""
    rows = table(results)
    tools = dict.fromkeys(one.tool for one in results)
    parts = [f"# {title}", "\n".join(about), "## How often it was right"]
    parts += [confusion_grid(rows, RIGHT), "## What it cost, medians", confusion_grid(rows, COSTS)]
    parts += ["## Whether the explanation was right", EXPLAINED]
    parts += [explanation_grid(explanations(results)), listed(wrong_explanations(results))]
    for tool in tools:
        parts += [f"## Case by case: {tool}", LEGEND, case_grid(results, tool)]
    parts += ["## Every answer that is not the truth", listed(misses(results))]
    return "\n\n".join(parts) + "\n"


def listed(lines: Sequence[str]) -> str:
    """Return the lines as a list.

    >>> listed(["one"]), listed([])
    ('- one', 'None.')
    """
    return "\n".join(f"- {line}" for line in lines) or "None."


EXPLAINED: Final = (
    "Of the LEAK verdicts of leaky cases: the first line shown is one that allocates or opens what "
    "is kept, where that can be seen; where it cannot, a sentence says why there is no line; what "
    "holds it is named. Below the table, all that was wrong."
)
LEGEND: Final = "One letter a seed: L LEAK, C CLEAN, ? inconclusive, E error."
