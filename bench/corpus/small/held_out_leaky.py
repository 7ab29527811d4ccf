"""Leaky workloads that no rule was chosen on: look at the verdicts, not at the code."""

import asyncio
import ctypes
import functools
import logging
import mmap
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from bench.corpus.small.registry import Group, dice, leaky

Work = Iterator[Callable[[], None]]
AsyncWork = AsyncIterator[Callable[[], Awaitable[None]]]

LEVELS: Final[list[int]] = []
SEEN: Final[set[int]] = set()
WATCHED: Final[list["weakref.ref[Document]"]] = []
LISTENERS: Final[dict[str, list[Callable[[], int]]]] = {}
LOCKS: Final[dict[int, asyncio.Lock]] = {}
POOLS: Final[list[ThreadPoolExecutor]] = []
MAPS: Final[list[mmap.mmap]] = []
LATE: Final[list[str]] = []
TRANSCRIPT: Final = bytearray()


@leaky(Group.HELD_OUT, holder="LEVELS")
def small_integers_in_a_list() -> Work:
    """Set up a gauge that notes its level: eight bytes of a list, no object of its own."""
    rng = dice("small_integers_in_a_list")

    def note() -> None:
        sum(rng.random() for _ in range(5))
        LEVELS.append(rng.randrange(100))  # leaks here

    yield note
    LEVELS.clear()


@leaky(Group.HELD_OUT, holder="SEEN")
def identifiers_in_a_set() -> Work:
    """Set up a consumer that remembers every message's number, so as to handle none twice."""
    rng = dice("identifiers_in_a_set")

    def consume() -> None:
        identifier = rng.getrandbits(48)  # leaks here
        if identifier not in SEEN:
            SEEN.add(identifier)

    yield consume
    SEEN.clear()


class Document:
    """A text that may be watched."""

    def __init__(self, text: str) -> None:
        self.text = text


@leaky(Group.HELD_OUT, holder="WATCHED")
def weak_references_with_callbacks() -> Work:
    """Set up watchers that hold their documents weakly, but are never taken off the list."""
    rng = dice("weak_references_with_callbacks")
    closed = [0]

    def edit() -> None:
        document = Document(f"draft {rng.random()}")

        def on_close(_: object) -> None:
            closed[0] += 1

        WATCHED.append(weakref.ref(document, on_close))  # leaks here

    yield edit
    WATCHED.clear()


def _expire(session: str) -> str:
    return session


@leaky(Group.HELD_OUT, holder="_scheduled")
async def timers_far_in_the_future() -> AsyncWork:
    """Set up sessions with a time-out of a day each, which is not cancelled when they end."""
    rng = dice("timers_far_in_the_future")
    loop = asyncio.get_running_loop()

    async def visit() -> None:
        loop.call_later(86_400, _expire, f"session-{rng.getrandbits(64)}")  # leaks here
        await asyncio.sleep(0)

    yield visit


class Widget:
    """Something on a page that wants to know of changes."""

    def __init__(self, number: int) -> None:
        self.number = number

    def refresh(self) -> int:
        """Return what is shown now."""
        return self.number


@leaky(Group.HELD_OUT, holder="LISTENERS")
def subscribers_never_removed() -> Work:
    """Set up pages whose widgets subscribe to one of some topics, one page in three."""
    rng = dice("subscribers_never_removed")
    topics = rng.randint(2, 30)

    def show_page() -> None:
        widgets = [Widget(number) for number in range(4)]  # leaks here
        if rng.random() < 1 / 3:
            topic = f"topic-{rng.randrange(topics)}"
            LISTENERS.setdefault(topic, []).append(widgets[0].refresh)  # leaks here

    yield show_page
    LISTENERS.clear()


class Customer:
    """A customer, whose discount is remembered by a cache that belongs to the class."""

    def __init__(self, orders: list[float]) -> None:
        self.orders = orders

    @functools.cache  # noqa: B019 -- the leak of this case
    def discount(self, share: float) -> float:
        """Return the discount."""
        return sum(self.orders) * share


@leaky(Group.HELD_OUT, holder="Customer.discount")
def cache_of_methods_that_keeps_instances() -> Work:
    """Set up checkouts: each makes a customer and asks twice for the discount."""
    rng = dice("cache_of_methods_that_keeps_instances")

    def check_out() -> None:
        customer = Customer([rng.random() for _ in range(rng.randint(1, 6))])  # leaks here
        customer.discount(0.1)
        customer.discount(0.1)

    yield check_out
    Customer.discount.cache_clear()


@leaky(Group.HELD_OUT, holder=None, has_line=False)
def copies_made_in_c() -> Work:
    """Set up names that C copies; who was given the copy does not know that it has to free it."""
    rng = dice("copies_made_in_c")
    libc = ctypes.CDLL(None)
    libc.strdup.restype = ctypes.c_void_p
    length = rng.randint(20, 200)

    def register() -> None:
        libc.strdup(b"n" * rng.randint(1, length))  # leaks here

    yield register


@leaky(Group.HELD_OUT, holder="POOLS")
def pool_of_threads_every_fortieth() -> Work:
    """Set up exports of which every fortieth is big, and starts a pool that nobody shuts down."""
    rng = dice("pool_of_threads_every_fortieth")
    count = rng.randrange(40)

    def export() -> None:
        nonlocal count
        count += 1
        if count % 40 == 0:
            pool = ThreadPoolExecutor(1)  # leaks here
            pool.submit(sum, range(10)).result()  # leaks here
            POOLS.append(pool)

    yield export
    for pool in POOLS:
        pool.shutdown()


@leaky(Group.HELD_OUT, holder="loggerDict")
def logger_for_every_request() -> Work:
    """Set up requests with a logger of their own name, which logging keeps for ever."""
    rng = dice("logger_for_every_request")
    prefix = f"service.{rng.randrange(100)}"
    number = 0

    def handle() -> None:
        nonlocal number
        number += 1
        logging.getLogger(f"{prefix}.{number}").debug("started")  # leaks here

    yield handle
    logging.Logger.manager.loggerDict.clear()


@leaky(Group.HELD_OUT, holder="MAPS")
def shared_maps_every_twentieth() -> Work:
    """Set up pictures that pass through shared memory; one in twenty is never unmapped."""
    rng = dice("shared_maps_every_twentieth")
    count = rng.randrange(20)

    def draw() -> None:
        nonlocal count
        count += 1
        shared = mmap.mmap(-1, 8_192)  # leaks here
        shared.write(rng.randbytes(5_000))
        if count % 20 == 0:
            MAPS.append(shared)
        else:
            shared.close()

    yield draw
    while MAPS:
        MAPS.pop().close()


@leaky(Group.HELD_OUT, holder="TRANSCRIPT")
def transcript_that_grows() -> Work:
    """Set up a connection whose whole transcript stays in one buffer."""
    rng = dice("transcript_that_grows")
    most = rng.randint(30, 100)

    def exchange() -> None:
        TRANSCRIPT.extend(rng.randbytes(rng.randint(10, most)))  # leaks here

    yield exchange
    TRANSCRIPT.clear()


@leaky(Group.HELD_OUT, holder="LOCKS")
async def lock_for_every_key() -> AsyncWork:
    """Set up updates that each take the lock of their key; locks stay when keys are gone."""
    rng = dice("lock_for_every_key")

    async def update() -> None:
        lock = LOCKS.setdefault(rng.getrandbits(40), asyncio.Lock())  # leaks here
        async with lock:
            await asyncio.sleep(0)

    yield update
    LOCKS.clear()


@leaky(Group.HELD_OUT, holder="LATE", exact_iterations=6_000)
def keeps_from_the_fifteen_hundredth_on() -> Work:
    """Set up an importer that keeps its lines once a quota has been reached."""
    rng = dice("keeps_from_the_fifteen_hundredth_on")
    count = 0

    def read_line() -> None:
        nonlocal count
        count += 1
        line = f"{rng.random()},{rng.random()}"  # leaks here
        if count > 1_500:
            LATE.append(line)

    yield read_line
    LATE.clear()
