"""Who holds what leaks, by the name that a reader knows it by: from a real run to its record."""

import pytest

from leakcheck.model.verdict import Judgement, Verdict
from tests.process.command import QUICK, Desk

JOBS = """
import asyncio, atexit, contextvars, ctypes, functools, gc, itertools, logging, queue, sys
import threading, types, weakref
from collections import OrderedDict, deque

import leakcheck

NUMBERS = itertools.count()

class Tick:
    def __init__(self):
        self.payload = bytearray(500)

# -- containers, and what they gain

SEEN = []
def instances():
    SEEN.append(Tick())

PAIRS = {}
def tuples_in_a_dict():
    PAIRS[next(NUMBERS)] = ("name", bytes(300))

NESTED = {"by": {"day": []}}
def deep_inside():
    NESTED["by"]["day"].append(f"{next(NUMBERS):0300}")

class Widget:
    def __init__(self):
        self.text = bytearray(300)

    def refresh(self):
        pass

LISTENERS = deque()
def bound_methods():
    LISTENERS.append(Widget().refresh)

CALLBACKS = []
def closures():
    context = bytearray(400)
    CALLBACKS.append(lambda: context)

def partials():
    CALLBACKS.append(functools.partial(print, bytearray(400)))

ERRORS = []
def exceptions():
    try:
        big = bytearray(2_000)
        raise ValueError(len(big))
    except ValueError as error:
        ERRORS.append(error)

class Registry:
    known = {}

def class_attribute():
    Registry.known[next(NUMBERS)] = Tick()

def default_argument(cache=[]):
    cache.append(Tick())

@leakcheck.workload
def in_a_closure():
    kept = []

    def step():
        kept.append(Tick())

    yield step

class Slotted:
    __slots__ = ("items",)

    def __init__(self):
        self.items = []

SLOTTED = Slotted()
def in_a_slot():
    SLOTTED.items.append(Tick())

@functools.lru_cache(maxsize=None)
def looked_up(number):
    return Tick()

def cached():
    looked_up(next(NUMBERS))

LOG = logging.getLogger("jobs")
def handlers():
    LOG.addHandler(logging.NullHandler())

def modules():
    made = types.ModuleType(f"made_{next(NUMBERS)}")
    made.content = bytearray(200)
    sys.modules[made.__name__] = made

LIVING, WEAKLY = [], weakref.WeakKeyDictionary()
def also_held_weakly():
    tick = Tick()
    LIVING.append(tick)
    WEAKLY[tick] = None

class Lazy:
    cache = None

LAZY = Lazy()
def made_at_the_first_call():
    if LAZY.cache is None:
        LAZY.cache = {}
    LAZY.cache[next(NUMBERS)] = Tick()

# -- roots that are no module, class or function

OF_THREAD = threading.local()
OF_THREAD.trail = []
def thread_local():
    OF_THREAD.trail.append(Tick())

REQUEST = contextvars.ContextVar("request")
REQUEST.set([])
def context_variable():
    REQUEST.get().append(Tick())

@leakcheck.workload
async def task():
    inbox = asyncio.Queue()

    async def worker():
        kept = []
        while True:
            kept.append(await inbox.get())

    running = asyncio.create_task(worker())

    async def step():
        inbox.put_nowait(Tick())
        await asyncio.sleep(0)

    yield step
    running.cancel()

def pump(inbox):
    kept = []
    while True:
        kept.append(inbox.get())

@leakcheck.workload
def thread():
    inbox = queue.SimpleQueue()
    threading.Thread(target=pump, args=(inbox,), daemon=True).start()
    yield lambda: inbox.put(Tick())

@leakcheck.workload
def generator():
    def collect():
        kept = []
        while True:
            kept.append((yield))

    waiting = collect()
    next(waiting)
    yield lambda: waiting.send(Tick())

# -- objects in no container

class Node:
    def __init__(self, following):
        self.following = following

HEAD = None
def linked():
    global HEAD
    HEAD = Node(HEAD)

class Leaf:
    __slots__ = ("parent",)

LEAF = [None]
def linked_by_slots():
    leaf = Leaf()
    leaf.parent, LEAF[0] = LEAF[0], leaf

class Ring:
    def __init__(self):
        self.head = Node(None)
        self.head.before = self.head.following = self.head

    def add(self):
        node = Node(self.head)
        node.before = self.head.before
        node.before.following = self.head.before = node

RING = Ring()
def linked_both_ways():
    RING.add()

CHAIN = lambda: None
def nested_closures():
    global CHAIN
    inner = CHAIN
    CHAIN = lambda: inner()

STREAM = iter(())
def nested_generators():
    global STREAM

    def more(stream):
        yield 1
        yield from stream

    STREAM = more(STREAM)
    next(STREAM)

STEP = None
def nested_partials():
    global STEP
    STEP = functools.partial(print, STEP)

LAST = None
def chained_exceptions():
    global LAST
    error = ValueError()
    error.__context__, LAST = LAST, error

class Branch:
    def __init__(self):
        self.below = []

TOP = Branch()
NEWEST = [TOP]
def tree():
    branch = Branch()
    NEWEST[0].below.append(branch)
    NEWEST[0] = branch

@leakcheck.workload
def linked_in_a_thread():
    inbox, done = queue.SimpleQueue(), queue.SimpleQueue()

    def link():
        head = None
        while True:
            inbox.get()
            head = Node(head)
            done.put(None)

    threading.Thread(target=link, daemon=True).start()
    yield lambda: (inbox.put(None), done.get())

# -- out of the collector's sight

keep = ctypes.pythonapi.Py_IncRef
keep.argtypes, keep.restype = [ctypes.py_object], None

def lost_reference():
    keep(Tick())

def at_exit():
    atexit.register(print, bytearray(200))

class Parser:
    def __del__(self):
        pass

@leakcheck.workload
def cycles():
    gc.disable()

    def step():
        parser = Parser()
        parser.handlers = [parser]

    yield step
"""

TICK = "jobs.Tick.payload -> bytearray of 500"
HELD = {
    "instances": f"jobs.SEEN (module global) -> list of 300 -> {TICK}",
    "tuples_in_a_dict": "jobs.PAIRS (module global) -> dict of 300 -> tuple of 2 -> bytes of 300",
    "deep_inside": (
        "jobs.NESTED (module global) -> dict of 1 -> dict of 1 -> list of 300 -> str of 300"
    ),
    "bound_methods": (
        "jobs.LISTENERS (module global) -> collections.deque of 300 -> "
        "method jobs.Widget.refresh -> jobs.Widget.text -> bytearray of 300"
    ),
    "closures": (
        "jobs.CALLBACKS (module global) -> list of 300 -> "
        "closure jobs.closures.<locals>.<lambda> (context) -> bytearray of 400"
    ),
    "partials": (
        "jobs.CALLBACKS (module global) -> list of 300 -> partial of print (args) -> "
        "tuple of 1 -> bytearray of 400"
    ),
    "class_attribute": f"jobs.Registry.known (class attribute) -> dict of 300 -> {TICK}",
    "default_argument": (
        f"jobs.default_argument (default argument cache) -> list of 300 -> {TICK}"
    ),
    "in_a_closure": f"in_a_closure (suspended, local variable kept) -> list of 300 -> {TICK}",
    "in_a_slot": f"jobs.SLOTTED (module global) -> Slotted.items -> list of 300 -> {TICK}",
    "cached": (
        "jobs.looked_up (module global) -> cache of jobs.looked_up() -> dict of 300 -> " + TICK
    ),
    "handlers": (
        "jobs.LOG (module global) -> Logger.handlers -> list of 300 -> logging.NullHandler"
    ),
    "modules": "sys.modules (module global) -> dict of ",
    "also_held_weakly": f"jobs.LIVING (module global) -> list of 300 -> {TICK}",
    "made_at_the_first_call": (f"jobs.LAZY (module global) -> Lazy.cache -> dict of 300 -> {TICK}"),
    "thread_local": (
        f"jobs.OF_THREAD (module global) -> thread-local.trail -> list of 300 -> {TICK}"
    ),
    "context_variable": f"context variable request -> list of 300 -> {TICK}",
    "task": "task of task.<locals>.worker() -> local variable kept -> list of ",
    "thread": "thread running pump() -> local variable kept -> list of ",
    "generator": "generator.<locals>.collect (suspended, local variable kept) -> list of 300",
    "linked": "jobs.HEAD (module global) -> jobs.Node.following -> ... -> jobs.Node (x 300)",
    "linked_by_slots": (
        "jobs.LEAF (module global) -> list of 1 -> jobs.Leaf.parent -> ... -> jobs.Leaf (x 300)"
    ),
    "linked_both_ways": "jobs.RING (module global) -> Ring.head -> Node.",
    "nested_closures": (
        "jobs.CHAIN (module global) -> closure jobs.nested_closures.<locals>.<lambda> (inner) -> "
        "... -> closure jobs.nested_closures.<locals>.<lambda> (x 300)"
    ),
    "nested_generators": (
        "jobs.STREAM (module global) -> generator nested_generators.<locals>.more() -> ... -> "
        "generator nested_generators.<locals>.more() (x 300)"
    ),
    "nested_partials": (
        "jobs.STEP (module global) -> partial of print (args) -> ... -> partial of print (x 300)"
    ),
    "chained_exceptions": (
        "jobs.LAST (module global) -> ValueError.__context__ -> ... -> ValueError (x 300)"
    ),
    "tree": "jobs.TOP (module global) -> Branch.below -> list of 1 -> ",
    "linked_in_a_thread": (
        "thread running linked_in_a_thread.<locals>.link() -> local variable head -> "
        "jobs.Node.following -> ... -> jobs.Node (x "
    ),
    "lost_reference": "held from C -> jobs.Tick (x 300) -> bytearray of 500",
    "at_exit": "held from C: registered with atexit",
    "cycles": (
        "held by nothing but each other: the collector is off; jobs.Parser defines __del__ -> "
        "jobs.Parser (x 300)"
    ),
}


def leak(desk: Desk, name: str, *options: str) -> Judgement:
    """Return the judgement on a workload of jobs.py, which is a LEAK."""
    desk.write("jobs.py", JOBS)
    found = desk.run(f"jobs.py:{name}", *(options or QUICK)).record
    assert found.judgement.verdict is Verdict.LEAK, found.judgement.reason
    assert found.measurement.notes == ()
    return found.judgement


@pytest.mark.parametrize("name", HELD)
def test_the_first_chain_names_what_holds_the_leak(desk: Desk, name: str) -> None:
    first = leak(desk, name).held_by[0]

    assert first.replace("301", "300").startswith(HELD[name]), first
