"""aioquic 1.2.0: an HTTP/3 connection remembers every stream it ever had.

Each request is a stream of its own. Its state stayed in the connection's dict after both sides had
ended it, so a connection that lives long grows with each request. 1.3.0 drops ended streams.

Reference: aiortc/aioquic#590.
"""

# mypy: ignore-errors
# Runs in an environment of its own, against releases that are not installed beside the project.

from collections.abc import Callable, Iterator

from aioquic.h3.connection import H3Connection
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.events import StreamDataReceived

import leakcheck

REQUEST = [
    (b":method", b"GET"),
    (b":scheme", b"https"),
    (b":authority", b"localhost"),
    (b":path", b"/"),
]


class Wire:
    """The part of a QUIC connection that HTTP/3 uses: what is sent waits until it is delivered.

    Streams are numbered as QUIC does: bit 0 is the side that opened it, bit 1 is one-way.
    """

    _quic_logger = None
    _remote_max_datagram_frame_size = None

    def __init__(self, *, is_client: bool) -> None:
        self.configuration = QuicConfiguration(is_client=is_client)
        self.sent = []
        self._next = {False: int(not is_client), True: 2 + int(not is_client)}

    def get_next_available_stream_id(self, *, is_unidirectional: bool = False) -> int:
        """Return the number of a new stream."""
        number = self._next[is_unidirectional]
        self._next[is_unidirectional] += 4
        return number

    def send_stream_data(self, stream_id: int, data: bytes, end_stream: bool = False) -> None:  # noqa: FBT001, FBT002 -- aioquic's own signature
        """Keep what is sent."""
        self.sent.append(StreamDataReceived(data=data, end_stream=end_stream, stream_id=stream_id))

    def deliver_to(self, receiver: H3Connection) -> None:
        """Hand everything sent so far to the other side."""
        sent, self.sent = self.sent, []
        for event in sent:
            receiver.handle_event(event)  # leaks here: workload


@leakcheck.workload
def workload() -> Iterator[Callable[[], None]]:
    """One request and its answer, over a connection that is kept."""
    to_server, to_client = Wire(is_client=True), Wire(is_client=False)
    client, server = H3Connection(to_server), H3Connection(to_client)

    def ask() -> None:
        stream = to_server.get_next_available_stream_id()
        client.send_headers(stream, REQUEST, end_stream=True)  # leaks here
        to_server.deliver_to(server)
        server.send_headers(stream, [(b":status", b"200")])
        server.send_data(stream, b"hello", end_stream=True)
        to_client.deliver_to(client)
        to_server.deliver_to(server)

    yield ask
