"""The census of containers: what grew, how it is held, what is said of its size."""

import collections
import functools
import gc
import sqlite3
import subprocess
import sys
import threading
import types
from array import array
from collections.abc import Callable, Generator, Iterator
from typing import Any

import pytest

from leakcheck.probes import collector
from leakcheck.probes.census import FEWEST_GROWN, Census, describe

Grow = Callable[[int], None]


class Store:
    """Keeps things under a limit that it is given."""

    def __init__(self, max_entries: int) -> None:
        self.max_entries = max_entries
        self.data: dict[int, int] = {}

    def put(self, key: int) -> None:
        self.data[key] = key
        if len(self.data) > self.max_entries:
            self.data.popitem()


class Slotted:
    """Keeps things without a dict of its own."""

    __slots__ = ("items",)

    def __init__(self) -> None:
        self.items: list[int] = []


@pytest.fixture
def module() -> Iterator[Any]:
    """Return a module that is imported as any other, and gone afterwards."""
    made: Any = types.ModuleType("grown_in_a_test")
    sys.modules[made.__name__] = made
    yield made
    del sys.modules[made.__name__]


@pytest.fixture(autouse=True)
def _only_what_the_test_makes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Hide the objects of all the tests before: to search them takes longer than a census may."""
    monkeypatch.setattr(collector, "thaw", lambda: None)
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


def grown(grow: Grow, *, by: int = 500) -> list[dict[str, Any]]:
    """Return what a census tells after `grow` was called so many times."""
    census = Census()
    census.take()
    for number in range(by):
        grow(number)
    return describe(census.take)["containers"] or []


def only(grow: Grow, *, holding: str) -> dict[str, Any]:
    """Return the one container that grew and is held by something of that name."""
    found = [one for one in grown(grow) if holding in " ".join(one["held_by"])]
    assert len(found) == 1, found
    return found[0]


def test_a_list_of_a_module_is_told_with_its_name_and_lengths(module: Any) -> None:
    module.KEPT = [0, 0]
    found = only(module.KEPT.append, holding="KEPT")

    assert found["held_by"] == ["grown_in_a_test.KEPT (module global)", "list of 502"]
    assert (found["before"], found["now"], found["kind"]) == (2, 502, "list")


def test_a_dict_of_plain_values_is_counted_though_the_collector_does_not_list_it(
    module: Any,
) -> None:
    module.SEEN = {-1: 1, -2: 1}
    assert not gc.is_tracked(module.SEEN)
    found = only(lambda n: module.SEEN.__setitem__(n, 1), holding="SEEN")

    assert found["held_by"][-1] == "dict of 502"


def test_a_bytearray_is_a_container_too(module: Any) -> None:
    module.LOG = bytearray(b"..")
    module.OTHER = [module]  # a module of plain values only is not listed itself

    assert only(lambda _: module.LOG.extend(b"line"), holding="LOG")["now"] == 2002


def test_an_array_of_numbers_is_a_container_too(module: Any) -> None:
    module.POINTS = array("d", [0.0, 0.0])

    assert only(lambda _: module.POINTS.append(1.0), holding="POINTS")["now"] == 502


def test_an_instance_is_told_with_its_class_its_numbers_and_its_methods(module: Any) -> None:
    module.STORE = Store(9000)
    module.STORE.data.update({-1: 0, -2: 0})
    found = only(module.STORE.put, holding="STORE")

    assert found["held_by"][1:] == ["Store.data", "dict of 502"]
    assert found["attributes"]["max_entries"] == 9000
    assert "put" in {name for _, _, name in found["codes"]}


def test_slots_and_class_attributes_are_names_too(module: Any) -> None:
    module.SLOTTED = Slotted()
    module.SLOTTED.items += [0, 0]
    registry: Any = type("Registry", (), {"known": {-1: 0, -2: 0}})

    def grow(number: int) -> None:
        module.SLOTTED.items.append(number)
        registry.known[number] = number

    phrases = {" -> ".join(one["held_by"]) for one in grown(grow)}

    assert "grown_in_a_test.SLOTTED (module global) -> Slotted.items -> list of 502" in phrases
    assert any("Registry.known (class attribute) -> dict of 502" in phrase for phrase in phrases)


def test_a_closure_and_a_suspended_generator_hold_too() -> None:
    inside = [0, 0]

    def keep(number: int) -> None:
        inside.append(number)

    def consumer() -> Generator[None, int, None]:
        held = [0, 0]
        while True:
            held.append((yield))

    waiting = consumer()
    next(waiting)

    def grow(number: int) -> None:
        keep(number)
        waiting.send(number)

    phrases = [" -> ".join(one["held_by"]) for one in grown(grow)]

    assert any("(closure, inside) -> list of 502" in phrase for phrase in phrases)
    assert any(
        "consumer (suspended, local variable held) -> list of 502" in phrase for phrase in phrases
    )


def test_what_a_container_declares_itself_is_its_limit(module: Any) -> None:
    module.NEWEST = collections.deque([0, 0], maxlen=700)
    module.remembered = functools.lru_cache(maxsize=4000)(abs)
    module.remembered(1000), module.remembered(2000)

    def grow(number: int) -> None:
        module.NEWEST.append(number)
        module.remembered(number)

    limits = {one["held_by"][0]: one["limit"] for one in grown(grow)}

    assert limits["grown_in_a_test.NEWEST (module global)"] == 700
    assert limits["grown_in_a_test.remembered (module global)"] == 4000


def test_a_container_inside_of_others_is_told_from_its_root(module: Any) -> None:
    module.TREE = {"a": {"b": [0, 0]}}
    found = only(module.TREE["a"]["b"].append, holding="TREE")

    assert found["held_by"] == [
        "grown_in_a_test.TREE (module global)",
        "dict of 1",
        "dict of 1",
        "list of 502",
    ]


def test_a_module_that_gains_names_hides_nothing_that_grows_in_it(module: Any) -> None:
    module.kept = []
    census = Census()
    census.begin()
    for number in range(500):
        module.kept.append(number)
        setattr(module, f"name_{number % 9}", number)
    found = describe(census.take)["containers"]

    assert any("kept" in one["held_by"][0] and one["now"] == 500 for one in found), found


def test_thread_locals_lead_to_their_name(module: Any) -> None:
    module.LOCAL = threading.local()
    module.LOCAL.kept = [0, 0]

    assert only(module.LOCAL.kept.append, holding="LOCAL")["now"] == 502


def test_nothing_of_the_content_is_told(module: Any) -> None:
    module.SECRETS = {"token-in-a-key": ["token-in-a-value"] * 2}
    told = grown(module.SECRETS["token-in-a-key"].append)

    assert "token" not in repr(told)


def test_what_grows_by_less_than_a_few_or_not_at_all_is_left_out(module: Any) -> None:
    module.KEPT = [0, 0]
    told = grown(module.KEPT.append, by=FEWEST_GROWN - 1)

    assert not [one for one in told if "KEPT" in " ".join(one["held_by"])]


def test_the_first_census_has_nothing_to_compare_with() -> None:
    told = describe(Census().take)

    assert (told["containers"], told["piles"]) == ([], [])


def test_a_census_keeps_nothing_alive(module: Any) -> None:
    class Entry:
        pass

    module.KEPT = [Entry(), Entry()]
    grown(lambda _: module.KEPT.append(Entry()), by=10)
    module.KEPT.clear()
    gc.collect()

    assert not [one for one in gc.get_objects() if type(one) is Entry]


def test_a_list_that_an_object_in_c_keeps_under_no_name_is_hidden(module: Any) -> None:
    module.DATABASE = sqlite3.connect(":memory:")
    cursors = [module.DATABASE.cursor() for _ in range(2)]
    told = grown(lambda _: cursors.append(module.DATABASE.cursor()), by=100)
    module.DATABASE.close()
    hidden = {" -> ".join(one["held_by"]) for one in told if one["hidden"]}

    assert not any("cursors" in chain for chain in hidden)
    assert all("Connection" in chain for chain in hidden)


WAITS_FOR_FUTURES = """
import asyncio, gc
from leakcheck.probes.census import Census

async def wait() -> None:
    future = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_soon(future.set_result, None)
    await future

async def main() -> None:
    await asyncio.gather(*(wait() for _ in range(20)))

census = Census()
for _ in range(3):
    asyncio.run(main())
    census.take()
    gc.collect()
"""


def test_a_census_takes_nothing_off_the_free_lists_of_a_module_in_c() -> None:
    # asyncio's module shows its free futures to the collector; touching them hangs 3.12 for good.
    command = [sys.executable, "-c", WAITS_FOR_FUTURES]

    assert subprocess.run(command, check=False, timeout=120).returncode == 0


def test_attributes_are_read_without_running_code_of_the_workloads(module: Any) -> None:
    class Touchy:
        def __init__(self) -> None:
            self.kept = [0, 0]

        def __getattribute__(self, name: str) -> Any:
            if name == "kept":
                return object.__getattribute__(self, name)
            pytest.fail(f"{name} was read through the class's own code")

    module.TOUCHY = Touchy()

    assert only(module.TOUCHY.kept.append, holding="TOUCHY")["now"] == 502
