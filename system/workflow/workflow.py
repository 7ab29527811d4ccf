"""The workflow: its nodes in order over one state, each step noted in the registry."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from system.errors import ServiceError, StoreUnavailableError
from system.memory.retention import Retention
from system.workflow.nodes import Node
from system.workflow.registry import Run, RunRegistry

__all__ = ["ReportWorkflow"]

_log = logging.getLogger(__name__)

_LONGEST_ERROR = 200
"""The registry keeps these texts, and what failed may have quoted what it was given."""


class ReportWorkflow:
    """Runs the nodes over a run's state, and closes the run however it ends."""

    def __init__(
        self, nodes: Sequence[tuple[str, Node]], registry: RunRegistry, retention: Retention
    ) -> None:
        """Run those nodes, each with its name, in that order."""
        self._nodes = tuple(nodes)
        self._registry = registry
        self._retention = retention

    async def run(self, run: Run) -> None:
        """Run every node. A failure the service knows by name ends the run and goes no further.

        Raises:
            Exception: anything else a node raised, once the run is closed as failed.
        """
        try:
            await self._run_nodes(run)
        except StoreUnavailableError as error:  # the save node has seen to the state already
            self._fail(run, error)
        except ServiceError as error:
            self._retention.on_error(run.state)
            self._fail(run, error)
        except BaseException as error:
            self._retention.on_error(run.state)
            self._fail(run, error, tells=False)
            raise
        else:
            self._registry.close(run)

    async def _run_nodes(self, run: Run) -> None:
        for done, (name, node) in enumerate(self._nodes):
            self._registry.advance(run, node=name, progress=done / len(self._nodes))
            await node(run.state)

    def _fail(self, run: Run, error: BaseException, *, tells: bool = True) -> None:
        """Close the run as failed. What an unexpected error says is not for clients: its name is.

        The text, never the exception: its traceback holds every frame, and they hold the state.
        """
        text = (
            f"{type(error).__name__}: {error}"[:_LONGEST_ERROR] if tells else type(error).__name__
        )
        _log.warning("report %s failed in node %s: %s", run.facts.run_id, run.facts.node, text)
        self._registry.close(run, error=text)
