"""Following what workers say of the checks that they have under way."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Final, Self

from leakcheck.elsewhere.order import Order
from leakcheck.fanout.cluster import Cluster
from leakcheck.run.outcome import Observer, Progress

_LONGEST: Final = 80
_MOST: Final = 1 << 53


class Watching:
    """Shows an observer how the checks of `orders` stand; to be used with `with`.

    All orders name the same topic.
    """

    def __init__(self, cluster: Cluster, orders: Sequence[Order], observe: Observer) -> None:
        self._client = cluster.client
        self._topic = orders[0].topic if orders else ""
        self._targets = {order.name: order.label or order.target for order in orders}
        self._observe = observe

    def __enter__(self) -> Self:
        self._client.subscribe_topic(self._topic, self._hear)
        return self

    def __exit__(self, *_: object) -> None:
        self._targets.clear()
        with suppress(ValueError, OSError):  # the client has lost its scheduler
            self._client.unsubscribe_topic(self._topic)

    def forget(self, order: Order) -> None:
        """Hear no more of a check: it has ended."""
        self._targets.pop(order.name, None)

    def _hear(self, event: tuple[float, object]) -> None:
        said = event[1]
        name = said.get("name") if isinstance(said, Mapping) else None
        target = self._targets.get(name) if isinstance(name, str) else None
        if target is not None:
            self._observe(progress_of(target, said))


def progress_of(target: str, said: object) -> Progress:
    """Return what another machine says of a check; what is no text or number counts for nothing.

    >>> progress_of("jobs.py:tick", {"phase": "iterating", "iterations": -3}).iterations
    0
    """
    members = said if isinstance(said, Mapping) else {}
    rss_bytes = int(_number(members.get("rss_bytes")))
    return Progress(
        target=target,
        phase=_text(members.get("phase")),
        part=_text(members.get("part")),
        iterations=int(_number(members.get("iterations"))),
        most_iterations=int(_number(members.get("most_iterations"))),
        elapsed_s=_number(members.get("elapsed_s")),
        time_limit_s=_number(members.get("time_limit_s")),
        rss_bytes=(rss_bytes,) if rss_bytes else (),
    )


def _text(value: object) -> str:
    return value[:_LONGEST] if isinstance(value, str) else ""


def _number(value: object) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return 0.0
    return float(value) if 0 <= value < _MOST else 0.0  # NaN is not
