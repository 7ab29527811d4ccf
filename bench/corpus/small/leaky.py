"""The core of the leaky workloads: each loses something at every iteration, or nearly."""

import asyncio
import contextvars
import ctypes
import gc
import os
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from bench.corpus.small.registry import Group, dice, leaky

Work = Iterator[Callable[[], None]]

RECEIVED: Final[list[bytes]] = []
ANSWERS: Final[dict[int, str]] = {}
OPEN: Final[list[socket.socket]] = []
FAILURES: Final[list[BaseException]] = []
WAITING: Final[set["asyncio.Task[None]"]] = set()
REQUEST: Final[contextvars.ContextVar[tuple[str, ...]]] = contextvars.ContextVar("request")
OF_THREAD: Final = threading.local()


@leaky(Group.CORE, holder="RECEIVED")
def list_that_keeps_bytes() -> Work:
    """Set up a reader that keeps the 100 bytes or so of every message."""
    rng = dice("list_that_keeps_bytes")
    size = rng.randint(90, 110)

    def read_message() -> None:
        message = rng.randbytes(size)  # leaks here
        if message.count(b"\n") >= 0:
            RECEIVED.append(message)

    yield read_message
    RECEIVED.clear()


@leaky(Group.CORE, holder="ANSWERS")
def dict_keyed_by_a_counter() -> Work:
    """Set up a client that remembers every answer by its request's number."""
    rng = dice("dict_keyed_by_a_counter")
    number = rng.randrange(1_000_000)

    def ask() -> None:
        nonlocal number
        number += 1
        ANSWERS[number] = f"accepted:{rng.randrange(10**6):06d}"  # leaks here

    yield ask
    ANSWERS.clear()


@dataclass(slots=True)
class Bus:
    """Events and who wants to hear of them."""

    callbacks: list[Callable[[str], int]] = field(default_factory=list)

    def publish(self, event: str, last: int) -> int:
        """Return what the last few subscribers made of an event."""
        return sum(callback(event) for callback in self.callbacks[-last:])


BUS: Final = Bus()


@leaky(Group.CORE, holder="BUS")
def callbacks_that_close_over_their_context() -> Work:
    """Set up sessions that subscribe a closure each and never take it back."""
    rng = dice("callbacks_that_close_over_their_context")
    fields = rng.randint(2, 5)

    def open_session() -> None:
        context = {f"field-{n}": rng.random() for n in range(fields)}  # leaks here

        def on_event(event: str) -> int:  # leaks here
            return len(event) + len(context)

        BUS.callbacks.append(on_event)
        BUS.publish("opened", last=3)

    yield open_session
    BUS.callbacks.clear()


class Node:
    """A node that knows its parent, and whose parent knows it."""

    def __init__(self, parent: "Node | None", payload: bytes) -> None:
        self.children: list[Node] = []  # leaks here: cycles_while_collection_is_off
        self.parent = parent
        self.payload = payload
        if parent is not None:
            parent.children.append(self)


@leaky(Group.CORE, holder=None)
def cycles_while_collection_is_off() -> Work:
    """Set up a parser that builds trees with back references, with the collector off."""
    rng = dice("cycles_while_collection_is_off")
    children = rng.randint(1, 4)
    gc.disable()

    def parse() -> None:
        root = Node(None, rng.randbytes(40))  # leaks here
        for _ in range(children):
            Node(root, b"leaf")  # leaks here

    yield parse
    gc.enable()


@leaky(Group.CORE, holder=None, has_line=False)
def malloc_through_ctypes() -> Work:
    """Set up a binding that allocates a small structure in C and forgets to free it."""
    libc = ctypes.CDLL(None)
    libc.malloc.restype = ctypes.c_void_p
    libc.malloc.argtypes = [ctypes.c_size_t]
    libc.free.argtypes = [ctypes.c_void_p]

    def convert() -> None:
        scratch = libc.malloc(256)
        result = libc.malloc(64)  # leaks here
        ctypes.memset(result, 0, 64)
        libc.free(scratch)

    yield convert


@leaky(Group.CORE, holder="OPEN", most_calls=8_000)
def kept_socket() -> Work:
    """Set up probes of a peer: one end of every connection stays open."""
    rng = dice("kept_socket")

    def probe() -> None:
        ours, theirs = socket.socketpair()  # leaks here
        theirs.send(rng.randbytes(16))
        ours.recv(16)
        theirs.close()
        OPEN.append(ours)

    yield probe
    while OPEN:
        OPEN.pop().close()


async def _watch(changed: asyncio.Event, seen: list[int]) -> None:
    await changed.wait()
    seen.append(1)


@leaky(Group.CORE, holder="WAITING")
async def task_that_never_ends() -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Set up requests that each start a watcher of an event which never comes."""
    rng = dice("task_that_never_ends")
    pauses = rng.randint(1, 3)

    async def handle() -> None:
        task = asyncio.create_task(_watch(asyncio.Event(), []))  # leaks here
        WAITING.add(task)
        for _ in range(pauses):
            await asyncio.sleep(0)

    yield handle
    for task in WAITING:
        task.cancel()
    await asyncio.gather(*WAITING, return_exceptions=True)


@leaky(Group.CORE, holder="OF_THREAD")
def thread_local_and_context_variable() -> Work:
    """Set up requests that add to a thread's baggage and to a context's, and reset neither."""
    rng = dice("thread_local_and_context_variable")
    OF_THREAD.trail = []

    def handle() -> None:
        OF_THREAD.trail.append(f"span-{rng.randrange(10**9)}")
        OF_THREAD.token = REQUEST.set((f"id-{rng.randrange(10**9)}",))  # leaks here
        OF_THREAD.trail.append(OF_THREAD.token)

    yield handle
    OF_THREAD.trail.clear()


@leaky(Group.CORE, holder="RECEIVED")
def ten_kilobytes_every_hundredth() -> Work:
    """Set up a buffer of measurements whose every hundredth flush keeps its page."""
    rng = dice("ten_kilobytes_every_hundredth")
    count = rng.randrange(100)
    page = bytearray()

    def measure() -> None:
        nonlocal count
        count += 1
        page.extend(os.urandom(100))
        if count % 100 == 0:
            RECEIVED.append(bytes(page[:10_000]).ljust(10_000))  # leaks here
            page.clear()

    yield measure
    RECEIVED.clear()


class BadRecordError(Exception):
    """A record that cannot be used."""


def _parse(line: str, worker: int) -> int:
    number, _, text = line.partition(" ")
    if not number.isdigit():
        msg = f"worker {worker}: found {text!r}"
        raise BadRecordError(msg)  # leaks here: kept_exceptions_with_frames
    return int(number)


@leaky(Group.CORE, holder="FAILURES")
def kept_exceptions_with_frames() -> Work:
    """Set up a worker that keeps every failure for a report that nobody asks for."""
    rng = dice("kept_exceptions_with_frames")

    def work() -> None:
        line = f"x{rng.random()} text"
        try:
            _parse(line, worker=3)  # leaks here
        except BadRecordError as error:
            FAILURES.append(error)

    yield work
    FAILURES.clear()
