"""The workloads over the service run, and say so themselves when something is lost on the way."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator

import pytest

import bench.workloads.service as workloads
from bench.workloads.service.bad_quotes import Mood, bad_quotes
from bench.workloads.service.stage import Iteration
from bench.workloads.service.weather import Fault, Weather
from system.adapters.http_quotes import HttpQuotes
from system.clock import SystemClock
from system.errors import QuotesUnavailableError

_SHORT = [name for name in workloads.__all__ if name not in {"save_database", "report_cycle"}]


@pytest.fixture(autouse=True)
def level() -> Iterator[None]:
    """A workload silences the service's log, which other tests read."""
    logger = logging.getLogger("system")
    before = logger.level
    yield
    logger.setLevel(before)


@pytest.mark.parametrize("name", _SHORT)
def test_a_workload_sets_up_iterates_and_tears_down(name: str) -> None:
    workload: Callable[[], AsyncIterator[Iteration]] = getattr(workloads, name)

    async def scenario() -> bool:
        steps = workload()
        iterate = await anext(steps)
        for _ in range(3):
            await iterate()
        return await anext(steps, None) is None

    assert asyncio.run(scenario())


def test_a_report_falls_due_and_is_asked_for_within_a_soak() -> None:
    async def scenario() -> None:
        steps = workloads.service_soak_with_faults()
        iterate = await anext(steps)
        for _ in range(41):
            await iterate()
        await anext(steps, None)

    asyncio.run(scenario())


def _seen(seed: int) -> list[str]:
    events: list[str] = []

    def fault(name: str) -> Fault:
        async def begin() -> None:
            events.append(f"{name} begins")

        async def end() -> None:
            events.append(f"{name} ends")

        return Fault(begin=begin, end=end, longest_ticks=3)

    async def scenario() -> None:
        weather = Weather((fault("a"), fault("b")), seed=seed, share=0.3)
        for _ in range(200):
            events.append("tick")
            await weather.next_tick()

    asyncio.run(scenario())
    return events


def test_the_weather_is_the_same_for_the_same_seed_alone() -> None:
    assert _seen(1) == _seen(1)
    assert _seen(1) != _seen(2)


def test_a_fault_ends_before_the_next_begins() -> None:
    events = [event for event in _seen(3) if event != "tick"]
    assert len(events) > 20
    for begins, ends in zip(events[::2], events[1::2], strict=False):
        assert ends == begins.replace("begins", "ends")


@pytest.mark.parametrize("mood", [Mood.FAILING, Mood.SILENT])
def test_a_source_that_fails_or_never_answers_is_said_to_be_unavailable(mood: Mood) -> None:
    async def scenario() -> None:
        async with bad_quotes(mood) as server:
            quotes = HttpQuotes(server.url, timeout_seconds=0.05)
            for _ in range(6):
                with pytest.raises(QuotesUnavailableError):
                    await quotes.latest(SystemClock().now())
            await quotes.aclose()

    asyncio.run(scenario())


def test_an_answer_without_end_is_not_read_to_its_end() -> None:
    async def scenario() -> int:
        sent = 0

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal sent
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
            try:
                while True:
                    writer.write(b"x" * 2**20)
                    await writer.drain()
                    sent += 2**20
            except OSError:
                writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        quotes = HttpQuotes(f"http://127.0.0.1:{port}", timeout_seconds=60)
        with pytest.raises(QuotesUnavailableError, match="more than 16777216 bytes"):
            await quotes.history()
        await quotes.aclose()
        server.close()
        return sent

    assert asyncio.run(scenario()) < 64 * 2**20
