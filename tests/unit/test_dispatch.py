"""Errands over workers that die: each is done, and handed on once and only once."""

import random
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leakcheck.fanout import dispatch
from leakcheck.fanout.cluster import Cluster
from leakcheck.fanout.dispatch import Delivery, Dispatch, Handlers
from leakcheck.model.errors import LeakcheckError


class Future:
    """An errand on a worker that the test decides about."""

    def __init__(self, result: object) -> None:
        self.status = "pending"
        self._result = result
        self._callbacks: list[Callable[[object], None]] = []

    def add_done_callback(self, callback: Callable[[object], None]) -> None:
        self._callbacks.append(callback)

    def end(self, status: str = "finished") -> None:
        if self.status == "pending":
            self.status = status
            for callback in self._callbacks:
                callback(self)

    def done(self) -> bool:
        return self.status != "pending"

    def result(self, timeout: float) -> object:
        assert timeout > 0
        if isinstance(self._result, BaseException):
            raise self._result
        return self._result

    def exception(self, timeout: float) -> object:
        assert timeout > 0
        return self._result

    def cancel(self) -> None:
        self.end("cancelled")

    def release(self) -> None:
        assert self.status == "finished"


class Town:
    """A cluster whose workers do their errands, or die, at each look that is taken at them."""

    address = "tcp://127.0.0.1:1"

    def __init__(self, seed: int, *, death: float = 0.0, workers: int = 3) -> None:
        self._random = random.Random(seed)  # noqa: S311 -- a test's
        self._death = death
        self._born = workers
        self.living = {f"tcp://w:{number}" for number in range(workers)}
        self.busy: dict[str, Future] = {}
        self.client = self
        self.told: list[str] = []
        self.most_at_once: Counter[str] = Counter()
        self.result: Callable[[bytes], object] = lambda payload: payload

    def submit(self, _: object, payload: bytes, *, workers: list[str], **more: Any) -> Future:
        assert more["pure"] is False
        (worker,) = workers
        assert worker not in self.busy, "two errands at once"
        future = Future(self.result(payload))
        self.busy[worker] = future
        return future

    def workers(self) -> frozenset[str]:
        for worker, future in list(self.busy.items()):
            if future.done():
                del self.busy[worker]
            elif self._random.random() < self._death:
                del self.busy[worker]
                self.living.discard(worker)
                self.living.add(f"tcp://w:{self._born}")
                self._born += 1
            elif self._random.random() < 0.7:
                del self.busy[worker]
                future.end()
        return frozenset(self.living)

    def tell(self, _: object, name: str, *, workers: Iterable[str]) -> None:
        self.told.append(name)
        for worker in workers:
            self.busy[worker].end()


@pytest.fixture(autouse=True)
def _short_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatch, "_POLL_S", 0.001)


def errands(number: int) -> list[tuple[str, bytes]]:
    return [(f"errand-{index}", str(index).encode()) for index in range(number)]


def done_in(
    town: Town, number: int, interrupted: threading.Event | None = None
) -> tuple[list[int], list[int]]:
    """Return the numbers of the errands in the order they were done, and those done again."""
    took: list[int] = []
    again: list[int] = []

    def take(index: int, delivery: Delivery) -> None:
        assert delivery.content == str(index).encode()
        assert delivery.seconds >= 0
        took.append(index)

    handlers = Handlers(took=take, again=lambda index, _: again.append(index))
    Dispatch(cast("Cluster", town), errands(number), do=bytes, halt=print, handlers=handlers).run(
        interrupted or threading.Event()
    )
    return took, again


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 10**6), number=st.integers(0, 30), workers=st.integers(1, 5))
def test_each_errand_is_handed_on_exactly_once_though_workers_die(
    seed: int, number: int, workers: int
) -> None:
    patience, dispatch._MOST_DEATHS = dispatch._MOST_DEATHS, 10**6  # type: ignore[misc]
    try:
        took, again = done_in(Town(seed, death=0.2, workers=workers), number)
    finally:
        dispatch._MOST_DEATHS = patience  # type: ignore[misc]

    assert sorted(took) == list(range(number))
    assert set(again) <= set(range(number))


def test_what_kills_every_worker_is_given_up_and_told() -> None:
    with pytest.raises(LeakcheckError, match="errand-0 was under way on 3 workers when they died"):
        done_in(Town(1, death=1.0, workers=1), 1)


def test_a_result_that_is_lost_with_its_worker_is_made_again() -> None:
    town, lost = Town(1, workers=1), iter([OSError("gone"), None])
    town.result = lambda payload: next(lost) or payload

    assert done_in(town, 1) == ([0], [0])


def test_a_worker_that_cannot_do_its_part_ends_it_all_with_what_it_says() -> None:
    town = Town(1)
    town.result = lambda _: ["no bytes"]

    with pytest.raises(LeakcheckError, match=r"could not do its part \(TypeError: found list"):
        done_in(town, 1)


def test_an_interruption_halts_those_under_way_and_takes_in_what_they_have() -> None:
    class Slow(Town):
        def workers(self) -> frozenset[str]:
            if len(self.busy) == 2:
                interrupted.set()
            return frozenset(self.living)

    interrupted = threading.Event()
    town = Slow(1, workers=2)
    took, again = done_in(town, 5, interrupted)

    assert sorted(took) == [0, 1]
    assert again == []
    assert sorted(town.told) == ["errand-0", "errand-1"]


def test_a_cluster_that_has_lost_all_its_workers_is_not_waited_for_without_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    town = Town(1, workers=0)
    monkeypatch.setattr(dispatch, "_WITHOUT_WORKERS_S", -1.0)

    with pytest.raises(LeakcheckError, match=r"tcp://127.0.0.1:1 has had no workers for"):
        done_in(town, 1)
