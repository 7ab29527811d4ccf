"""The audit hook: what Python reports of descriptors and threads. In the child.

Most of what opens a descriptor is reported just before it does. The hook keeps nothing on the
heap, calls nothing of the workload's and raises nothing of its own.
"""

import os
import socket
import sys
import threading
from collections.abc import Callable
from types import FrameType, MethodType
from typing import Any, Final

from leakcheck.probes import openers
from leakcheck.probes.objects import is_kind
from leakcheck.probes.openers import Openers
from leakcheck.probes.places import MOST_NUMBER, Places, is_ours, mapped
from leakcheck.probes.starters import Starters

_FILENO: Final = socket.SocketType.fileno
_SOCKET_INIT: Final = vars(socket.socket)["__init__"].__code__
_IN_MEMORY: Final = ("", ":memory:")
_PLAIN: Final = 1
_LINK: Final = 2

Args = tuple[Any, ...]


class Audit:
    """Hands what is reported on to those who remember it."""

    def __init__(self, places: Places, opened: Openers, started: Starters) -> None:
        """`places` gives numbers to places, the others remember them."""
        self._places = places
        self._openers = opened
        self._starters = started
        self._paths = mapped("B", MOST_NUMBER + 1)
        self._answers: dict[str, Callable[[Args, FrameType], None]] = {
            "open": self._on_open,
            "os.scandir": self._on_path,
            "mmap.__new__": self._on_mmap,
            "sqlite3.connect": self._on_sqlite,
            "socket.__new__": self._on_socket,
            "socket.connect": self._on_use,
            "socket.bind": self._on_use,
            "socket.sendto": self._on_use,
            "socket.sendmsg": self._on_use,
            "_thread.start_new_thread": self._on_thread,
            "_thread.start_joinable_thread": self._on_thread,
        }

    def install(self) -> None:
        """Hear of everything from now on: an audit hook cannot be taken back."""
        answers = self._answers

        # No method: the interpreter looks for an attribute of the hook's at each event, which
        # of a function is found to be missing six times as fast.
        def hear(event: str, args: Args) -> None:
            answer = answers.get(event)
            if answer is None:
                return
            try:
                answer(args, sys._getframe(1))  # noqa: SLF001 -- no other way to a caller
            except Exception as error:
                if not _is_own(error):
                    raise  # a handler of signals did: it is for the workload

        sys.addaudithook(hear)

    def _on_open(self, args: Args, frame: FrameType) -> None:
        if type(args[0]) is int:
            self._openers.take_over(args[0], self._places.number_of(frame))
        else:
            self._on_path(args, frame)

    def _on_path(self, args: Args, frame: FrameType) -> None:
        if place := self._places.number_of(frame):
            self._openers.expect(place, self._name(place, args[0]))

    def _on_mmap(self, args: Args, frame: FrameType) -> None:
        """Expect the copy that a mapping keeps of the descriptor that it is made of."""
        if args[0] != -1 and (place := self._places.number_of(frame)):
            self._openers.expect(place, openers.last_name(openers.link_of(args[0])))

    def _on_sqlite(self, args: Args, frame: FrameType) -> None:
        database = args[0]
        if type(database) is not str:
            self._on_path(args, frame)
        elif database not in _IN_MEMORY:
            self._on_path((database.partition("?")[0].removeprefix("file:"),), frame)

    def _on_socket(self, args: Args, frame: FrameType) -> None:  # noqa: ARG002 -- an event's
        number = None
        if frame.f_code is _SOCKET_INIT and frame.f_back is not None:
            number, frame = frame.f_locals.get("fileno"), frame.f_back
        place = self._places.number_of(frame)
        if type(number) is int:
            self._openers.take_over(number, place)
        elif place:
            self._openers.expect(place, "", is_socket=True)

    def _on_use(self, args: Args, frame: FrameType) -> None:  # noqa: ARG002 -- an event's
        self._openers.prove(_FILENO(args[0]))

    def _on_thread(self, args: Args, frame: FrameType) -> None:
        start = args[0]
        if type(start) is MethodType and is_kind(start.__self__, threading.Thread):
            self._starters.note(start.__self__, self._places.number_of(frame))

    def _name(self, place: int, path: object) -> str:
        """Return the name that a file will be known by, nothing where that cannot be told."""
        text = os.fsdecode(path) if type(path) is bytes else path
        if type(text) is not str or self._follows_links(place, text):
            return ""
        return text.rpartition("/")[2]

    def _follows_links(self, place: int, path: str) -> bool:
        """Return whether a place opens symbolic links: what they lead to has another name.

        The first path that it opens tells for all.
        """
        if not self._paths[place]:
            self._paths[place] = _LINK if os.path.islink(path) else _PLAIN  # noqa: PTH114 -- no pathlib in the child
        return self._paths[place] == _LINK


def _is_own(error: Exception) -> bool:
    """Return whether an error was raised by our own code, and not by code that interrupted it."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace is None or is_ours(trace.tb_frame)
