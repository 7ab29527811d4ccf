"""How often the explanation of a LEAK was right, from the results: pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bench.accuracy.answer import Result
from bench.accuracy.confusion import Share
from bench.accuracy.explained import Explained


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanations:
    """One tool on one group: how often line, sentence and holder were right, of those asked."""

    tool: str
    group: str
    right_line: Share
    right_sentence: Share
    right_holder: Share


def explanations(results: Sequence[Result]) -> list[Explanations]:
    """Return a row for each tool that explains and each group, and one for all its groups."""
    found = [(one, one.answer.explained) for one in results]
    pairs = [(one, explained) for one, explained in found if explained is not None]
    rows = []
    for tool in dict.fromkeys(one.tool for one, _ in pairs):
        mine = [pair for pair in pairs if pair[0].tool == tool]
        groups = dict.fromkeys(one.case.group for one, _ in mine)
        rows += [_row(tool, g, [e for one, e in mine if one.case.group == g]) for g in groups]
        rows += [_row(tool, "all", [e for _, e in mine])] if len(groups) > 1 else []
    return rows


def wrong(results: Iterable[Result]) -> list[str]:
    """Return everything that was explained wrongly, a line each, with what was found."""
    return [
        f"{one.tool}: {one.case.group}/{one.case.name} seed {one.seed}: {what}"
        for one in results
        if one.answer.explained is not None
        for what in one.answer.explained.wrong
    ]


def _row(tool: str, group: str, all_of: Sequence[Explained]) -> Explanations:
    return Explanations(
        tool=tool,
        group=group,
        right_line=_share(one.line for one in all_of),
        right_sentence=_share(one.sentence for one in all_of),
        right_holder=_share(one.holder for one in all_of),
    )


def _share(answers: Iterable[bool | None]) -> Share:
    """Return how many are right of those that were asked."""
    asked = [answer for answer in answers if answer is not None]
    return Share(count=sum(asked), of=len(asked))
