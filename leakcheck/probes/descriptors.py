"""What the open descriptors are: files by path, sockets by peer. In the child.

Sockets are asked through the C library: an object of Python's made of somebody's descriptor may
set it non-blocking, where the workload has set a default time-out.
"""

import ctypes
import os
import re
import socket
import sys
from collections.abc import Iterator
from typing import Any, Final

Key = tuple[str, str]
"""What something is, and the same in wider words that many may share."""

_FOLDER: Final = "/proc/self/fd"
_LIBRARY: Final = ctypes.CDLL(None)
_LARGEST_ADDRESS: Final = 128
_NUMBERS: Final = re.compile("[0-9]+")
_FAMILIES: Final = {
    int(socket.AF_INET): "IPv4 socket",
    int(socket.AF_INET6): "IPv6 socket",
    int(socket.AF_UNIX): "unix socket",
}
_NAMES: Final = {"eventpoll": "epoll"}


def open_descriptors() -> Iterator[Key]:
    """Yield what each open descriptor of this process is."""
    with os.scandir(_FOLDER) as entries:
        for entry in entries:
            try:
                link = os.readlink(entry.path)  # noqa: PTH115 -- no pathlib in the child
            except OSError:
                continue  # closed since it was listed
            yield described(int(entry.name), link)


def described(number: int, link: str) -> Key:
    """Return what a descriptor is whose entry in /proc/self/fd leads to `link`."""
    if link.startswith("/memfd:"):
        return _alike(f"memfd {masked(link.removeprefix('/memfd:'))}")
    if link.startswith("/"):
        return _file(masked(link))
    kind, _, rest = link.partition(":")
    if kind == "socket":
        return _socket(number)
    name = rest.strip("[]") if kind == "anon_inode" else kind
    return _alike(_NAMES.get(name, name))


def masked(name: str) -> str:
    """Return a name with a star for each number in it, so that a.1.log and a.2.log are one.

    >>> masked("/tmp/a.12.log")
    '/tmp/a.*.log'
    """
    return _NUMBERS.sub("*", name)


def _file(path: str) -> Key:
    folder, name = os.path.split(path)
    return f"file {path}", f"file {folder.rstrip('/')}/*{os.path.splitext(name)[1]}"  # noqa: PTH122 -- no pathlib in the child


def _socket(number: int) -> Key:
    word = "datagram socket" if _is_datagram(number) else "socket"
    peer = _address(_LIBRARY.getpeername, number)
    if not peer:
        own = _address(_LIBRARY.getsockname, number)
        kind = _FAMILIES.get(_family(own), f"socket of family {_family(own)}")
        return _alike(f"{kind} without a peer")
    if _family(peer) == socket.AF_INET:
        return _to(word, socket.inet_ntop(socket.AF_INET, peer[4:8]), peer)
    if _family(peer) == socket.AF_INET6:
        return _to(word, f"[{socket.inet_ntop(socket.AF_INET6, peer[8:24])}]", peer)
    if _family(peer) == socket.AF_UNIX:
        return _alike(f"unix {word} to {_path(peer[2:])}")
    return _alike(f"{word} of family {_family(peer)}")


def _to(word: str, host: str, peer: bytes) -> Key:
    port = int.from_bytes(peer[2:4], "big")
    return f"{word} to {host}:{port}", f"{word} to {host}"


def _path(name: bytes) -> str:
    """Return the name of a unix socket; those of Linux's own name space begin with a zero."""
    if not name.strip(b"\0"):
        return "an unnamed peer"
    sign = "@" if name.startswith(b"\0") else ""
    return sign + masked(os.fsdecode(name.strip(b"\0")))


def _family(address: bytes) -> int:
    return int.from_bytes(address[:2], sys.byteorder)


def _address(ask: Any, number: int) -> bytes:  # noqa: ANN401 -- a function of the C library
    """Return the address that the system tells of a socket; nothing where it has none."""
    room = ctypes.create_string_buffer(_LARGEST_ADDRESS)
    size = ctypes.c_uint32(_LARGEST_ADDRESS)
    if ask(number, room, ctypes.byref(size)):
        return b""
    return room.raw[: size.value]


def _is_datagram(number: int) -> bool:
    kind, size = ctypes.c_int(), ctypes.c_uint32(ctypes.sizeof(ctypes.c_int))
    ask = _LIBRARY.getsockopt
    ask(number, socket.SOL_SOCKET, socket.SO_TYPE, ctypes.byref(kind), ctypes.byref(size))
    return kind.value == socket.SOCK_DGRAM


def _alike(what: str) -> Key:
    return what, what
