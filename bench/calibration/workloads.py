"""Clean workloads with the noise of real libraries, and a leak beside each on demand.

`CALIBRATION_SEED` draws sizes and order anew; `CALIBRATION_LEAK_BYTES` leaks so much an iteration.
"""

import asyncio
import json
import logging
import logging.handlers
import os
import random
import re
import sqlite3
import string
import tempfile
from collections import OrderedDict, deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from functools import lru_cache
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree as ET

import leakcheck

Step = Callable[[], object]
Steps = Generator[Step, None, None]

SEED: Final = os.environ.get("CALIBRATION_SEED", "0")
LEAK_BYTES: Final = float(os.environ.get("CALIBRATION_LEAK_BYTES", "0"))
LINK_BYTES: Final = 48
"""What a link costs: 40 bytes with the collector's header, in a chunk of 48."""


class Link:
    """One link of a chain.

    No tuple: the interpreter keeps freed tuples and hands them out again, and then it is the
    line that first asked for the block that seems to leak.
    """

    __slots__ = ("before",)

    def __init__(self, before: "Link | None") -> None:
        self.before = before


class Leak:
    """A chain that grows by the bytes asked for, a link at a time."""

    def __init__(self, bytes_per_iteration: float) -> None:
        self._rate = bytes_per_iteration / LINK_BYTES
        self._due = 0.0
        self._chain: Link | None = None

    def grow(self) -> None:
        """Add the links that are due after one more iteration."""
        self._due += self._rate
        while self._due >= 1:
            self._due -= 1
            self._chain = Link(self._chain)


def leaking(step: Step) -> Step:
    """Return `step` with the leak asked for; itself where none is."""
    if LEAK_BYTES <= 0:
        return step
    leak = Leak(LEAK_BYTES)

    def both() -> None:
        step()
        leak.grow()

    return both


def drawn() -> random.Random:
    """Return the generator that all sizes and orders come from."""
    return random.Random(SEED)  # noqa: S311 -- sizes


def words(rng: random.Random, most: int) -> str:
    """Return up to `most` random words."""
    chosen = rng.choices(string.ascii_lowercase, k=5 * rng.randint(1, most))
    return " ".join("".join(chosen[k : k + 5]) for k in range(0, len(chosen), 5))


@leakcheck.workload
def documents() -> Steps:
    """Yield: JSON documents written and read, the newest 200 of which are kept."""
    rng, newest = drawn(), deque[object](maxlen=200)

    def step() -> None:
        document = {"id": rng.random(), "tags": [words(rng, 6) for _ in range(rng.randint(0, 8))]}
        newest.append(json.loads(json.dumps(document)))

    yield leaking(step)


@leakcheck.workload
def sessions() -> Steps:
    """Yield: sessions of random size that expire, and are removed when others come."""
    rng = drawn()
    alive: OrderedDict[int, tuple[int, bytes]] = OrderedDict()
    now = 0

    def step() -> None:
        nonlocal now
        now += 1
        alive[now] = (now + 300, bytes(rng.randint(10, 2000)))
        while next(iter(alive.values()))[0] < now:
            alive.popitem(last=False)

    yield leaking(step)


@leakcheck.workload
def table() -> Steps:
    """Yield: rows inserted into SQLite and pruned to the newest 500."""
    rng, database = drawn(), sqlite3.connect(":memory:")
    database.execute("create table event (id integer primary key, text text)")

    def step() -> None:
        database.execute("insert into event (text) values (?)", (words(rng, 40),))
        database.execute("delete from event where id <= (select max(id) from event) - 500")
        database.execute("select count(*) from event").fetchall()

    yield leaking(step)
    database.close()


@leakcheck.workload
def memoised() -> Steps:
    """Yield: calls of a function behind an lru_cache of 512, some arguments far more often."""
    rng = drawn()

    @lru_cache(maxsize=512)
    def render(key: int) -> str:
        return words(random.Random(key), 60)  # noqa: S311 -- sizes

    def step() -> None:
        render(int(20_000 * rng.random() ** 3))

    yield leaking(step)


@leakcheck.workload
def feed() -> Steps:
    """Yield: a feed built and parsed as XML, the newest 30 of which are kept."""
    rng, newest = drawn(), deque[ET.Element](maxlen=30)

    def step() -> None:
        items = "".join(f"<i n='{n}'>{words(rng, 9)}</i>" for n in range(rng.randint(1, 12)))
        newest.append(ET.fromstring(f"<feed>{items}</feed>"))  # noqa: S314 -- our own text

    yield leaking(step)


@leakcheck.workload
def texts() -> Steps:
    """Yield: regular expressions over random text, and a bounded index of what they found."""
    rng, index = drawn(), dict[str, str]()
    pattern = re.compile(r"\b(\w)(\w+)")

    def step() -> None:
        text = words(rng, 80)
        index[text[:2]] = pattern.sub(r"\2\1", text)

    yield leaking(step)


class _Recent(logging.Handler):
    def __init__(self, recent: deque[logging.LogRecord]) -> None:
        super().__init__()
        self._recent = recent

    def emit(self, record: logging.LogRecord) -> None:
        self._recent.append(record)


@leakcheck.workload
def log() -> Steps:
    """Yield: log records of random length in a rotating file, the newest 100 in memory."""
    rng, recent = drawn(), deque[logging.LogRecord](maxlen=100)
    with tempfile.TemporaryDirectory() as folder:
        file = logging.handlers.RotatingFileHandler(
            Path(folder) / "service.log", maxBytes=20_000, backupCount=2
        )
        logger = logging.getLogger("calibration")
        logger.setLevel(logging.INFO)
        logger.addHandler(file)
        logger.addHandler(_Recent(recent))
        yield leaking(lambda: logger.info("%s", words(rng, 30)))
        file.close()


@leakcheck.workload
async def queue() -> AsyncGenerator[Callable[[], Awaitable[None]], None]:
    """Yield: messages of random size through a bounded queue and a consumer of its own pace."""
    rng, waiting = drawn(), asyncio.Queue[bytes](maxsize=50)
    leak = Leak(LEAK_BYTES)

    async def consume() -> None:
        while True:
            await waiting.get()
            for _ in range(rng.randint(0, 3)):
                await asyncio.sleep(0)

    async def step() -> None:
        await waiting.put(bytes(rng.randint(10, 3000)))
        leak.grow()

    consumer = asyncio.create_task(consume())
    yield step
    consumer.cancel()


@leakcheck.workload
def frames() -> Steps:
    """Yield: numpy arrays of random length in a ring of 64, and temporaries made of them."""
    import numpy as np  # noqa: PLC0415 -- the other workloads do without

    rng = drawn()
    ring: list[Any] = [np.zeros(1)] * 64
    at = 0

    def step() -> None:
        nonlocal at
        ring[at] = np.ones(rng.randint(1, 2000))
        at = (at + 1) % len(ring)
        np.concatenate(ring[:5]).sum()

    yield leaking(step)


@leakcheck.workload
def mapped() -> Steps:
    """Yield: objects added, read and deleted through SQLAlchemy, 50 at a time at most."""
    from sqlalchemy import Column, Integer, MetaData, String, Table, create_engine  # noqa: PLC0415

    rng = drawn()
    engine = create_engine("sqlite://")
    notes = Table("note", meta := MetaData(), Column("id", Integer), Column("text", String))
    meta.create_all(engine)
    number = 0

    def step() -> None:
        nonlocal number
        number += 1
        with engine.begin() as connection:
            connection.execute(notes.insert().values(id=number, text=words(rng, 20)))
            connection.execute(notes.select().where(notes.c.id > number - 5)).all()
            connection.execute(notes.delete().where(notes.c.id <= number - 50))

    yield leaking(step)
    engine.dispose()
