"""What the API answers with."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from system.model import MarketIndices, Report, ReportKind, RunStatus
from system.workflow.registry import RunFacts

__all__ = ["HealthOut", "IndicesOut", "QuoteOut", "ReportOut", "RunOut"]


class HealthOut(BaseModel):
    """The service is up, which release it is, and whether it leaks where it watches itself."""

    status: str
    release: str
    growth: str | None = None


class QuoteOut(BaseModel):
    """One symbol's newest price, and its change from the one before in percent."""

    symbol: str
    price: float | None
    change_percent: float | None


class IndicesOut(BaseModel):
    """The market indices of the last tick."""

    as_of: str
    quotes: list[QuoteOut]

    @classmethod
    def of(cls, indices: MarketIndices) -> IndicesOut:
        """Return these market indices as they are answered."""
        quotes = [
            QuoteOut(symbol=quote.symbol, price=quote.price, change_percent=quote.change_percent)
            for quote in indices.quotes
        ]
        return cls(as_of=indices.as_of, quotes=quotes)


class RunOut(BaseModel):
    """Where the run of a report stands; ``progress`` goes from 0 to 1."""

    run_id: str
    kind: ReportKind
    status: RunStatus
    progress: float
    node: str
    started_at: datetime
    finished_at: datetime | None
    error: str | None

    @classmethod
    def of(cls, facts: RunFacts) -> RunOut:
        """Return these facts as they are answered."""
        return cls(
            run_id=facts.run_id,
            kind=facts.kind,
            status=facts.status,
            progress=facts.progress,
            node=facts.node,
            started_at=facts.started_at,
            finished_at=facts.finished_at,
            error=facts.error,
        )


class ReportOut(BaseModel):
    """A stored report, in both languages."""

    report_id: str
    kind: ReportKind
    created_at: datetime
    title: str
    html_content: str
    css_content: str
    js_content: str
    html_content_en: str
    js_content_en: str

    @classmethod
    def of(cls, report: Report) -> ReportOut:
        """Return this report as it is answered."""
        return cls(
            report_id=report.report_id,
            kind=report.kind,
            created_at=report.created_at,
            title=report.title,
            html_content=report.html_content,
            css_content=report.css_content,
            js_content=report.js_content,
            html_content_en=report.html_content_en,
            js_content_en=report.js_content_en,
        )
