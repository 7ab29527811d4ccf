"""A message to a URL when a verdict changes: beside the watch, which never waits for it."""

import json
import threading
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Callable
from http.client import HTTPException
from typing import Any, Final

from leakcheck.watch.addresses import masked_url, require_url, without_login

_TIMEOUT_S: Final = 10.0
_MOST_WAITING: Final = 8
_ATTEMPTS: Final = 8
_LONGEST_S: Final = 300.0
_AGENT: Final = "leakcheck-watch"


class Webhook:
    """Posts JSON to one URL from a thread of its own; what fails is sent again, ever later."""

    def __init__(
        self, url: str, *, failed: Callable[[str], None], first_backoff_s: float = 1.0
    ) -> None:
        """Post to `url`; `failed` is told, in a sentence without the URL's path, what did not work.

        Raises:
            UsageError: if it is no URL of http or https.
        """
        self._url = require_url(url)
        self._failed = failed
        self._first_s = first_backoff_s
        self._waiting: deque[bytes] = deque(maxlen=_MOST_WAITING)
        self._wake = threading.Condition()
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._run, name="leakcheck-webhook", daemon=True)
        self._thread.start()

    def send(self, message: dict[str, Any]) -> None:
        """Have a message sent soon; of more than 8 that wait the oldest is given up."""
        with self._wake:
            self._waiting.append(json.dumps(message, allow_nan=False).encode())
            self._wake.notify()

    def close(self, *, grace_s: float = 2.0) -> None:
        """Give what waits so many seconds to be sent, and end."""
        with self._wake:
            self._ends.set()
            self._wake.notify()
        self._thread.join(grace_s)

    def _run(self) -> None:
        while (body := self._next()) is not None:
            self._deliver(body)

    def _next(self) -> bytes | None:
        with self._wake:
            while not self._waiting:
                if self._ends.is_set():
                    return None
                self._wake.wait()
            return self._waiting.popleft()

    def _deliver(self, body: bytes) -> None:
        for attempt in range(_ATTEMPTS):
            trouble = _post(self._url, body)
            if trouble is None:
                return
            if not attempt:
                self._failed(f"webhook {masked_url(self._url)}: {trouble}; it is tried again")
            if self._ends.wait(min(self._first_s * 2**attempt, _LONGEST_S)):
                break  # one try at the end, and no more waiting
        else:
            self._failed(f"webhook {masked_url(self._url)}: given up after {_ATTEMPTS} attempts")
            return
        if _post(self._url, body) is not None:
            self._failed(f"webhook {masked_url(self._url)}: a message could not be sent")


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirect may lead anywhere: it counts as a failure."""

    def redirect_request(self, *_: object) -> None:
        """Follow nothing."""


def _post(url: str, body: bytes) -> str | None:
    """Return what went wrong, None if the message was taken."""
    place, login = without_login(url)
    headers = {"Content-Type": "application/json", "User-Agent": _AGENT, **login}
    request = urllib.request.Request(place, data=body, headers=headers)  # noqa: S310 -- checked: http or https
    opener = urllib.request.build_opener(_NoRedirects)
    try:
        with opener.open(request, timeout=_TIMEOUT_S):
            return None
    except urllib.error.HTTPError as error:
        error.close()
        return f"answered {error.code}"
    except urllib.error.URLError as error:
        return f"failed ({getattr(error.reason, 'strerror', None) or type(error.reason).__name__})"
    except (OSError, HTTPException, ValueError) as error:
        return f"failed ({type(error).__name__})"
