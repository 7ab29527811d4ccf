"""The loop: one iteration after another, and a sample where the parent asked for one."""

import asyncio
import inspect
import os
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from time import sleep
from typing import Any

from leakcheck.probes import collector, timers
from leakcheck.run.child.channel import Channel
from leakcheck.run.child.loading import BadTargetError, Loaded
from leakcheck.run.child.sampling import Sampler
from leakcheck.run.child.slots import Slot, Stage

_SETTLING_TURNS = 3
"""Turns of the event loop before a sample, so that callbacks already due have run."""

_YIELDED_TWICE = "the workload yielded twice, wanted one yield between set-up and tear-down"


class Loop:
    """Runs one loaded workload: set-up, iterations, tear-down."""

    def __init__(
        self,
        channel: Channel,
        sampler: Sampler,
        *,
        before: Callable[[], None],
        after: Callable[[], None],
    ) -> None:
        """`before` is called between set-up and the first sample, `after` before tear-down."""
        self._channel = channel
        self._slots = channel.slots
        self._sampler = sampler
        self._before = before
        self._after = after

    def run(self, loaded: Loaded) -> None:
        """Run the workload to the end; whatever it raises comes through."""
        function = loaded.function
        self._slots[Slot.STAGE] = Stage.SETTING_UP
        if loaded.drives:
            function(self)
        elif inspect.isasyncgenfunction(function):
            asyncio.run(self._with_async_setup(function))
        elif loaded.sets_up:
            self._with_setup(function)
        else:
            self.iterate(function)

    def _with_setup(self, function: Callable[[], Generator[Any, None, None]]) -> None:
        generator = function()
        self.iterate(_iteration_function(next(generator, None)))
        if next(generator, self) is not self:
            raise BadTargetError(_YIELDED_TWICE)

    async def _with_async_setup(self, function: Callable[[], AsyncGenerator[Any, None]]) -> None:
        generator = function()
        step = _iteration_function(await anext(generator, None))
        if is_async(step):
            await self.iterate_in_loop(step)
        else:
            await self.iterate_in_loop(_awaiting(step))
        if await anext(generator, self) is not self:
            raise BadTargetError(_YIELDED_TWICE)

    def pass_first(self) -> None:
        """Say that the workload is being called, though nothing is measured yet."""
        self._slots[Slot.STAGE] = Stage.ITERATING

    def iterate(self, step: Callable[[], Any]) -> None:
        """Run the iterations of a function; of an async one in a loop of their own."""
        if is_async(step):
            asyncio.run(self.iterate_in_loop(step))
        else:
            self._iterate_plainly(step)

    def _iterate_plainly(self, step: Callable[[], Any]) -> None:
        self._start()
        slots, completed = self._slots, 0
        going = self._sampler.sample()
        while going:
            if idle_ms := slots[Slot.IDLE_MS]:
                sleep(idle_ms / 1000)
                slots[Slot.IDLE_MS] = 0
                collector.collect_all()
                going = self._sampler.sample()
                continue
            _refuse_awaitable(step()) if completed == 0 else step()
            completed += 1
            slots[Slot.ITERATIONS] = completed
            self._leave_forks()
            if completed >= slots[Slot.NEXT_SAMPLE] or slots[Slot.STOP]:
                going = self._sampler.sample()
        self._finish()

    async def iterate_in_loop(self, step: Callable[[], Awaitable[Any]]) -> None:
        """Run the iterations of an async function in the loop that is running."""
        loop = asyncio.get_running_loop()
        self._start()
        slots, completed = self._slots, 0
        slots[Slot.HAS_LOOP] = 1
        going = self._sampler.sample()
        while going:
            if idle_ms := slots[Slot.IDLE_MS]:
                await asyncio.sleep(idle_ms / 1000)
                slots[Slot.IDLE_MS] = 0
                collector.collect_all()
                timers.drop_cancelled(loop)
                going = self._sampler.sample()
                continue
            await step()
            completed += 1
            # Every iteration gives the loop a turn, as a server would: else the callbacks of
            # a workload that never has to wait would pile up and look like a leak.
            await asyncio.sleep(0)
            slots[Slot.ITERATIONS] = completed
            self._leave_forks()
            if completed >= slots[Slot.NEXT_SAMPLE] or slots[Slot.STOP]:
                for _ in range(_SETTLING_TURNS):
                    await asyncio.sleep(0)
                timers.drop_cancelled(loop)
                going = self._sampler.sample()
        self._finish()

    def _start(self) -> None:
        self._before()
        self._slots[Slot.STAGE] = Stage.ITERATING

    def _finish(self) -> None:
        self._slots[Slot.STAGE] = Stage.TEARING_DOWN
        self._after()

    def _leave_forks(self) -> None:
        if not self._channel.is_owner():
            # A fork that came back into the loop would take the workload's next iterations.
            os._exit(0)


def _iteration_function(yielded: object) -> Callable[[], Any]:
    if not callable(yielded):
        found = "nothing" if yielded is None else type(yielded).__name__
        msg = f"the workload yielded {found}, wanted its iteration function"
        raise BadTargetError(msg)
    return yielded


def is_async(step: Callable[[], Any]) -> bool:
    """Return whether calling `step` gives something to await; an object's own call counts."""
    call = getattr(step, "__call__", None)  # noqa: B004 -- an object with an async __call__
    return inspect.iscoroutinefunction(step) or inspect.iscoroutinefunction(call)


def _awaiting(step: Callable[[], Any]) -> Callable[[], Awaitable[None]]:
    async def call() -> None:
        result = step()
        if inspect.isawaitable(result):
            await result

    return call


def _refuse_awaitable(result: object) -> None:
    if inspect.isawaitable(result):
        msg = "the iteration returned an awaitable that nobody awaits, wanted an async function"
        raise BadTargetError(msg)
