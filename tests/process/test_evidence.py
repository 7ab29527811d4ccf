"""What the total of the heap alone cannot tell: who holds it, when it ends, who lost it."""

import pytest

from leakcheck.model.run_record import RunRecord
from leakcheck.model.verdict import Diagnosis, Verdict
from tests.process.command import Desk, Ran

FULL = 3_000
BEFORE_FULL = 2_500

KEPT = """
SEEN = []
def tick():
    SEEN.append(bytearray(1_000))
"""

NUMBERED = """
import itertools
NUMBERS = itertools.count()
BY_NUMBER = {}
def tick():
    BY_NUMBER[next(NUMBERS)] = None
"""

BOUNDED = f"""
import functools, itertools
from collections import OrderedDict, deque

NUMBERS = itertools.count()
MOST = {FULL}

class Recent:
    def __init__(self):
        self.entries = OrderedDict()

    def put(self, key, value):
        self.entries[key] = value
        self.entries.move_to_end(key)
        if len(self.entries) > MOST:
            self.entries.popitem(last=False)

RECENT = Recent()
LATEST = deque(maxlen={FULL})

@functools.lru_cache(maxsize={FULL})
def drawn(key):
    return bytearray(200)

def ordered():
    RECENT.put(next(NUMBERS), bytearray(200))

def ring():
    LATEST.append(bytearray(200))

def cached():
    drawn(next(NUMBERS))
"""

SUBSCRIBED = """
class Registry:
    def __init__(self):
        self.listeners = {}

    def subscribe(self, listener):
        self.listeners[id(listener)] = listener

    def unsubscribe(self, listener):
        del self.listeners[id(listener)]

class Screen:
    def __init__(self):
        self.text = bytearray(200)

    def refresh(self):
        self.text.clear()

REGISTRY = Registry()

def tick():
    REGISTRY.subscribe(Screen())
"""

RARE = """
import leakcheck

@leakcheck.workload
def tick():
    done, kept = 0, []

    def step():
        nonlocal done
        done += 1
        if done % 1_000 == 0:
            kept.append(bytearray(8_000))

    yield step
"""

DRAINED = """
import threading, time
from collections import deque

WAITING = deque()

def work():
    while True:
        time.sleep(0.05)
        if WAITING:
            WAITING.popleft()

threading.Thread(target=work, daemon=True).start()

def tick():
    WAITING.append(bytearray(2_000))
    WAITING.append(bytearray(2_000))
"""

CYCLES = """
import gc
gc.disable()

class Node:
    pass

def tick():
    node = Node()
    node.me = node
"""

LOST = """
import ctypes

ask = ctypes.pythonapi.PyMem_RawMalloc
ask.argtypes, ask.restype = [ctypes.c_size_t], ctypes.c_void_p
hold = ctypes.pythonapi.Py_IncRef
hold.argtypes, hold.restype = [ctypes.py_object], None

def memory():
    ask(200)

def reference():
    hold(bytes(200))
"""

HOSTILE = """
class Hostile:
    def _refuse(self, *others):
        raise RuntimeError("not for you")

    def __init__(self):
        object.__setattr__(self, "room", bytearray(200))

    __getattribute__ = __len__ = __eq__ = __hash__ = __bool__ = __repr__ = __iter__ = _refuse
    __class__ = property(_refuse)

class HostileList(list):
    def _refuse(self, *others):
        raise RuntimeError("not for you")

    __getattribute__ = __len__ = __eq__ = __bool__ = __repr__ = __iter__ = _refuse
    __class__ = property(_refuse)

KEPT = HostileList()

def tick():
    list.append(KEPT, Hostile())
"""

FLAT = """
def tick():
    bytearray(100)
"""


def run(desk: Desk, text: str, name: str, *options: str) -> RunRecord:
    """Return the record of one workload of jobs.py."""
    return _ran(desk, text, name, *options).record


def _ran(desk: Desk, text: str, name: str, *options: str) -> Ran:
    desk.write("jobs.py", text)
    return desk.run(f"jobs.py:{name}", *options)


def test_a_list_that_keeps_all_is_a_leak_at_2000_iterations_and_its_global_is_named(
    desk: Desk,
) -> None:
    ran = _ran(desk, KEPT, "tick")
    found = ran.record.judgement

    assert found.verdict is Verdict.LEAK, found.reason
    assert "cannot see" not in ran.out
    assert found.iterations == 2_000
    assert found.diagnosis == (Diagnosis.PYTHON_OBJECTS,)
    assert found.held_by[0].startswith("jobs.SEEN (module global)")


def test_a_dict_with_a_key_an_iteration_is_a_leak_though_its_table_grows_in_steps(
    desk: Desk,
) -> None:
    found = run(desk, NUMBERED, "tick").judgement

    assert found.verdict is Verdict.LEAK, found.reason
    assert found.iterations <= 4_000
    assert found.held_by[0].startswith("jobs.BY_NUMBER (module global)")


@pytest.mark.parametrize("name", ["ordered", "ring", "cached"])
def test_what_fills_up_to_its_limit_is_no_leak_and_the_limit_is_told(desk: Desk, name: str) -> None:
    found = run(desk, BOUNDED, name, "--iterations", str(BEFORE_FULL)).judgement

    assert found.verdict is Verdict.INCONCLUSIVE, found.reason
    assert found.diagnosis == (Diagnosis.STILL_FILLING,)
    assert f"{BEFORE_FULL:,} of the {FULL:,} entries" in found.reason
    assert len(found.held_by) == 1


@pytest.mark.slow
def test_what_has_filled_up_is_clean_in_a_run_of_the_usual_length(desk: Desk) -> None:
    found = run(desk, BOUNDED, "ordered").judgement

    assert found.verdict is Verdict.CLEAN, found.reason
    assert found.iterations > FULL


@pytest.mark.slow
def test_a_removal_that_is_never_called_does_not_excuse_a_leak(desk: Desk) -> None:
    found = run(desk, SUBSCRIBED, "tick").judgement

    assert found.verdict is Verdict.LEAK, found.reason
    assert "jobs.REGISTRY" in found.held_by[0]


def test_a_buffer_kept_once_in_a_thousand_iterations_is_not_clean_early(desk: Desk) -> None:
    found = run(desk, RARE, "tick", "--iterations", "2000").judgement

    assert found.verdict is not Verdict.CLEAN, found.reason


@pytest.mark.slow
def test_a_buffer_kept_once_in_a_thousand_iterations_is_a_leak_in_the_end(desk: Desk) -> None:
    found = run(desk, RARE, "tick").judgement

    assert found.verdict is Verdict.LEAK, found.reason


@pytest.mark.slow
def test_what_piles_up_behind_a_thread_that_is_too_slow_is_a_backlog(desk: Desk) -> None:
    found = run(desk, DRAINED, "tick").judgement

    assert found.verdict is Verdict.LEAK, found.reason
    assert found.diagnosis[0] is Diagnosis.BACKLOG
    assert "left idle, the process gave back" in found.reason


def test_cycles_that_nobody_collects_are_told_as_such(desk: Desk) -> None:
    found = run(desk, CYCLES, "tick").judgement

    assert found.verdict is Verdict.LEAK, found.reason
    assert found.diagnosis == (Diagnosis.UNCOLLECTED_CYCLES,)


@pytest.mark.parametrize("name", ["memory", "reference"])
def test_what_native_code_lost_is_held_by_nothing(desk: Desk, name: str) -> None:
    found = run(desk, LOST, name).judgement

    assert found.verdict is Verdict.LEAK, found.reason
    assert found.diagnosis == (Diagnosis.NATIVE_HEAP,)
    assert found.held_by == ()


def test_objects_that_refuse_to_be_looked_at_are_measured_all_the_same(desk: Desk) -> None:
    found = run(desk, HOSTILE, "tick").judgement

    assert found.verdict is Verdict.LEAK, found.reason
    assert found.held_by[0].startswith("jobs.KEPT (module global)")


def test_clean_says_what_it_cannot_see(desk: Desk) -> None:
    ran = _ran(desk, FLAT, "tick", "--json", "verdicts.json")
    (told,) = desk.json()["verdicts"]
    spots = ran.record.judgement.cannot_see

    assert told["verdict"] == "CLEAN", ran.out
    assert "events rarer than 1 in" in spots
    assert told["cannot_see"] == spots
    assert f"cannot see: {spots}" in ran.out
