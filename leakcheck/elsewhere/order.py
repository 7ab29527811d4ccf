"""What is sent to a worker: one check, as text."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace

from leakcheck._version import __version__
from leakcheck.model.options import Options
from leakcheck.model.plan import Profiler


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One check to be made elsewhere.

    `name` tells it from every other; under `topic` workers tell how it stands. `python` is None for
    the worker's own; `variables` are set besides the worker's environment; `folder` is where
    targets are looked for, if it is there; `label` is what it is called where its target alone
    will not do.
    With `only_load` the target is loaded and nothing more.
    """

    name: str
    topic: str
    target: str
    folder: str
    python: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    configured: Options = field(default_factory=Options)
    commanded: Options = field(default_factory=Options)
    label: str = ""
    only_load: bool = False
    version: str = __version__

    def text(self) -> bytes:
        """Return the order in one line."""
        return json.dumps(asdict(self)).encode("ascii")


def read_order(text: bytes) -> Order:
    """Return the order that `text` holds.

    >>> read_order(Order(name="1", topic="a", target="jobs.py:tick", folder="/srv").text()).target
    'jobs.py:tick'
    """
    members = json.loads(text)
    members["configured"] = _options(members["configured"])
    members["commanded"] = _options(members["commanded"])
    return Order(**members)


def _options(members: Mapping[str, object]) -> Options:
    found = Options(**members)  # type: ignore[arg-type] # what asdict made of one
    return replace(found, profiler=Profiler(found.profiler) if found.profiler else None)
