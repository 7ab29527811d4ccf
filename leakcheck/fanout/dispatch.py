"""Errands for the workers of a cluster: one at a time each, and again where a worker dies."""

import queue
import secrets
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from leakcheck.fanout.cluster import Cluster, said
from leakcheck.model.errors import LeakcheckError

_POLL_S: Final = 0.25
_WIND_UP_S: Final = 20.0
"""How long those under way have to come to their end after Ctrl-C."""
_FETCH_S: Final = 120.0
_WITHOUT_WORKERS_S: Final = 60.0
_MOST_DEATHS: Final = 3
"""Workers that one errand may outlive: what kills each of them is likely the errand itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handlers:
    """Who is told: `took` what came back, `again` what has to be done once more.

    Both get the number of the errand, and then the worker. They run in the caller's thread; what
    they raise ends it all.
    """

    took: Callable[[int, "Delivery"], None]
    again: Callable[[int, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What a worker gave for an errand, and how many seconds it had it."""

    worker: str
    content: bytes
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sent:
    number: int
    future: Any
    began_s: float


class Dispatch:
    """Sends `errands` to the workers of `cluster`, each of which does `do` with one at a time.

    `do` is imported on the worker, and gives bytes for bytes; `halt` is called there with an
    errand's name to have it come to its end early. What a worker had under way when it died is
    done again by another; what came back is handed on once and only once.
    """

    def __init__(
        self,
        cluster: Cluster,
        errands: Sequence[tuple[str, bytes]],
        *,
        do: Callable[[bytes], bytes],
        halt: Callable[[str], None],
        handlers: Handlers,
    ) -> None:
        self._cluster = cluster
        self._errands = errands
        self._do, self._halt, self._handlers = do, halt, handlers
        self._waiting = deque(range(len(errands)))
        self._under_way: dict[str, _Sent] = {}
        self._deaths: Counter[int] = Counter()
        self._ended: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._seen_s = time.monotonic()

    def run(self, interrupted: threading.Event) -> None:
        """Return when all is done; a KeyboardInterrupt, or `interrupted`, has it end early.

        Raises:
            LeakcheckError: if the cluster is gone, or an errand outlived too many workers.
        """
        try:
            while (self._waiting or self._under_way) and not interrupted.is_set():
                self._turn()
        except KeyboardInterrupt:
            interrupted.set()
        finally:
            self._wind_up(keep=interrupted.is_set())

    def _turn(self) -> None:
        workers = self._cluster.workers()
        self._note_deaths(workers)
        self._require_somebody(workers)
        for worker in sorted(workers - self._under_way.keys()):
            if self._waiting:
                self._send(worker, self._waiting.popleft())
        self._take_in(_POLL_S)

    def _send(self, worker: str, number: int) -> None:
        name, payload = self._errands[number]
        future = self._cluster.client.submit(
            self._do,
            payload,
            key=f"leakcheck-{name}-{secrets.token_hex(4)}",
            workers=[worker],
            allow_other_workers=False,
            pure=False,
            retries=0,
        )
        self._under_way[worker] = _Sent(number=number, future=future, began_s=time.monotonic())
        future.add_done_callback(lambda _: self._ended.put(worker))

    def _take_in(self, timeout_s: float) -> None:
        """Hand on what came back, waiting for the first of it."""
        try:
            worker = self._ended.get(timeout=timeout_s)
        except queue.Empty:
            return
        sent = self._under_way.get(worker)
        if sent is None or not sent.future.done():
            return  # it was given up meanwhile
        content = self._content(worker, sent)
        if content is not None:
            del self._under_way[worker]
            sent.future.release()
            seconds = time.monotonic() - sent.began_s
            delivery = Delivery(worker=worker, content=content, seconds=seconds)
            self._handlers.took(sent.number, delivery)

    def _content(self, worker: str, sent: _Sent) -> bytes | None:
        """Return what an errand gave, None where it was lost with its worker."""
        error: BaseException | None
        try:
            if sent.future.status == "finished":
                content = sent.future.result(timeout=_FETCH_S)
                if isinstance(content, bytes):
                    return content
                error = TypeError(f"found {type(content).__name__}, wanted bytes")
            else:
                error = sent.future.exception(timeout=_FETCH_S)
        except Exception:  # noqa: BLE001 -- whatever it is: what was done there cannot be had
            self._lose(worker)
            return None
        if type(error).__name__ == "KilledWorker":
            self._lose(worker)
            return None
        msg = f"--cluster: {worker} could not do its part ({said(error) if error else 'nothing'})"
        raise LeakcheckError(msg)

    def _note_deaths(self, workers: frozenset[str]) -> None:
        for worker in self._under_way.keys() - workers:
            self._lose(worker)

    def _lose(self, worker: str) -> None:
        """Put back what a worker had under way when it died."""
        sent = self._under_way.pop(worker)
        sent.future.cancel()
        self._deaths[sent.number] += 1
        if self._deaths[sent.number] >= _MOST_DEATHS:
            name = self._errands[sent.number][0]
            msg = f"--cluster: {name} was under way on {_MOST_DEATHS} workers when they died"
            raise LeakcheckError(msg)
        self._waiting.appendleft(sent.number)
        self._handlers.again(sent.number, worker)

    def _require_somebody(self, workers: frozenset[str]) -> None:
        if workers:
            self._seen_s = time.monotonic()
        elif time.monotonic() - self._seen_s > _WITHOUT_WORKERS_S:
            msg = (
                f"--cluster: {self._cluster.address} has had no workers for "
                f"{_WITHOUT_WORKERS_S:g} s, wanted one or more"
            )
            raise LeakcheckError(msg)

    def _wind_up(self, *, keep: bool) -> None:
        """Have those under way come to their end, and take in what they have if it is kept."""
        if not self._under_way:
            return
        with suppress(LeakcheckError):  # the cluster is gone: that is told already, or soon will be
            for worker, sent in self._under_way.items():
                if sent.future.done():
                    continue
                self._cluster.tell(self._halt, self._errands[sent.number][0], workers=[worker])
        deadline_s = time.monotonic() + _WIND_UP_S
        while keep and self._under_way and time.monotonic() < deadline_s:
            for worker in self._under_way.keys() - self._cluster.workers():
                del self._under_way[worker]
            self._take_in(_POLL_S)
        for sent in self._under_way.values():
            sent.future.cancel()
