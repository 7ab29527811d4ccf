"""What descriptors, threads, tasks and cycles are told as, by the probes that look at them."""

import asyncio
import functools
import gc
import os
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from leakcheck.probes import garbage, inventory, workers
from leakcheck.probes.inventory import grown, look

HERE = Path(__file__).name


@pytest.fixture
def kept() -> Iterator[list[int]]:
    """Return a list of descriptors that are closed in the end."""
    descriptors: list[int] = []
    yield descriptors
    for descriptor in descriptors:
        os.close(descriptor)


@pytest.fixture(autouse=True)
def _all_the_time_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a look take as long as the machine needs."""
    monkeypatch.setattr(inventory, "MOST_S", 600.0)


def more(name: str, make: Callable[[], object]) -> list[list[Any]]:
    """Return what there is more of one kind while what `make` returns is alive."""
    before = look()
    made = make()
    told, remarks = grown(before, look())
    del made
    assert remarks == []
    return told[name]


# -- descriptors ------------------------------------------------------------------------------


def test_files_whose_names_differ_by_numbers_are_one(kept: list[int], tmp_path: Path) -> None:
    def keep() -> None:
        kept.extend(os.open(tmp_path / f"a.{n}.log", os.O_CREAT) for n in range(5))

    ((what, number),) = more("descriptors", keep)

    assert what.startswith("file /")
    assert what.endswith("/a.*.log")
    assert number == 5


def test_files_with_names_at_random_are_one_by_folder_and_ending(
    kept: list[int], tmp_path: Path
) -> None:
    def keep() -> None:
        kept.extend(os.open(tmp_path / f"{name}.tmp", os.O_CREAT) for name in "abcd")

    ((what, number),) = more("descriptors", keep)

    assert what.endswith("/*.tmp")
    assert number == 4


def test_pipes_and_what_has_no_path_are_told_by_kind(kept: list[int]) -> None:
    def keep() -> None:
        kept.extend(os.pipe())
        kept.append(os.eventfd(0))
        kept.append(os.memfd_create("page7"))

    assert more("descriptors", keep) == [["pipe", 2], ["eventfd", 1], ["memfd page* (deleted)", 1]]


@pytest.mark.parametrize(
    ("family", "host", "shown"),
    [(socket.AF_INET, "127.0.0.1", "127.0.0.1"), (socket.AF_INET6, "::1", "[::1]")],
)
def test_sockets_are_told_by_their_peer_and_clients_from_many_ports_are_one(
    family: socket.AddressFamily, host: str, shown: str
) -> None:
    if family == socket.AF_INET6 and not _has_ipv6():
        pytest.skip("this machine has no IPv6")
    with socket.create_server((host, 0), family=family) as server:
        port = server.getsockname()[1]
        pairs: list[socket.socket] = []

        def keep() -> None:
            for _ in range(3):
                pairs.append(socket.create_connection((host, port)))
                pairs.append(server.accept()[0])

        found = more("descriptors", keep)
        for one in pairs:
            one.close()

    assert found == [[f"socket to {shown}", 3], [f"socket to {shown}:{port}", 3]]


def _has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


def test_one_connection_keeps_its_port() -> None:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client,
    ):
        server.bind(("127.0.0.1", 0))
        port = server.getsockname()[1]
        unconnected = look()
        client.connect(("127.0.0.1", port))
        told, _ = grown(unconnected, look())

    assert told["descriptors"] == [[f"datagram socket to 127.0.0.1:{port}", 1]]


def test_unix_sockets_are_told_by_path(tmp_path: Path) -> None:
    path = os.path.relpath(tmp_path / "s")  # the name of a unix socket may not be long
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
        before = look()
        server.bind(path)
        server.listen()
        client.connect(path)
        told, _ = grown(before, look())

    ((what, number),) = told["descriptors"]
    assert what.startswith("unix socket to ")
    assert what.endswith("/s")
    assert number == 1


def test_a_pair_of_sockets_has_no_names() -> None:
    before = look()
    one, other = socket.socketpair()
    with one, other:
        told, _ = grown(before, look())

    assert told["descriptors"] == [["unix socket to an unnamed peer", 2]]


def test_a_socket_without_a_peer_is_told_by_family() -> None:
    before = look()
    with socket.socket():
        told, _ = grown(before, look())

    assert told["descriptors"] == [["IPv4 socket without a peer", 1]]


def test_looking_at_a_socket_leaves_it_as_blocking_as_it_was() -> None:
    with socket.socket() as one:
        socket.setdefaulttimeout(5)
        try:
            look()
        finally:
            socket.setdefaulttimeout(None)

        assert os.get_blocking(one.fileno())


def test_looking_opens_nothing_that_stays() -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    look()

    assert len(list(Path("/proc/self/fd").iterdir())) == before


# -- threads ----------------------------------------------------------------------------------


DONE = threading.Event()


def wait() -> None:
    DONE.wait()


class Worker(threading.Thread):
    def run(self) -> None:
        DONE.wait()


class Waiter:
    def wait(self) -> None:
        DONE.wait()

    def __call__(self) -> None:
        DONE.wait()

    def __getattribute__(self, name: str) -> Any:
        if name != "wait":
            raise AttributeError(name)
        return super().__getattribute__(name)


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda: threading.Thread(target=wait), "wait"),
        (lambda: threading.Thread(target=functools.partial(functools.partial(wait))), "wait"),
        (lambda: threading.Thread(target=Waiter().wait), "Waiter.wait"),
        (lambda: threading.Thread(target=Waiter()), "Waiter.__call__"),
        (lambda: threading.Timer(600, wait), "wait"),
        (Worker, "Worker.run"),
    ],
    ids=["function", "partial", "method", "callable", "timer", "subclass"],
)
def test_a_thread_is_told_by_the_code_that_it_runs(
    make: Callable[[], threading.Thread], name: str
) -> None:
    DONE.clear()
    threads = [make() for _ in range(3)]
    found = more("threads", lambda: list(map(threading.Thread.start, threads)))
    for thread in threads:
        if isinstance(thread, threading.Timer):
            thread.cancel()
    DONE.set()
    for thread in threads:
        thread.join()

    ((what, number),) = found
    assert what.startswith(f"{name} at ")
    assert HERE in what
    assert what.rpartition(":")[2].isdecimal()
    assert number == 3


def test_a_target_written_in_c_is_told_by_name() -> None:
    lock = threading.Lock()
    lock.acquire()
    thread = threading.Thread(target=lock.acquire)
    found = more("threads", thread.start)
    lock.release()
    thread.join()

    assert found == [["acquire (built in)", 1]]


def test_a_thread_that_python_did_not_start_is_told_by_the_name_that_the_system_has() -> None:
    (name,) = workers._foreign(str(threading.get_native_id()))

    assert name.startswith("native thread ")
    assert list(workers._foreign("no such thread")) == []


# -- tasks ------------------------------------------------------------------------------------


class Connection:
    async def pull(self) -> None:
        await asyncio.wait_for(asyncio.Event().wait(), 600)


async def fetch() -> None:
    await Connection().pull()


def tasks_of(*coroutines: Any, turns: int = 3) -> list[list[Any]]:
    """Return what tasks there are more of while these wait."""

    async def main() -> list[list[Any]]:
        before = look()
        tasks = [asyncio.create_task(one) for one in coroutines]
        for _ in range(turns):
            await asyncio.sleep(0)
        told, remarks = grown(before, look())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert remarks == []
        return told["tasks"]

    return asyncio.run(main())


def test_a_task_is_told_by_its_coroutine_and_where_that_waits_outside_of_asyncio() -> None:
    found = [one for one in tasks_of(fetch(), fetch()) if one[0].startswith("fetch")]

    line = Connection.pull.__code__.co_firstlineno + 1
    ((what, number),) = found
    assert what.startswith("fetch waits in Connection.pull() at ")
    assert what.endswith(f"{HERE}:{line}")
    assert number == 2


def test_a_task_that_waits_in_asyncio_alone_is_told_by_that() -> None:
    ((what, number),) = tasks_of(asyncio.sleep(600))

    assert what.startswith("sleep waits in sleep() at ")
    assert number == 1


def test_a_task_that_has_not_begun_says_so() -> None:
    ((what, _),) = tasks_of(fetch(), turns=0)

    assert what.startswith("fetch at ")
    assert what.endswith(", not started")


def test_tasks_that_are_done_are_not_told() -> None:
    assert tasks_of(asyncio.sleep(0)) == []


# -- cycles -----------------------------------------------------------------------------------


class Node:
    me: object


class Closing(Node):
    def __del__(self) -> None: ...


class Meta(type):
    def __hash__(cls) -> int:
        raise RuntimeError

    def __getattribute__(cls, name: str) -> Any:
        raise RuntimeError


@pytest.fixture
def uncollected() -> Iterator[None]:
    """Have nobody collect, and what other tests left behind looked at by nobody."""
    gc.collect()
    gc.freeze()
    gc.disable()
    yield
    gc.enable()
    gc.unfreeze()


def lose(kind: Callable[[], Any], times: int) -> None:
    for _ in range(times):
        one = kind()
        object.__setattr__(one, "me", [one])


@pytest.mark.usefixtures("uncollected")
def test_cycles_are_told_by_type_and_whether_it_has_a_finalizer_or_is_written_in_c() -> None:
    lose(Node, 30)
    lose(Closing, 20)
    collected, freed, remark = garbage.freed_by(gc.collect)

    assert collected >= 100
    assert freed[f"{__name__}.Node"] == 30
    assert freed[f"{__name__}.Closing (__del__)"] == 20
    assert freed["list (C type)"] >= 50
    assert remark is None


@pytest.mark.usefixtures("uncollected")
def test_tuples_that_live_on_are_not_taken_for_freed() -> None:
    living = [(number, str(number)) for number in range(1_000)]
    lose(Node, 10)
    _, freed, _ = garbage.freed_by(gc.collect)

    assert len(living) == 1_000
    assert freed["tuple (C type)"] < 100
    assert freed[f"{__name__}.Node"] == 10


@pytest.mark.usefixtures("uncollected")
def test_a_metaclass_is_asked_nothing() -> None:
    made = Meta("Made", (), {"__module__": "jobs", "__slots__": ("me",)})
    new: Any = object.__new__
    lose(functools.partial(new, made), 5)
    _, freed, remark = garbage.freed_by(gc.collect)

    assert remark is None
    assert freed["jobs.Made"] == 5


def test_where_the_collector_is_on_nothing_is_counted() -> None:
    assert garbage.freed_by(lambda: 7) == (7, Counter(), None)


@pytest.mark.usefixtures("uncollected")
def test_too_many_objects_are_left_out_with_a_remark(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(garbage, "MOST_OBJECTS", 10)
    collected, freed, remark = garbage.freed_by(lambda: 7)

    assert (collected, freed) == (7, Counter())
    assert remark == "the types in cycles could not be told: TooManyError"
