"""The study: which scenes are tried how often, each trial with random numbers of its own."""

import random
import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Final

from bench.calibration import clean, leaks
from bench.calibration.recorded import Recorded, recordings
from bench.calibration.scene import Scene
from bench.calibration.tally import Outcome, Tally
from bench.calibration.trial import Trial, run

SIZES_BYTES: Final = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)
FEWER_SIZES_BYTES: Final = (2, 8, 16, 64, 512)
FINE_SIZES_BYTES: Final = (0.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 16.0, 32.0, 64.0)
FEWER_FINE_SIZES_BYTES: Final = (0.0, 4.0, 16.0, 64.0)
SENSITIVE_ITERATIONS: Final = 5_000
SENSITIVE_THRESHOLD_BYTES: Final = 1.0
RECORDED_ITERATIONS: Final = 8_000

CLEAN: Final = "clean"
LEAKS: Final = "leaks"
RECORDED: Final = "recorded"
SENSITIVITY: Final = "sensitivity"


@dataclass(frozen=True, slots=True)
class Case:
    """One trial to be made: `part` and `kind` say of what, `rate` what leaks an iteration."""

    part: str
    kind: str
    rate: float
    number: int
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A trial that was made: by totals alone, and with what the call sites say at its end."""

    case: Case
    totals: Outcome
    sites: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """How much is tried: trials of each kind, leak sizes, and seeds of the random numbers."""

    clean_trials: int = 120
    leak_trials: int = 16
    recorded_trials: int = 30
    sensitive_trials: int = 25
    sizes: tuple[float, ...] = SIZES_BYTES
    fine_sizes: tuple[float, ...] = FINE_SIZES_BYTES
    seed: int = 1


QUICK: Final = Extent(sizes=FEWER_SIZES_BYTES, fine_sizes=FEWER_FINE_SIZES_BYTES)
QUICK_MINUTES: Final = 1.8


def cases(extent: Extent) -> Iterator[Case]:
    """Yield every case of a study: one of each kind, then another of each, and so on.

    A study that is broken off has then tried all kinds about as often as it was to.
    """
    names = [one.name for one in recordings()]
    grids: list[tuple[str, Iterable[str], tuple[float, ...], int]] = [
        (CLEAN, clean.KINDS, (0.0,), extent.clean_trials),
        (LEAKS, leaks.KINDS, extent.sizes, extent.leak_trials),
        (RECORDED, names, (0.0,), extent.recorded_trials),
        (SENSITIVITY, names, extent.fine_sizes, extent.sensitive_trials),
    ]
    found = [
        ((number + 0.5) / trials, Case(part, kind, rate, number, extent.seed))
        for part, kinds, rates, trials in grids
        for number in range(trials)
        for kind in kinds
        for rate in rates
    ]
    yield from (case for _, case in sorted(found, key=lambda one: one[0]))


def make(case: Case) -> Made:
    """Return what a trial of `case` comes to: the same for an equal case, anywhere."""
    rng = random.Random(f"{case.seed}/{case.part}/{case.kind}/{case.rate}/{case.number}")  # noqa: S311
    scene, trial = _PARTS[case.part](case, rng)
    totals, sites = run(scene, trial)
    return Made(
        case=case,
        totals=Outcome(verdict=totals.verdict, iterations=totals.iterations),
        sites=Outcome(verdict=sites.verdict, iterations=sites.iterations),
    )


def make_all(wanted: Iterable[Case], jobs: int, until: Callable[[Made], bool]) -> tuple[Made, ...]:
    """Return the trials made in `jobs` processes, in order, until `until` says of one: enough.

    An interruption from the keyboard is as good as that.
    """
    found: list[Made] = []
    with ProcessPoolExecutor(max_workers=jobs, initializer=_heed_no_interruption) as pool:
        try:
            for one in pool.map(make, wanted, chunksize=4):
                found.append(one)
                if until(one):
                    break
        except KeyboardInterrupt:
            pass
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
    return tuple(found)


def _heed_no_interruption() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def tallies(made: Iterable[Made], part: str, *, sites: bool) -> dict[tuple[str, float], Tally]:
    """Return the tally of each kind and rate of one part; the first made come first."""
    outcomes: dict[tuple[str, float], list[Outcome]] = {}
    for one in made:
        if one.case.part == part:
            outcome = one.sites if sites else one.totals
            outcomes.setdefault((one.case.kind, one.case.rate), []).append(outcome)
    return {key: Tally(outcomes=tuple(found)) for key, found in outcomes.items()}


def _clean(case: Case, rng: random.Random) -> tuple[Scene, Trial]:
    return clean.KINDS[case.kind](rng), Trial()


def _leak(case: Case, rng: random.Random) -> tuple[Scene, Trial]:
    scene = leaks.KINDS[case.kind](rng, case.rate)
    if case.kind == leaks.LATE:
        return scene, Trial(iterations=leaks.LATE_ITERATIONS, exact=True)
    return scene, Trial()


def _recorded(case: Case, rng: random.Random) -> tuple[Scene, Trial]:
    """Return a recorded run: from its very beginning, warm-up and all, the first time."""
    found = _by_name(case.kind)
    start = 0 if case.number == 0 else found.start(rng, RECORDED_ITERATIONS)
    return found.scene(start), Trial(iterations=min(RECORDED_ITERATIONS, found.iterations))


def _sensitive(case: Case, rng: random.Random) -> tuple[Scene, Trial]:
    found = _by_name(case.kind)
    start = found.start(rng, SENSITIVE_ITERATIONS)
    noise = found.scene(start)
    scene = noise.over(leaks.steady(case.rate, rng)) if case.rate else noise
    trial = Trial(iterations=SENSITIVE_ITERATIONS, threshold_bytes=SENSITIVE_THRESHOLD_BYTES)
    return scene, trial


def _by_name(name: str) -> Recorded:
    return next(one for one in recordings() if one.name == name)


_PARTS: Final = {
    CLEAN: _clean,
    LEAKS: _leak,
    RECORDED: _recorded,
    SENSITIVITY: _sensitive,
}
