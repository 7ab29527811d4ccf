"""The first three nodes of the workflow: fetch the data, write the report, translate it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from system.indices.parse import parse_history
from system.ports import QuoteSource
from system.sizes import ReportSizes
from system.workflow.compose import compose_css, compose_html, compose_js, compose_title
from system.workflow.state import ReportState
from system.workflow.translate import to_english

__all__ = ["FetchData", "Node", "TranslateReport", "WriteReport"]

_COVERED_MONTHS = 120
"""A report covers ten years."""

Node: TypeAlias = Callable[[ReportState], Awaitable[None]]


class FetchData:
    """Fills in the price history."""

    def __init__(self, source: QuoteSource) -> None:
        """Fetch from that source."""
        self._source = source

    async def __call__(self, state: ReportState) -> None:
        """Fetch and parse the history.

        Raises:
            QuotesUnavailableError: the source did not answer.
            MalformedQuotesError: its answer is no history.
        """
        state.history = parse_history(await self._source.history())


class WriteReport:
    """Fills in the title and the German page, stylesheet and script."""

    def __init__(self, sizes: ReportSizes) -> None:
        """Write reports of those sizes."""
        self._sizes = sizes

    async def __call__(self, state: ReportState) -> None:
        """Write the report from the history, which the state needs no longer."""
        history, state.history = state.history, None
        if history is None:
            msg = f"report {state.report_id}: no history, want it fetched before writing"
            raise ValueError(msg)
        history = history.newest(_COVERED_MONTHS)
        sizes = self._sizes.draw(state.run_number)
        state.title = compose_title(history, state.run_number)
        state.html_content = compose_html(history, state.title, sizes)
        state.css_content = compose_css(history, sizes)
        state.js_content = compose_js(history, state.title, sizes)


class TranslateReport:
    """Fills in the English page and script."""

    async def __call__(self, state: ReportState) -> None:
        """Translate the German ones."""
        state.html_content_en = to_english(state.html_content)
        state.js_content_en = to_english(state.js_content)
