"""The results as JSON, for scripts and for pages made of several runs."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from bench.accuracy.answer import Answer, Result, Word
from bench.accuracy.case import Case
from bench.accuracy.confusion import table
from bench.accuracy.explained import Explained
from bench.accuracy.explanations import explanations, wrong


def document(results: Sequence[Result], *, about: Sequence[str]) -> str:
    """Return the results and the table as JSON text."""
    content = {
        "about": list(about),
        "table": [asdict(row) for row in table(results)],
        "explanations": [asdict(row) for row in explanations(results)],
        "wrong_explanations": wrong(results),
        "results": [plain(result) for result in results],
    }
    return json.dumps(content, indent=1) + "\n"


def results_of(text: str) -> list[Result]:
    """Return the results that `document` wrote."""
    return [_result(**one) for one in json.loads(text)["results"]]


def plain(result: Result) -> dict[str, object]:
    """Return a result as plain JSON."""
    return {
        "tool": result.tool,
        "case": result.case.name,
        "group": result.case.group,
        "leaks": result.case.leaks,
        "options": list(result.case.options),
        "seed": result.seed,
        "order": result.case.order,
        "answer": asdict(result.answer),
    }


def _result(  # noqa: PLR0913 -- the keys of a result
    *,
    tool: str,
    case: str,
    group: str,
    leaks: bool,
    options: list[str],
    seed: int,
    order: int,
    answer: dict[str, Any],
) -> Result:
    known = Case(
        name=case, group=group, leaks=leaks, target="", options=tuple(options), order=order
    )
    answer["word"] = Word(answer["word"])
    answer["diagnosis"] = tuple(answer["diagnosis"])
    if said := answer.get("explained"):
        answer["explained"] = Explained(**{**said, "wrong": tuple(said["wrong"])})
    return Result(tool=tool, case=known, seed=seed, answer=Answer(**answer))
