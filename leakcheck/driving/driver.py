"""The driver: sends the request whenever the measured process asks for the next one.

It lives in the parent, so that the client's memory is not in what is measured.
"""

import json
import socket
import threading
from contextlib import suppress
from typing import Final

from leakcheck.driving.client import Client, NoAnswerError
from leakcheck.driving.drive import Drive
from leakcheck.model.errors import LeakcheckError
from leakcheck.model.text import printable

GO: Final = b"g"
FAILED: Final = b"x"
_MOST_SAID: Final = 1_000
_MOST_NAME: Final = 60
_JOIN_S: Final = 5.0


class Driver:
    """Drives one run of one child over a pair of sockets, in a thread of its own.

    The child says in one line which server listens where. Then it sends a byte for each request
    that it wants, and is told to go on, or why not: then the connection ends.
    """

    def __init__(self, drive: Drive, *, timeout_s: float, bodies: bytearray | None = None) -> None:
        """`timeout_s` is for one response, and longer than the child may take for it.

        The bodies of responses go into `bodies`, as a rule to nowhere.
        """
        self._drive = drive
        self._timeout_s = timeout_s
        self._bodies = bodies
        self._own, self._childs = socket.socketpair()
        self._client: Client | None = None
        self._first: int | None = None
        self._server = ""
        self.complaint = ""
        """What is wrong with an answer, once something is: the child is told, and may not hear."""
        self._thread = threading.Thread(target=self._run, name="driver", daemon=True)

    @property
    def childs_end(self) -> int:
        """Return the descriptor that the child is to be given."""
        return self._childs.fileno()

    @property
    def note(self) -> str:
        """Return in a sentence what was driven and how it answered; nothing before it did."""
        if self._first is None:
            return ""
        return f"driven over loopback: {self._server} answered each request with {self._first}"

    def start(self) -> None:
        """Begin to listen to the child, which has its end by now."""
        self._childs.close()
        self._thread.start()

    def close(self) -> None:
        """End the driving, whatever it waits for."""
        self._childs.close()
        with suppress(OSError):  # the child is gone
            self._own.shutdown(socket.SHUT_RDWR)
        if self._client is not None:
            self._client.close()
        if self._thread.is_alive():
            self._thread.join(_JOIN_S)
        self._own.close()

    def _run(self) -> None:
        with suppress(ConnectionError):  # a child that is gone is its supervisor's matter
            self.complaint = self._answer_all()
            if self.complaint:
                self._own.sendall(FAILED + self.complaint.encode())
        # The child hears that there is nobody any more; `close` gives the descriptor back.
        with suppress(OSError):
            self._own.shutdown(socket.SHUT_RDWR)

    def _answer_all(self) -> str:
        """Answer the child until it ends; return why it may not go on."""
        number = 0
        try:
            self._client = client = self._listen()
            while self._own.recv(1):
                if why := self._send(client, number):
                    return f"{self._drive.text}: {why} (request {number + 1:,})"
                self._own.sendall(GO)
                number += 1
        except LeakcheckError as error:
            return str(error)
        return ""

    def _listen(self) -> Client:
        said = bytearray()
        while not said.endswith(b"\n") and len(said) <= _MOST_SAID:
            part = self._own.recv(1)
            if not part:
                raise ConnectionError
            said += part
        try:
            found = json.loads(said)
            self._server = printable(str(found["server"]))[:_MOST_NAME]
            port = int(found["port"])
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            msg = "the child said nothing of a server that listens"
            raise LeakcheckError(msg) from error
        return Client(port, timeout_s=self._timeout_s)

    def _send(self, client: Client, number: int) -> str:
        """Send one request; return what is wrong with its answer, if anything."""
        try:
            answer = client.send(self._drive.request.numbered(number), body=self._bodies)
        except NoAnswerError as error:
            return str(error)
        why = self._drive.complaint(answer.status, self._first)
        if self._first is None and not why:
            self._first = answer.status
        return why
