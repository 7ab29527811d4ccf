"""One candidate, measured by the pipeline of every other check."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from leakcheck.bisecting.kept import Kept
from leakcheck.bisecting.places import Place, Places
from leakcheck.bisecting.steps import Candidate, Measured, UntestableError
from leakcheck.check import Checked, Settings, check
from leakcheck.model.errors import UsageError, WorkloadError
from leakcheck.model.options import Options
from leakcheck.model.plan import DEFAULT_ITERATIONS, DEFAULT_TIME_LIMIT_S
from leakcheck.model.verdict import Verdict
from leakcheck.run.outcome import Observer, Progress

_MORE: Final = 2
"""How many times as long an INCONCLUSIVE run is made when it is run once more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measuring:
    """How candidates are measured: as `settings` have it, each in its own place.

    `again` is whether what earlier bisections measured counts for nothing.
    """

    places: Places
    settings: Settings
    kept: Kept
    observe: Observer
    again: bool = False

    def measure(self, candidate: Candidate, label: str) -> Measured:
        """Return what a candidate was found to be; progress goes under `label` and its name.

        Raises:
            KeyboardInterrupt: if it was interrupted; what was measured whole is kept.
        """
        teller = _Teller(self.observe, f"{label}: {candidate.name}")
        try:
            candidate = self.places.describe(candidate, teller.tick)
            teller.phase = "making its environment"
            with self.places.place(candidate, teller.tick) as place:
                return self._told(candidate, place, teller)
        except UntestableError as error:
            return Measured(candidate=candidate, why=str(error))

    def _told(self, candidate: Candidate, place: Place, teller: "_Teller") -> Measured:
        try:
            return self._measured(candidate, place, teller)
        except UntestableError as error:
            return Measured(candidate=candidate, root=place.root, why=str(error))

    def _measured(self, candidate: Candidate, place: Place, teller: "_Teller") -> Measured:
        options = self.settings.commanded.over(self.settings.configured)
        found = None if self.again else self.kept.find(place, options)
        if found is not None:
            record, folder = found
            return Measured(
                candidate=candidate, record=record, folder=folder, root=place.root, is_kept=True
            )
        checked = self._checked(place, options, teller)
        if checked.record.judgement.verdict is Verdict.INCONCLUSIVE:
            checked = self._checked(place, longer(options), teller)
        self.places.require_own(checked.record, place)
        if checked.record.judgement.verdict is not Verdict.ERROR:
            self.kept.keep(place, options, checked.folder)
        return Measured(
            candidate=candidate, record=checked.record, folder=checked.folder, root=place.root
        )

    def _checked(self, place: Place, options: Options, teller: "_Teller") -> Checked:
        interrupted = threading.Event()
        settings = replace(
            self.settings,
            python=place.python,
            folder=place.folder,
            variables=place.variables,
            commanded=options,
        )
        try:
            found = check([place.target], settings, observe=teller.show, interrupted=interrupted)
        except (UsageError, WorkloadError) as error:
            raise UntestableError(str(error)) from error
        if interrupted.is_set() or not found:
            raise KeyboardInterrupt
        return found[0]


def longer(options: Options) -> Options:
    """Return the options of a run of twice the length.

    >>> longer(Options(exact_iterations=300)).exact_iterations, longer(Options()).time_limit_s
    (600, 120.0)
    """
    if options.exact_iterations is not None:
        more = Options(exact_iterations=_MORE * options.exact_iterations)
    else:
        more = Options(iterations=_MORE * (options.iterations or DEFAULT_ITERATIONS))
    limit_s = options.time_limit_s or DEFAULT_TIME_LIMIT_S
    return replace(more, time_limit_s=_MORE * limit_s).over(options)


class _Teller:
    """Progress of one step, under its own name whatever its run is called."""

    def __init__(self, observe: Callable[[Progress], None], label: str) -> None:
        self._observe = observe
        self._label = label
        self.phase = "looking it up"

    def tick(self) -> None:
        """Say that it still goes on."""
        self._observe(Progress(target=self._label, phase=self.phase))

    def show(self, progress: Progress) -> None:
        """Hand on how a run stands."""
        self._observe(replace(progress, target=self._label))
