"""Reports of full size: the whole workflow, and its last node alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import leakcheck
from bench.workloads.service.stage import Iteration, staged
from system.indices.parse import parse_history
from system.model import ReportKind
from system.ports import QuoteSource
from system.sizes import DOCUMENTED, FieldSizes
from system.workflow.compose import compose_css, compose_html, compose_js
from system.workflow.state import ReportState

__all__ = ["report_cycle", "save_database"]

_THRESHOLD = "64B"
"""An iteration moves megabytes, and there are hundreds of them: a run can bound no less."""
_SECONDS = 36
"""Three hundred reports and more, on a machine with two cores and another workload beside this."""
_SECONDS_OF_SAVES = 120
"""Two thousand saves, on a slow machine too: it ends when it is sure, after 24 s on a fast one."""
_LARGEST = FieldSizes(html=DOCUMENTED.html[1], css=DOCUMENTED.css[1], js=DOCUMENTED.js[1])


@leakcheck.workload(threshold=_THRESHOLD, time_limit=_SECONDS)
async def report_cycle() -> AsyncIterator[Iteration]:
    """A report on request, from the fetch to the commit: about 4 MB, up to 11."""
    async with staged(fills_store=True) as stage:

        async def one_report() -> None:
            await stage.service.reports.create_manual_report()

        yield one_report


@leakcheck.workload(threshold=_THRESHOLD, time_limit=_SECONDS_OF_SAVES)
async def save_database() -> AsyncIterator[Iteration]:
    """The `save_database` node alone, over a state as large as a report's, in a run of its own."""
    async with staged(fills_store=True) as stage:
        service = stage.service
        text = await _report_text(service.adapters.source)

        async def one_save() -> None:
            run = service.registry.open(ReportKind.MANUAL)
            _fill(run.state, text)
            await service.save_database(run.state)
            service.registry.close(run)

        yield one_save


@dataclass(frozen=True, slots=True)
class _Text:
    """The text of the largest report, to cut other reports from."""

    html: str
    css: str
    js: str


async def _report_text(source: QuoteSource) -> _Text:
    history = parse_history(await source.history())
    return _Text(
        html=compose_html(history, "largest", _LARGEST),
        css=compose_css(history, _LARGEST),
        js=compose_js(history, "largest", _LARGEST),
    )


def _fill(state: ReportState, text: _Text) -> None:
    """Give the state strings of its own: cut anew, they are held by nobody else."""
    sizes = DOCUMENTED.draw(state.run_number)
    state.title = "cut"
    state.html_content = text.html[: sizes.html]
    state.css_content = text.css[: sizes.css]
    state.js_content = text.js[: sizes.js]
    state.html_content_en = text.html[-sizes.html :]
    state.js_content_en = text.js[-sizes.js :]
