"""The tables of the report store, as SQLAlchemy maps them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Integer, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from system.model import Report, ReportKind

__all__ = ["Base", "FenceRow", "ReportRow", "values_of"]


class Base(DeclarativeBase):
    """The metadata of every table."""


class ReportRow(Base):
    """One stored report. ``position`` grows with each, so that the oldest are known."""

    __tablename__ = "reports"

    # SQLite numbers rows by itself only where the key is its INTEGER.
    position: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True
    )
    report_id: Mapped[str] = mapped_column(String(32), unique=True)
    run_key: Mapped[str] = mapped_column(String(64), unique=True)
    kind: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    title: Mapped[str] = mapped_column(Text)
    html_content: Mapped[str] = mapped_column(Text)
    css_content: Mapped[str] = mapped_column(Text)
    js_content: Mapped[str] = mapped_column(Text)
    html_content_en: Mapped[str] = mapped_column(Text)
    js_content_en: Mapped[str] = mapped_column(Text)

    def to_report(self) -> Report:
        """Return the report in the row."""
        return Report(
            report_id=self.report_id,
            kind=ReportKind(self.kind),
            created_at=self.created_at,
            title=self.title,
            html_content=self.html_content,
            css_content=self.css_content,
            js_content=self.js_content,
            html_content_en=self.html_content_en,
            js_content_en=self.js_content_en,
        )


class FenceRow(Base):
    """The newest token each job has written a report under."""

    __tablename__ = "fences"

    job: Mapped[str] = mapped_column(String(32), primary_key=True)
    token: Mapped[int] = mapped_column(BigInteger())


def values_of(report: Report) -> dict[str, Any]:
    """Return the report as the columns of a row, but for its position."""
    return {
        "report_id": report.report_id,
        "run_key": report.run_key,
        "kind": str(report.kind),
        "created_at": report.created_at,
        "title": report.title,
        "html_content": report.html_content,
        "css_content": report.css_content,
        "js_content": report.js_content,
        "html_content_en": report.html_content_en,
        "js_content_en": report.js_content_en,
    }
