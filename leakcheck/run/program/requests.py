"""Sending requests from a thread of their own, so that the run's own limits hold meanwhile."""

import os
import threading
from queue import SimpleQueue

from leakcheck.driving.client import Client, NoAnswerError
from leakcheck.run.program.order import HttpRequest

_END_S = 5.0


class RequestThread:
    """Sends the same request again and again, each when it is told to.

    `woken` is a descriptor that is readable while an answer waits.
    """

    def __init__(self, order: HttpRequest, timeout_s: float) -> None:
        self._order = order
        self._client = Client(order.port, timeout_s=timeout_s, host=order.host)
        self._numbers: SimpleQueue[int | None] = SimpleQueue()
        self._answers: SimpleQueue[int | str] = SimpleQueue()
        self.woken = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._thread = threading.Thread(target=self._work, name="requests", daemon=True)
        self._thread.start()

    def send(self, number: int) -> None:
        """Have the request of that number sent."""
        self._numbers.put(number)

    def answer(self) -> int | str | None:
        """Return a status, why there is no response, or None while one is still to come."""
        try:
            os.eventfd_read(self.woken)
        except BlockingIOError:
            return None
        return self._answers.get_nowait()

    def close(self) -> None:
        """End the thread, whatever it waits for."""
        self._client.close()
        self._numbers.put(None)
        self._thread.join(_END_S)
        os.close(self.woken)

    def _work(self) -> None:
        while (number := self._numbers.get()) is not None:
            self._answers.put(self._ask(number))
            os.eventfd_write(self.woken, 1)

    def _ask(self, number: int) -> int | str:
        try:
            return self._client.send(self._order.request.numbered(number)).status
        except NoAnswerError as error:
            return str(error)
