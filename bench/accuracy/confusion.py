"""How often each tool was right, from its results: pure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from bench.accuracy.answer import Answer, Result, Word


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """So many of so many.

    >>> f"{Share(count=9, of=10)}", f"{Share(count=0, of=0)}"
    ('9/10', '-')
    """

    count: int
    of: int

    def __str__(self) -> str:
        return f"{self.count}/{self.of}" if self.of else "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Confusion:
    """One tool on one group: of the leaky what was said, of the clean what was said, the costs.

    The medians are None where nothing was measured. An ERROR is counted in `errors` and as
    neither caught nor clean.
    """

    tool: str
    group: str
    caught: Share
    leaky_called_clean: Share
    leaky_inconclusive: Share
    false_alarms: Share
    called_clean: Share
    clean_inconclusive: Share
    errors: Share
    case_blamed: Share
    wall_s: float | None
    cpu_s: float | None
    calls_until_leak: float | None
    calls_until_clean: float | None


def confusion(tool: str, group: str, results: Iterable[Result]) -> Confusion:
    """Return the counts and medians of one tool on one group."""
    mine = [one for one in results if (one.tool, one.case.group) == (tool, group)]
    leaky = [one.answer for one in mine if one.case.leaks]
    clean = [one.answer for one in mine if not one.case.leaks]
    answers = [*leaky, *clean]
    caught = [answer for answer in leaky if answer.word is Word.LEAK]
    return Confusion(
        tool=tool,
        group=group,
        caught=said(Word.LEAK, leaky),
        leaky_called_clean=said(Word.CLEAN, leaky),
        leaky_inconclusive=said(Word.INCONCLUSIVE, leaky),
        false_alarms=said(Word.LEAK, clean),
        called_clean=said(Word.CLEAN, clean),
        clean_inconclusive=said(Word.INCONCLUSIVE, clean),
        errors=said(Word.ERROR, answers),
        case_blamed=Share(count=sum(one.blames_case for one in caught), of=len(caught)),
        wall_s=middle(answers, lambda answer: answer.wall_s),
        cpu_s=middle(answers, lambda answer: answer.cpu_s),
        calls_until_leak=middle(caught, lambda answer: answer.calls),
        calls_until_clean=middle(
            [one for one in clean if one.word is Word.CLEAN], lambda answer: answer.calls
        ),
    )


def said(word: Word, answers: Sequence[Answer]) -> Share:
    """Return how many of `answers` are `word`."""
    return Share(count=sum(one.word is word for one in answers), of=len(answers))


def middle(answers: Iterable[Answer], value: Callable[[Answer], float | None]) -> float | None:
    """Return the median of a value over the answers that have it, None if none has."""
    values = [found for found in map(value, answers) if found is not None]
    return median(values) if values else None


def in_order(results: Iterable[Result]) -> list[Result]:
    """Return the results as the cases stand in their files, whichever was there first."""
    return sorted(results, key=lambda one: (one.case.order, one.seed))


def table(results: Sequence[Result]) -> list[Confusion]:
    """Return a row for each group and tool that there are results of, in their order."""
    groups = dict.fromkeys(one.case.group for one in results)
    tools = dict.fromkeys(one.tool for one in results)
    rows = [confusion(tool, group, results) for group in groups for tool in tools]
    return [row for row in rows if row.caught.of + row.false_alarms.of]
