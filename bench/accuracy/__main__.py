"""The accuracy runner: `python -m bench.accuracy`, from the folder that holds `bench`.

It ends with 1 when leakcheck said the opposite of the truth (LEAK of a clean case, CLEAN of a
leaky one), with 130 when it was interrupted, else with 0.
"""

import os
import platform
import signal
import sys
from datetime import UTC, datetime
from itertools import chain
from typing import Final

from rich.console import Console
from rich.markdown import Markdown

from bench.accuracy import case, confusion, markdown, results_json, work
from bench.accuracy.answer import Result
from bench.accuracy.arguments import Arguments, parse
from bench.accuracy.explanations import explanations
from bench.accuracy.process import Running
from bench.accuracy.tools import NAMES, OURS, SETTINGS, make
from leakcheck import __version__

INTERRUPTED: Final = 130


def main(arguments: list[str]) -> int:
    """Return the exit code."""
    for ending in (signal.SIGINT, signal.SIGTERM):  # a shell's background job ignores the first
        signal.signal(ending, signal.default_int_handler)
    console = Console(highlight=False)
    chosen, running = parse(arguments, NAMES), Running()
    asked = questions(chosen, running, console)
    results: list[Result] = []

    def progress(result: Result, done: int, of: int) -> None:
        results.append(result)
        console.print(progress_line(result, done, of), markup=False, soft_wrap=True)

    complete = work.ask_all(asked, running=running, jobs=chosen.jobs, progress=progress)
    shown = [*results, *earlier(chosen)]
    tell(confusion.in_order(shown), chosen, console, complete=complete)
    if not complete:
        return INTERRUPTED
    return int(any(one.is_wrong for one in results if one.tool == OURS))


def questions(chosen: Arguments, running: Running, console: Console) -> list[work.Asked]:
    """Return what to ask whom, after making what the tools need."""
    tools = [make(name, running, chosen.options) for name in chosen.tools]
    for tool in tools:
        console.print(f"preparing {tool.name}", markup=False)
        tool.prepare()
    everything = chain(case.small_cases(), case.real_cases())
    cases = case.chosen(everything, chosen.groups, chosen.names)
    if chosen.verdicts:
        return [(tools[0], one, seed) for one, seed in case.clean_verdicts(cases, chosen.verdicts)]
    return list(work.everything(tools, cases, chosen.seeds))


def earlier(chosen: Arguments) -> list[Result]:
    """Return the results of earlier runs that are to be shown with these."""
    texts = [path.read_text(encoding="utf-8") for path in chosen.add]
    return [result for text in texts for result in results_json.results_of(text)]


def progress_line(result: Result, done: int, of: int) -> str:
    """Return what is shown of a result as soon as it is there."""
    mark = " " if result.is_right else "!" if result.is_wrong else "?"
    calls = markdown.shown(result.answer.calls, ",")
    return (
        f"{done:>4}/{of} {mark} {result.answer.word:<12} {result.tool:<12} "
        f"{result.case.name} seed {result.seed}: {calls} calls, {result.answer.wall_s:.1f} s"
    )


def tell(results: list[Result], chosen: Arguments, console: Console, *, complete: bool) -> None:
    """Show the tables and write the files that were asked for."""
    about = circumstances(chosen, complete=complete)
    about += [f"- {tool}: {SETTINGS[tool]}." for tool in dict.fromkeys(one.tool for one in results)]
    title = f"Accuracy, {datetime.now(UTC):%Y-%m-%d}"
    rows = confusion.table(results)
    for columns in (markdown.RIGHT, markdown.COSTS):
        console.print(Markdown(markdown.confusion_grid(rows, columns)))
    console.print(Markdown(markdown.explanation_grid(explanations(results))))
    for line in [*markdown.wrong_explanations(results), *markdown.misses(results)]:
        console.print(line, markup=False, soft_wrap=True)
    if chosen.write is not None:
        page = markdown.page(results, title=title, about=about)
        chosen.write.write_text(page, encoding="utf-8")
    if chosen.json is not None:
        chosen.json.write_text(results_json.document(results, about=about), encoding="utf-8")


def circumstances(chosen: Arguments, *, complete: bool) -> list[str]:
    """Return how the results were made, a sentence each."""
    seeds = ", ".join(map(str, chosen.seeds))
    said = f"{chosen.verdicts} clean verdicts" if chosen.verdicts else f"Seeds {seeds}"
    options = f"; options of leakcheck: {' '.join(chosen.options)}" if chosen.options else ""
    versions = f"leakcheck {__version__}, Python {platform.python_version()}"
    return [
        f"{versions}, {os.cpu_count()} CPUs, {chosen.jobs} at a time.",
        f"{said}; groups {', '.join(chosen.groups)}{options}.",
        *(["Some of the results are of an earlier run on the same machine."] * bool(chosen.add)),
        "Wall time and CPU are of all processes of a verdict, their start included.",
        *([] if complete else ["**Interrupted**: not all that was asked for is here."]),
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
