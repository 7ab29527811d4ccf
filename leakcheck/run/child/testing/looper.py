"""What loops in the child of a test: its body, or the function that it gives to the fixture."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from leakcheck.run.child.loading import BadTargetError
from leakcheck.run.child.loop import Loop, is_async
from leakcheck.run.child.testing.covered import Covered

_TWICE = "looped twice in one test, wanted once: make two tests of it, or parametrise it"
_NEVER = (
    "ended and had looped nothing, wanted a call of its fixture: leakcheck(function), "
    "and await leakcheck(function) for an async one"
)
_KINDS = {
    "threshold": (str, int, float),
    "iterations": (int,),
    "exact_iterations": (int,),
    "time_limit": (int, float),
}


class Looper:
    """Loops one function, once; as the fixture of a test it takes a mark's options too."""

    def __init__(
        self, loop: Loop, *, refine: Callable[[dict[str, Any]], bool], covered: Covered
    ) -> None:
        """`refine` hands options on; a first pass is `covered`, and not measured."""
        self._loop = loop
        self._refine = refine
        self._covered = covered
        self._has_looped = False

    def __call__(self, function: Callable[[], Any], **options: object) -> Awaitable[None] | None:
        """Loop `function`; in a running event loop, an async one is looped once it is awaited."""
        given = checked_options("the leakcheck fixture", (), options)
        if given:
            self._refine(given)
        if not is_async(function):
            self.loop(function)
            return None
        looping = self.loop_inside(function)
        if _is_in_loop():
            return looping
        asyncio.run(looping)
        return None

    def loop(self, step: Callable[[], Any]) -> None:
        """Run the iterations of a plain function."""
        self._begin()
        if self._covered.is_on:
            self._loop.pass_first()
            step()
            self._covered.end()
        self._loop.iterate(step)

    async def loop_inside(self, step: Callable[[], Awaitable[Any]]) -> None:
        """Run the iterations of an async function in the event loop that is running."""
        self._begin()
        if self._covered.is_on:
            self._loop.pass_first()
            await step()
            self._covered.end()
        await self._loop.iterate_in_loop(step)

    def require_looped(self) -> None:
        """Raise unless something was looped."""
        if not self._has_looped:
            raise BadTargetError(_NEVER)

    def _begin(self) -> None:
        if self._has_looped:
            raise BadTargetError(_TWICE)
        self._has_looped = True


def checked_options(
    subject: str, positional: tuple[object, ...], given: Mapping[str, object]
) -> dict[str, Any]:
    """Return the options of a mark or a call that are given.

    Raises:
        BadTargetError: if one is unknown, has no name, or is not of its kind.
    """
    wanted = f"wanted {', '.join(_KINDS)} by name"
    if positional:
        msg = f"{subject}: found {positional[0]!r} without a name, {wanted}"
        raise BadTargetError(msg)
    for name, value in given.items():
        if name not in _KINDS:
            msg = f"{subject}: found {name}={value!r}, {wanted}"
            raise BadTargetError(msg)
        if value is not None and type(value) not in _KINDS[name]:
            kinds = " or ".join(kind.__name__ for kind in _KINDS[name])
            msg = f"{subject}: found {name}={value!r}, wanted {kinds}"
            raise BadTargetError(msg)
    return {name: value for name, value in given.items() if value is not None}


def _is_in_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
