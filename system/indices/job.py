"""The market tick: fetch the quotes, parse them, store them for the route."""

from __future__ import annotations

from system.indices.parse import indices_from_json, indices_to_json, parse_quotes
from system.memory.policy import MemoryPolicy, Step
from system.model import MarketIndices, Turn
from system.ports import Clock, QuoteCache, QuoteSource

__all__ = ["MarketIndicesJob"]


class MarketIndicesJob:
    """Fetches and stores the market indices, and serves what the last tick stored."""

    def __init__(
        self, source: QuoteSource, cache: QuoteCache, clock: Clock, policy: MemoryPolicy
    ) -> None:
        """Fetch from the source into the cache; keep or drop what was fetched by the policy."""
        self._source = source
        self._cache = cache
        self._clock = clock
        self._drops = policy.has(Step.DROP_DATA_AFTER_SAVE)
        self.fetched: MarketIndices | None = None

    async def tick(self, turn: Turn | None = None) -> None:
        """Fetch the newest quotes and store them, as the work of that turn.

        Raises:
            QuotesUnavailableError: the source did not answer.
            MalformedQuotesError: its answer holds no quotes.
            CacheUnavailableError: the cache did not take them.
            StaleTurnError: a later turn has stored some already.
        """
        self.fetched = parse_quotes(await self._source.latest(self._clock.now()))
        await self._cache.put(indices_to_json(self.fetched), turn)
        if self._drops:
            self.fetched = None

    async def get_market_indices(self) -> MarketIndices | None:
        """Return the market indices of the last tick, or ``None`` before the first.

        Raises:
            CacheUnavailableError: the cache did not answer.
        """
        payload = await self._cache.get()
        return None if payload is None else indices_from_json(payload)
