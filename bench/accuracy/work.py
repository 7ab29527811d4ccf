"""Every tool asked about every case, some at a time."""

import tempfile
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from pathlib import Path

from bench.accuracy.answer import Answer, Result, Tool, Word
from bench.accuracy.case import Case
from bench.accuracy.process import Running

Progress = Callable[[Result, int, int], None]
"""Takes a result, and how many there are now and will be."""

Asked = tuple[Tool, Case, int]


def ask_all(asked: Sequence[Asked], *, running: Running, jobs: int, progress: Progress) -> bool:
    """Ask all, hand each result to `progress`, and return whether it came to its end.

    Interrupted, it stops what is under way: what `progress` was given by then is all there is.
    """
    pool = ThreadPoolExecutor(jobs)
    futures = [pool.submit(_ask, *one) for one in asked]
    try:
        _collect(futures, progress)
    except KeyboardInterrupt:
        pool.shutdown(wait=False, cancel_futures=True)
        running.interrupt()
        pool.shutdown()
        return False
    pool.shutdown()
    return True


def everything(
    tools: Iterable[Tool], cases: Iterable[Case], seeds: Sequence[int]
) -> Iterable[Asked]:
    """Yield every tool with every case and every seed, case by case."""
    tools = tuple(tools)
    for case in cases:
        for seed in seeds if case.seeded else seeds[:1]:
            for tool in tools:
                yield tool, case, seed


def _collect(futures: Sequence["Future[Result]"], progress: Progress) -> None:
    for done, future in enumerate(as_completed(futures), start=1):
        progress(future.result(), done, len(futures))


def _ask(tool: Tool, case: Case, seed: int) -> Result:
    with tempfile.TemporaryDirectory(prefix="accuracy-") as scratch:
        try:
            answer = tool.verdict(case, seed, Path(scratch))
        except Exception as error:  # noqa: BLE001 -- one broken case must not end the others
            reason = f"{type(error).__name__}: {error}"
            answer = Answer(word=Word.ERROR, wall_s=0.0, cpu_s=0.0, reason=reason)
    return Result(tool=tool.name, case=case, seed=seed, answer=answer)
