"""An existing Dask cluster: reaching it, and who works there.

The one module that knows Dask, which is an extra and is imported when a cluster is asked for.
"""

import importlib
import importlib.metadata
import logging
import os
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Self

from leakcheck._version import __version__
from leakcheck.model.errors import LeakcheckError, UsageError
from leakcheck.model.text import printable

DISTRIBUTION: Final = "leakcheck-harness"
_PATIENCE_S: Final = 10.0
"""How long a scheduler may take to answer, and then its first worker to be there."""
_POLL_S: Final = 0.2
_SPOKEN: Final = 200
"""The most that is shown of what another machine says."""
_NANNYS: Final = "distributed.nanny.pre-spawn-environ"


class Cluster:
    """The cluster at `address`, such as ``tcp://10.0.0.1:8786``; to be used with `with`."""

    def __init__(self, address: str, *, patience_s: float = _PATIENCE_S) -> None:
        self.address = address
        self._patience_s = patience_s
        self._fit: dict[str, bool] = {}

    def __enter__(self) -> Self:
        """Reach the scheduler, and find at least one worker that has this leakcheck.

        Raises:
            UsageError: if Dask is not installed, nobody answers in time, there are no workers,
                or one of them has another leakcheck.
        """
        distributed = _dask("distributed")
        self._log = logging.getLogger("distributed")
        self._log_level = self._log.level
        self._log.setLevel(logging.CRITICAL)  # what it would log is told in a sentence of ours
        try:
            self.client = distributed.Client(
                self.address, timeout=self._patience_s, set_as_default=False, name="leakcheck"
            )
        except (OSError, ValueError) as error:
            self._log.setLevel(self._log_level)
            msg = (
                f"--cluster: {self.address} found no scheduler that answers within "
                f"{self._patience_s:g} s ({said(error)}), wanted that of a Dask cluster"
            )
            raise UsageError(msg) from error
        try:
            self._require_workers()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the cluster; what was sent there and has not begun is forgotten."""
        self.client.close(timeout=self._patience_s)
        self._log.setLevel(self._log_level)

    def workers(self) -> frozenset[str]:
        """Return the addresses of all workers that have this leakcheck.

        Raises:
            LeakcheckError: if the scheduler does not answer any more.
        """
        seen = frozenset(self._ask(self.client.nthreads))
        for worker in set(self._fit) - seen:
            del self._fit[worker]
        for worker, found in self._versions(seen - set(self._fit)).items():
            self._fit[worker] = found == __version__
        return frozenset(worker for worker, fits in self._fit.items() if fits)

    def tell(self, do: Callable[..., object], *words: str, workers: Iterable[str]) -> None:
        """Have each worker call `do` at once, beside what it is doing."""
        self._ask(self.client.run, do, *words, workers=list(workers), on_error="ignore")

    def _require_workers(self) -> None:
        deadline_s = time.monotonic() + self._patience_s
        while not (seen := frozenset(self._ask(self.client.nthreads))):
            if time.monotonic() > deadline_s:
                msg = f"--cluster: {self.address} has no workers, wanted one or more"
                raise UsageError(msg)
            time.sleep(_POLL_S)
        for worker, found in self._versions(seen).items():
            if found != __version__:
                what = f"leakcheck {found}" if found else "no leakcheck that can be imported"
                msg = f"--cluster: found {what} on {worker}, wanted {__version__}, as here"
                raise UsageError(msg)

    def _versions(self, workers: frozenset[str]) -> dict[str, str]:
        """Return which leakcheck each worker has, an empty text where it has none."""
        if not workers:
            return {}
        # A function of the standard library: so it can be asked where leakcheck is not.
        answers: Mapping[str, object] = self._ask(
            self.client.run,
            importlib.metadata.version,
            DISTRIBUTION,
            workers=list(workers),
            on_error="return",
        )
        return {
            printable(worker)[:_SPOKEN]: printable(found)[:_SPOKEN]
            if isinstance(found, str)
            else ""
            for worker, found in answers.items()
        }

    def _ask(self, question: Callable[..., Any], *words: object, **more: object) -> Any:  # noqa: ANN401 -- whatever Dask answers
        try:
            return question(*words, **more)
        except (OSError, TimeoutError) as error:
            msg = f"--cluster: {self.address} does not answer any more ({said(error)})"
            raise LeakcheckError(msg) from error


def said(error: BaseException) -> str:
    """Return what an error of another machine says, short and in one line."""
    text = printable(str(error))[:_SPOKEN]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def publish(topic: str, message: Mapping[str, object]) -> None:
    """Tell whoever follows `topic`; to be called where a worker does an errand."""
    _dask("distributed").get_worker().log_event(topic, dict(message))


def environment_without_nanny() -> dict[str, str]:
    """Return a worker's environment as it was before its nanny set malloc and threads in it.

    What is measured should be what is measured elsewhere too.
    """
    nannys: Mapping[str, object] = _dask("dask.config").get(_NANNYS, {})
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("DASK_") and str(nannys.get(name)) != value
    }


def _dask(module: str) -> Any:  # noqa: ANN401 -- a module
    """Return a module of Dask's.

    Raises:
        UsageError: if it is not installed.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        msg = (
            f"--cluster: found no {error.name}, wanted Dask: "
            f"python -m pip install '{DISTRIBUTION}[cluster]'"
        )
        raise UsageError(msg) from error
