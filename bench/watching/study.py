"""Every scene under every rule: who alerts, when, and whether there was a leak."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from bench.watching.recorded import RECORDED, Recording, recorded
from bench.watching.rules import RULES, words
from bench.watching.scenes import LIMIT, Scene, readings, scenes
from leakcheck.model.verdict import Verdict

INTERVAL_S: Final = 1200.0
"""Between readings: simulated days are many, and every rule hears the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """How much is simulated."""

    seeds: int = 5
    days: float = 21.0


QUICK: Final = Extent(seeds=2, days=14.0)


@dataclass(slots=True)
class Score:
    """What a rule made of one kind of service, of which `leaks_from_h` is the truth."""

    name: str
    leaks_from_h: float | None
    runs: int = 0
    early: int = 0
    """Alerts before there was a leak, or without one."""
    hours: list[float] = field(default_factory=list)
    """From the beginning of the leak to the alert, where there was one."""
    ends: list[str] = field(default_factory=list)
    false_clean: int = 0
    """Runs in which a rule said CLEAN while it leaked."""

    def add(self, said: Sequence[tuple[float, str]]) -> None:
        """Count one run: each change of the word, with its hour, and the last word at the end."""
        self.runs += 1
        begins = self.leaks_from_h
        leaks = [hour for hour, word in said if word == Verdict.LEAK]
        self.early += any(begins is None or hour < begins for hour in leaks)
        if begins is not None:
            after = [hour - begins for hour in leaks if hour >= begins]
            self.hours += after[:1]
            self.false_clean += any(word == Verdict.CLEAN and hour >= begins for hour, word in said)
        self.ends.append(said[-1][1])


Scores = dict[str, list[Score]]


def study(extent: Extent) -> Iterator[tuple[str, Scores]]:
    """Yield the name of each kind as it is done, with the scores of every rule so far."""
    scores: Scores = {rule: [] for rule in RULES}
    for scene in scenes():
        _watch_scene(scene, extent, scores)
        yield scene.name, scores
    for recording in RECORDED:
        _watch_recording(recording, scores)
        yield recording.name, scores


def _watch_scene(scene: Scene, extent: Extent, scores: Scores) -> None:
    for rule, make in RULES.items():
        score = Score(scene.name, scene.leaks_from_h)
        for seed in range(extent.seeds):
            made = scene.make(random.Random(seed))  # noqa: S311 -- a simulation
            heard = readings(made, seed, extent.days, INTERVAL_S)
            score.add(changes(words(make(LIMIT), heard)))
        scores[rule].append(score)


def _watch_recording(recording: Recording, scores: Scores) -> None:
    for rule, make in RULES.items():
        score = Score(recording.name, recording.leaks_from_h)
        score.add(changes(words(make(recording.limit_bytes), recorded(recording))))
        scores[rule].append(score)


def changes(said: Iterator[tuple[float, str]]) -> list[tuple[float, str]]:
    """Return the first word, each change of it with its hour, and the last again.

    >>> changes(iter([(0.0, "a"), (1.0, "a"), (2.0, "b"), (3.0, "b")]))
    [(0.0, 'a'), (2.0, 'b'), (3.0, 'b')]
    """
    found: list[tuple[float, str]] = []
    last: tuple[float, str] | None = None
    for last in said:
        if not found or found[-1][1] != last[1]:
            found.append(last)
    return [*found, *([last] if last is not None and last != found[-1] else [])]
