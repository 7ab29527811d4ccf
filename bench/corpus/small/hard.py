"""The hard cases: leaks that are rare or lie under noise, and containers that take long to fill."""

import os
import queue
import random
import sqlite3
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from bench.corpus.small.registry import Group, clean, dice, leaky

Work = Iterator[Callable[[], None]]

DESCRIPTORS: Final[list[int]] = []
PAGES: Final[list[bytes]] = []
KEPT: Final[list[bytes]] = []
PROFILES: Final[OrderedDict[int, dict[str, int]]] = OrderedDict()
MOST_PROFILES: Final = 50_000


@leaky(Group.HARD, holder="DESCRIPTORS")
def descriptor_every_tenth() -> Work:
    """Set up readers of a file, one in ten of which takes the path that does not close it."""
    rng = dice("descriptor_every_tenth")
    count = rng.randrange(10)

    def read() -> None:
        nonlocal count
        count += 1
        descriptor = os.open(os.devnull, os.O_RDONLY)  # leaks here
        if os.read(descriptor, 64) or count % 10:
            os.close(descriptor)
        else:
            DESCRIPTORS.append(descriptor)

    yield read
    while DESCRIPTORS:
        os.close(DESCRIPTORS.pop())


@leaky(Group.HARD, holder="PAGES")
def eight_kilobytes_every_thousandth() -> Work:
    """Set up counters that keep a page of statistics every thousandth time."""
    rng = dice("eight_kilobytes_every_thousandth")
    count = rng.randrange(1_000)

    def account() -> None:
        nonlocal count
        count += 1
        sum(rng.random() for _ in range(10))
        if count % 1_000 == 0:
            PAGES.append(rng.randbytes(8_000))  # leaks here

    yield account
    PAGES.clear()


@leaky(Group.HARD, holder="PAGES")
def twenty_kilobytes_at_random() -> Work:
    """Set up uploads of which one in 300, at random, fails and leaves its buffer behind."""
    rng = dice("twenty_kilobytes_at_random")

    def upload() -> None:
        body = rng.randbytes(200)
        if rng.random() < 1 / 300:
            PAGES.append(body * 100)  # leaks here

    yield upload
    PAGES.clear()


class Churn:
    """Buffers of random size that live for a random time: they leave holes in the heap."""

    def __init__(self, rng: random.Random, slots: int) -> None:
        self._rng = rng
        self._slots: list[bytes | None] = [None] * slots

    def step(self) -> None:
        """Replace some buffers."""
        for _ in range(4):
            size = int(self._rng.lognormvariate(6, 1.2))
            self._slots[self._rng.randrange(len(self._slots))] = bytes(min(size, 200_000))


@leaky(Group.HARD, holder="KEPT")
def hundred_bytes_under_fragmentation() -> Work:
    """Set up a proxy whose buffers come and go, and that keeps 100 bytes of each request."""
    rng = dice("hundred_bytes_under_fragmentation")
    churn = Churn(rng, slots=rng.randint(200, 2_000))

    def forward() -> None:
        churn.step()
        KEPT.append(rng.randbytes(100))  # leaks here

    yield forward
    KEPT.clear()


def _profile_of(user: int) -> dict[str, int]:
    profile = PROFILES.get(user)
    if profile is None:
        profile = PROFILES[user] = {"user": user, "visits": 0}
        if len(PROFILES) > MOST_PROFILES:
            PROFILES.popitem(last=False)
    else:
        PROFILES.move_to_end(user)
    profile["visits"] += 1
    return profile


@clean(Group.HARD)
def recent_fifty_thousand() -> Work:
    """Set up a cache of 50,000 users; how many an iteration asks for is the seed's."""
    rng = dice("recent_fifty_thousand")
    batch = rng.randint(1, 8)
    users = rng.randint(60_000, 300_000)

    def look_up() -> None:
        for _ in range(batch):
            _profile_of(rng.randrange(users))

    yield look_up
    PROFILES.clear()


class Backend:
    """A pool and a database that open when they are first needed."""

    def __init__(self, folder: str, workers: int) -> None:
        self._path = Path(folder) / "orders.db"
        self._workers = workers
        self._pool: ThreadPoolExecutor | None = None
        self._database: sqlite3.Connection | None = None

    @property
    def pool(self) -> ThreadPoolExecutor:
        """Return the pool, started if it is not."""
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self._workers)
        return self._pool

    @property
    def database(self) -> sqlite3.Connection:
        """Return the database, opened if it is not."""
        if self._database is None:
            self._database = sqlite3.connect(self._path, check_same_thread=False)
            self._database.execute("CREATE TABLE totals (day INTEGER PRIMARY KEY, total REAL)")
        return self._database

    def close(self) -> None:
        """Close what has been opened."""
        if self._pool is not None:
            self._pool.shutdown()
        if self._database is not None:
            self._database.close()


@clean(Group.HARD)
def pool_and_database_opened_lazily() -> Work:
    """Set up a service whose pool and database open at some later iteration."""
    rng = dice("pool_and_database_opened_lazily")
    opens_at = rng.randint(0, 1_500)
    count = 0
    with tempfile.TemporaryDirectory() as folder:
        backend = Backend(folder, rng.randint(2, 8))

        def handle() -> None:
            nonlocal count
            count += 1
            if count < opens_at:
                return
            total = backend.pool.submit(sum, range(rng.randint(1, 50))).result()
            backend.database.execute("SELECT total FROM totals WHERE day = ?", (total,)).fetchone()

        yield handle
        backend.close()


@clean(Group.HARD)
def thread_with_a_bounded_queue() -> Work:
    """Set up a writer in the background, fed through a queue that holds a limited number."""
    rng = dice("thread_with_a_bounded_queue")
    waiting: queue.Queue[bytes | None] = queue.Queue(maxsize=rng.randint(50, 500))
    written = [0]

    def write() -> None:
        while (line := waiting.get()) is not None:
            written[0] += len(line)

    writer = threading.Thread(target=write, daemon=True)
    writer.start()

    def put() -> None:
        waiting.put(rng.randbytes(rng.randint(10, 200)))

    yield put
    waiting.put(None)
    writer.join()


class RefusedError(Exception):
    """A request that was refused; it remembers what it was caused by."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.history: list[BaseException] = [self]


def _request(load: float) -> None:
    reason = f"refused under a load of {load}"
    raise RefusedError(reason)


@clean(Group.HARD)
def cycles_of_exceptions() -> Work:
    """Set up retries whose exceptions refer to themselves through frames and history."""
    rng = dice("cycles_of_exceptions")
    attempts = rng.randint(1, 4)

    def attempt() -> None:
        failures: list[BaseException] = []
        for _ in range(attempts):
            try:
                _request(rng.random())
            except RefusedError as error:
                failures.append(error)
                error.history.extend(failures)

    yield attempt
