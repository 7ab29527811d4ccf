"""`--cluster`: the same checks, made by the workers of a Dask cluster."""

import argparse
import threading
from collections.abc import Callable, Sequence
from typing import NoReturn, Protocol

from leakcheck.check import Checked, Settings
from leakcheck.configuration.ranges import require_allowed
from leakcheck.configuration.table import Configuration
from leakcheck.model.errors import LeakcheckError, UsageError
from leakcheck.model.options import Options
from leakcheck.run.outcome import Observer


def add_cluster(parser: "argparse._ActionsContainer") -> None:
    """Add the argument that names a cluster."""
    parser.add_argument("--cluster", metavar="URL", help="run them on a Dask cluster's workers")


def cluster_of(given: str | None, configuration: Configuration, commanded: Options) -> str | None:
    """Return the address of the cluster to run on, None to run here.

    Raises:
        UsageError: if it is no address, or what is `commanded` cannot be had from elsewhere.
    """
    require_allowed({"cluster": given}, "--")
    address: str | None = given or configuration.values.get("cluster")
    if address and (commanded.keep_capture or configuration.values.get("keep-capture")):
        msg = "--keep-capture: a capture stays on its worker, wanted one of it and --cluster"
        raise UsageError(msg)
    return address


class Checker(Protocol):
    """What makes checks: `leakcheck.check.check`, or the like of it elsewhere."""

    def __call__(
        self,
        targets: Sequence[str],
        settings: Settings,
        /,
        *,
        observe: Observer,
        done: Callable[[Checked], None],
        interrupted: threading.Event,
    ) -> list[Checked]:
        """Return each of `targets` that was checked, in their order."""
        ...


def checker_on(address: str, say: Callable[[str], None]) -> Checker:
    """Return what has workers of the cluster make checks; `say` is told what is run again."""
    # Few have a cluster.
    from leakcheck.elsewhere.checking import Heard, check_on_cluster  # noqa: PLC0415
    from leakcheck.fanout.cluster import Cluster  # noqa: PLC0415

    def make(
        targets: Sequence[str],
        settings: Settings,
        *,
        observe: Observer,
        done: Callable[[Checked], None],
        interrupted: threading.Event,
    ) -> list[Checked]:
        heard = Heard(
            observe=observe,
            done=lambda _, checked, __: done(checked),
            failed=_fail,
            again=lambda number, _: say(f"{targets[number]}: run again: its worker died"),
        )
        with Cluster(address) as cluster:
            return check_on_cluster(
                cluster, targets, settings, heard=heard, interrupted=interrupted
            )

    return make


def _fail(_: int, error: LeakcheckError) -> NoReturn:
    raise error
