"""The socket that an application is served on."""

import socket

_LOOPBACK = ("127.0.0.1", 0)


def listening_socket() -> socket.socket:
    """Return a socket that listens on a free port of the loopback, and on nothing else.

    Its protocol is said: asyncio sends without delay only where it is, and else each response
    waits for the client's acknowledgement of its headers, 40 ms.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(_LOOPBACK)
    listener.listen()
    return listener
