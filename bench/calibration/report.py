"""The study in words and tables, as markdown."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bench.calibration import leaks
from bench.calibration.study import (
    SENSITIVE_ITERATIONS,
    SENSITIVE_THRESHOLD_BYTES,
    Extent,
    Made,
    tallies,
)
from bench.calibration.tally import CONFIDENCE, Tally, together
from leakcheck.model.plan import DEFAULT_THRESHOLD_BYTES
from leakcheck.model.units import format_bytes
from leakcheck.model.verdict import Verdict

POWER: Final = 0.99
Grid = Mapping[tuple[str, float], Tally]


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a report says of itself: the day, the version and the command."""

    date: str
    version: str
    command: str
    elapsed_s: float


def report(made: Sequence[Made], extent: Extent, about: About) -> str:
    """Return the whole report."""
    parts = [
        _head(made, extent, about),
        *_clean_section(made),
        *_power_section(made),
        *_sensitivity_section(made),
    ]
    return "\n".join(parts) + "\n"


def summary(made: Sequence[Made]) -> list[str]:
    """Return the figures that matter most, a line each."""
    clean = together([*tallies(made, "clean", sites=True).values()])
    recorded = together([*tallies(made, "recorded", sites=True).values()])
    false_clean, leaking = false_cleans(made)
    undecided = [_rate(one, Verdict.INCONCLUSIVE) for one in (clean, recorded)]
    lines = [
        f"false alarms on simulated clean processes: {_rate(clean, Verdict.LEAK)}",
        f"false alarms on recorded clean processes: {_rate(recorded, Verdict.LEAK)}",
        f"inconclusive on clean processes: {undecided[0]} simulated, {undecided[1]} recorded",
        f"CLEAN in spite of a leak above the threshold: {false_clean} of {leaking}",
    ]
    for sites, name in ((False, "totals alone"), (True, "with call sites")):
        grid = tallies(made, "sensitivity", sites=sites)
        found = smallest_found(_pooled(grid))
        lines.append(f"smallest steady leak found, all recorded noise, {name}: {_size(found)}")
    return lines


def smallest_found(by_rate: Mapping[float, Tally], power: float = POWER) -> float | None:
    """Return the least leak that is found with `power`, as all larger ones are; None for none."""
    found = None
    for rate in sorted((rate for rate in by_rate if rate > 0), reverse=True):
        if by_rate[rate].share(Verdict.LEAK) < power:
            break
        found = rate
    return found


def false_cleans(made: Sequence[Made]) -> tuple[int, int]:
    """Return how many leaks above the threshold were called CLEAN, and how many there were."""
    outcomes = [
        one.sites
        for one in made
        if (one.case.part == "leaks" and one.case.rate > DEFAULT_THRESHOLD_BYTES)
        or (one.case.part == "sensitivity" and one.case.rate > SENSITIVE_THRESHOLD_BYTES)
    ]
    return sum(one.verdict is Verdict.CLEAN for one in outcomes), len(outcomes)


def _head(made: Sequence[Made], extent: Extent, about: About) -> str:
    lines = "\n".join(f"- {line}" for line in summary(made))
    return (
        f"# Calibration, {about.date}\n\n"
        f"leakcheck {about.version}: {len(made):,} simulated and recorded runs through the code "
        "that paces and judges a real run, look by look, each with random numbers of its own "
        f"(seed {extent.seed}), in {about.elapsed_s / 60:.0f} minutes. Made by "
        f"`{about.command}`.\n\n"
        f"Shares stand with their one-sided {CONFIDENCE:.0%} bounds (Clopper and Pearson 1934). "
        "*Totals alone* is what `--profiler none` can know; *with call sites* adds what memray "
        f"knows at the end of a run.\n\n{lines}"
    )


def _clean_section(made: Sequence[Made]) -> Iterator[str]:
    yield "\n## Clean processes\n\n![Verdicts on clean processes](calibration/verdicts.svg)\n"
    yield "| kind | trials | CLEAN | INCONCLUSIVE | LEAK, totals alone | LEAK | median iterations |"
    yield "|---|---|---|---|---|---|---|"
    for part in ("clean", "recorded"):
        totals, grid = tallies(made, part, sites=False), tallies(made, part, sites=True)
        for (kind, rate), one in grid.items():
            name = kind if part == "clean" else f"recorded: {kind}"
            yield _clean_row(name, totals[kind, rate], one)
        yield _clean_row(f"**all {part}**", together(totals.values()), together(grid.values()))


def _clean_row(name: str, totals: Tally, one: Tally) -> str:
    cells = [
        name,
        f"{one.trials:,}",
        f"{one.share(Verdict.CLEAN):.1%}",
        f"{one.share(Verdict.INCONCLUSIVE):.1%}",
        _rate(totals, Verdict.LEAK),
        _rate(one, Verdict.LEAK),
        _number(one.median_iterations()),
    ]
    return _row(cells)


def _power_section(made: Sequence[Made]) -> Iterator[str]:
    grids = [tallies(made, "leaks", sites=sites) for sites in (False, True)]
    rates = sorted({rate for _, rate in grids[1]})
    yield (
        "\n## Leaks\n\nShare found by totals alone / with call sites, at most 20,000 iterations, "
        f"threshold {format_bytes(DEFAULT_THRESHOLD_BYTES)}: a smaller leak is none. "
        f"*{leaks.LATE}*: begins at {leaks.LATE_START:,} of {leaks.LATE_ITERATIONS:,}.\n\n"
        "![Power](calibration/power.svg)\n"
    )
    yield _row(["kind", *map(_size, rates)])
    yield _row(["---"] * (len(rates) + 1))
    for kind in dict.fromkeys(kind for kind, _ in grids[1]):
        yield _row([kind, *(_both(grids, kind, rate) for rate in rates)])
    yield from _errors_of_power(grids[1], rates)
    yield "\nMedian iterations until LEAK, with call sites:\n"
    yield "![Iterations](calibration/iterations.svg)\n"
    yield _row(["kind", *map(_size, rates)])
    yield _row(["---"] * (len(rates) + 1))
    for kind in dict.fromkeys(kind for kind, _ in grids[1]):
        yield _row(
            [
                kind,
                *(_number(grids[1][kind, rate].median_iterations(Verdict.LEAK)) for rate in rates),
            ]
        )


def _errors_of_power(grid: Grid, rates: Sequence[float]) -> Iterator[str]:
    above = [rate for rate in rates if rate > DEFAULT_THRESHOLD_BYTES]
    yield "\nWith call sites, above the threshold: CLEAN, which is wrong, and INCONCLUSIVE.\n"
    yield _row(["kind", "trials", "CLEAN", "INCONCLUSIVE"])
    yield _row(["---"] * 4)
    for kind in dict.fromkeys(kind for kind, _ in grid):
        one = together(grid[kind, rate] for rate in above)
        shares = [_rate(one, Verdict.CLEAN), _rate(one, Verdict.INCONCLUSIVE)]
        yield _row([kind, f"{one.trials:,}", *shares])


def _sensitivity_section(made: Sequence[Made]) -> Iterator[str]:
    grids = [tallies(made, "sensitivity", sites=sites) for sites in (False, True)]
    rates = sorted({rate for _, rate in grids[1] if rate > 0})
    yield (
        f"\n## The smallest steady leak in {SENSITIVE_ITERATIONS:,} iterations\n\n"
        "A leak in the recorded noise of real workloads, from a random iteration on, threshold "
        f"{format_bytes(SENSITIVE_THRESHOLD_BYTES)}: share found by totals alone / with call "
        f"sites. *Smallest*: from this size on, every one is found with {POWER:.0%} power.\n\n"
        "![Sensitivity](calibration/sensitivity.svg)\n"
    )
    yield _row(["noise of", *map(_size, rates), "smallest, totals", "smallest, with sites"])
    yield _row(["---"] * (len(rates) + 3))
    for kind in dict.fromkeys(kind for kind, _ in grids[1]):
        smallest = [_size(smallest_found(_of(grid, kind))) for grid in grids]
        yield _row([kind, *(_both(grids, kind, rate) for rate in rates), *smallest])
    pooled = [_pooled(grid) for grid in grids]
    shares = [
        " / ".join(f"{one[rate].share(Verdict.LEAK):.1%}" for one in pooled) for rate in rates
    ]
    yield _row(["**all**", *shares, *(_size(smallest_found(one)) for one in pooled)])
    lows = [
        " / ".join(f"{one[rate].bounds(Verdict.LEAK)[0]:.1%}" for one in pooled) for rate in rates
    ]
    yield _row(["at least", *lows, "", ""])
    alarms = together(grids[1][kind, rate] for kind, rate in grids[1] if rate == 0)
    yield f"\nWithout a leak the same runs are LEAK in {_rate(alarms, Verdict.LEAK)}."


def _of(grid: Grid, kind: str) -> dict[float, Tally]:
    return {rate: tally for (name, rate), tally in grid.items() if name == kind}


def _pooled(grid: Grid) -> dict[float, Tally]:
    rates = dict.fromkeys(rate for _, rate in grid)
    return {rate: together(one for (_, r), one in grid.items() if r == rate) for rate in rates}


def _both(grids: Sequence[Grid], kind: str, rate: float) -> str:
    return " / ".join(f"{grid[kind, rate].share(Verdict.LEAK):.0%}" for grid in grids)


def _rate(tally: Tally, verdict: Verdict) -> str:
    low, high = tally.bounds(verdict)
    found = f"{tally.number(verdict)} of {tally.trials:,}"
    return f"{found} ({low:.2%} .. {high:.2%})"


def _size(rate: float | None) -> str:
    return "none" if rate is None else format_bytes(rate)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f}"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
