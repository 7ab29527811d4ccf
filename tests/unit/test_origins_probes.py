"""Who opened what: places in the code, numbers of descriptors, and the hook between them."""

import os
import socket
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest

from leakcheck.probes import openers, places
from leakcheck.probes.audit import Audit
from leakcheck.probes.openers import Openers, link_of, open_now
from leakcheck.probes.origins import Origins
from leakcheck.probes.places import MOST_PLACES, Places, mapped
from leakcheck.probes.starters import Starters

HERE = Path(__file__).name
PACKAGE = str(Path(places.__file__).parent.parent)
PLACE = 7


@pytest.fixture
def iterations() -> memoryview:
    """Return the one cell that says how many iterations are completed."""
    return memoryview(bytearray(8)).cast("Q")


@pytest.fixture
def opened(iterations: memoryview) -> Openers:
    return Openers(iterations)


@pytest.fixture
def kept() -> Iterator[list[int]]:
    """Return a list of descriptors that are closed in the end."""
    descriptors: list[int] = []
    yield descriptors
    for descriptor in descriptors:
        os.close(descriptor)


# -- places -----------------------------------------------------------------------------------


def frame_of(file: str, line: int = 1) -> FrameType:
    """Return the frame of code that says it is on some line of some file."""
    code: CodeType = compile("frame = sys._getframe()", file, "exec").replace(co_firstlineno=line)
    names: dict[str, Any] = {"sys": sys}
    exec(code, names)  # noqa: S102 -- a frame of a file of any name
    frame: FrameType = names["frame"]
    return frame


def test_a_place_has_one_number_and_leads_back_to_its_lines() -> None:
    known = Places()

    def here() -> int:
        return known.number_of(sys._getframe())

    first, second = [here() for _ in range(2)]
    file, line, function = known.stack(first)[0]

    assert first == second > 0
    assert (Path(file).name, function) == (HERE, "here")
    assert line == here.__code__.co_firstlineno + 1
    assert known.stack(first)[1][2] != "here"


def test_two_lines_are_two_places() -> None:
    known = Places()

    assert known.number_of(frame_of("a.py")) != known.number_of(frame_of("a.py", 2))


@pytest.mark.parametrize(
    "file", [f"{PACKAGE}/run/child/loop.py", "<frozen importlib._bootstrap_external>"]
)
def test_what_the_harness_or_an_import_does_is_no_place(file: str) -> None:
    assert Places().number_of(frame_of(file)) == 0


def test_no_more_places_are_kept_than_there_is_room_for() -> None:
    known = Places()
    lines = [*range(1, MOST_PLACES + 9), 1]
    numbers = [known.number_of(frame_of("a.py", line)) for line in lines]

    assert len({*numbers}) <= MOST_PLACES + 1
    assert numbers[-2] == 0
    assert numbers[-1] == numbers[0] > 0


def test_mapped_cells_begin_as_zeros_and_hold_what_they_are_given() -> None:
    cells = mapped("Q", 3)
    cells[2] = (1 << 64) - 1

    assert list(cells) == [0, 0, (1 << 64) - 1]
    assert len(mapped("B", 5)) == 5


# -- numbers ----------------------------------------------------------------------------------


def by(known: Openers, number: int) -> int | None:
    """Return the place that opened a descriptor, None where nobody heard."""
    found = known.opened_by(number, link_of(number))
    return None if found is None else found[0]


def test_the_next_descriptor_is_of_who_said_so(
    opened: Openers, iterations: memoryview, kept: list[int]
) -> None:
    iterations[0] = 41
    opened.expect(PLACE, "null")
    kept.append(os.open(os.devnull, os.O_RDONLY))

    assert opened.opened_by(kept[0], link_of(kept[0])) == (PLACE, 41)


def test_what_got_its_number_after_it_is_nobodys(
    opened: Openers, kept: list[int], tmp_path: Path
) -> None:
    opened.expect(PLACE, "null")
    os.close(os.open(os.devnull, os.O_RDONLY))
    kept.append(os.open(tmp_path / "other", os.O_CREAT))
    one, other = os.pipe()
    kept += [one, other]
    opened.expect(PLACE, "", is_socket=True)
    kept.append(os.eventfd(0))

    assert [by(opened, number) for number in kept] == [None] * 4


def test_a_file_that_was_deleted_or_never_had_a_name_is_still_known(
    opened: Openers, tmp_path: Path
) -> None:
    path = tmp_path / "page.log"
    opened.expect(PLACE, "page.log")
    with path.open("w") as file:
        path.unlink()
        assert by(opened, file.fileno()) == PLACE
    opened.expect(PLACE, tmp_path.name)
    with tempfile.TemporaryFile(dir=tmp_path) as unnamed:
        assert by(opened, unnamed.fileno()) == PLACE


def test_a_socket_in_use_is_known_by_its_own_number(opened: Openers) -> None:
    opened.expect(PLACE, "", is_socket=True)
    with socket.socket() as one:
        number = one.fileno()
        assert by(opened, number) == PLACE
        opened.prove(number)
        assert by(opened, number) == PLACE
    with socket.socket() as another:
        assert another.fileno() == number
        assert by(opened, number) is None


def test_what_is_wrapped_is_of_who_opened_it_or_else_of_who_wraps_it(
    opened: Openers, kept: list[int]
) -> None:
    opened.expect(PLACE, "null")
    kept.append(os.open(os.devnull, os.O_RDONLY))
    kept += os.pipe()
    for number in kept:
        opened.take_over(number, PLACE + 1)
    opened.take_over(-1, PLACE)
    opened.take_over(1 << 40, PLACE)

    assert [by(opened, number) for number in kept] == [PLACE, PLACE + 1, PLACE + 1]


def test_what_was_open_before_is_of_place_0_also_when_it_is_wrapped(
    opened: Openers, kept: list[int]
) -> None:
    kept += os.pipe()
    opened.begin()
    opened.take_over(kept[0], PLACE)

    assert [by(opened, number) for number in kept] == [0, 0]


def test_of_too_many_some_are_looked_at_that_stand_for_all(kept: list[int]) -> None:
    kept += [os.open(os.devnull, os.O_RDONLY) for _ in range(40)]
    found, scale = open_now(20)
    everything, one = open_now()

    assert one == pytest.approx(1, rel=0.1)  # the listing's own descriptor is gone again
    assert len(found) in (19, 20)
    assert scale * 20 == len(everything) + 1
    assert {number % 2 for number, _ in found} == {0, 1}


# -- threads ----------------------------------------------------------------------------------


def test_a_thread_is_of_the_place_that_started_it(iterations: memoryview) -> None:
    started = Starters(iterations)
    one, other = threading.Thread(), threading.Thread()
    iterations[0] = 3
    started.note(one, PLACE)

    assert started.started_by(one) == (PLACE, 3)
    assert started.started_by(other) is None


# -- the hook ---------------------------------------------------------------------------------

Hook = Callable[[str, tuple[Any, ...]], None]


@pytest.fixture
def hook(iterations: memoryview, monkeypatch: pytest.MonkeyPatch) -> Hook:
    """Return the hook as it would be installed: it could not be taken back."""
    installed: list[Hook] = []
    monkeypatch.setattr(sys, "addaudithook", installed.append)
    Audit(Places(), Openers(iterations), Starters(iterations)).install()
    return installed[0]


@pytest.mark.parametrize(
    ("event", "args"),
    [
        ("open", ()),
        ("open", (object(), None, 0)),
        ("open", (1 << 70, None, 0)),
        ("open", (b"\xff", None, 0)),
        ("socket.connect", (None,)),
        ("sqlite3.connect", (3,)),
        ("mmap.__new__", ("x",)),
        ("_thread.start_new_thread", (len,)),
        ("of no interest", ()),
    ],
)
def test_the_hook_never_raises(hook: Hook, event: str, args: tuple[Any, ...]) -> None:
    assert hook(event, args) is None  # type: ignore[func-returns-value]


def test_what_a_handler_of_signals_raises_meanwhile_goes_to_the_workload(
    hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_: object) -> bool:
        raise TimeoutError

    monkeypatch.setattr(os.path, "islink", interrupted)

    with pytest.raises(TimeoutError):
        hook("open", ("a.log", None, 0))


# -- what is told -----------------------------------------------------------------------------


def test_who_did_not_watch_tells_nothing(iterations: memoryview) -> None:
    assert Origins(iterations).told() == (None, [])


def test_where_the_system_does_not_tell_enough_nobody_watches(
    iterations: memoryview, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed: list[Hook] = []
    monkeypatch.setattr(sys, "addaudithook", installed.append)
    monkeypatch.setattr(openers, "can_tell", lambda: False)
    origins = Origins(iterations)
    origins.watch()

    assert installed == []
    assert origins.told() == (None, [])


@pytest.fixture
def watching(iterations: memoryview, monkeypatch: pytest.MonkeyPatch) -> tuple[Origins, Hook]:
    """Return what watches from iteration 100 on, and its hook."""
    installed: list[Hook] = []
    monkeypatch.setattr(sys, "addaudithook", installed.append)
    iterations[0] = 100
    origins = Origins(iterations)
    origins.watch()
    return origins, installed[0]


def test_what_was_opened_is_told_by_place_and_quarter(
    watching: tuple[Origins, Hook], iterations: memoryview, kept: list[int]
) -> None:
    origins, hook = watching
    for iteration in (100, 120, 160, 199):
        iterations[0] = iteration
        hook("open", (os.devnull, None, 0))
        kept.append(os.open(os.devnull, os.O_RDONLY))
    kept += os.pipe()
    iterations[0] = 200
    told, failed = origins.told()

    assert failed == []
    assert told is not None
    (place,) = told["descriptors"]
    assert (told["watched"], told["unseen"], told["threads"]) == (100, 2, [])
    assert (place["what"], place["numbers"]) == ("file /dev/null", [2, 0, 1, 1])
    assert Path(place["stack"][0][0]).name == HERE


def test_a_failure_is_a_remark(
    watching: tuple[Origins, Hook], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(openers, "open_now", None)

    assert watching[0].told() == (
        None,
        ["where descriptors came from could not be told: TypeError"],
    )


def test_a_workload_that_breaks_the_list_of_threads_costs_no_descriptors(
    watching: tuple[Origins, Hook], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threading, "enumerate", None)
    told, failed = watching[0].told()

    assert failed == []
    assert told is not None
    assert told["threads"] == []
