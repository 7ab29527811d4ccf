"""The state the nodes of one run work on: what was fetched, written, translated."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from system.model import History, Report, ReportKind, Turn

__all__ = ["LARGE_FIELDS", "ReportState"]

LARGE_FIELDS = ("html_content", "css_content", "js_content", "html_content_en", "js_content_en")
"""The fields that make a report's state large: 2-11 MB together, about 4 in the mean."""


@dataclass(slots=True, kw_only=True)
class ReportState:
    """One run's state. A large field is empty before its node has run, and once released."""

    report_id: str
    run_number: int
    kind: ReportKind
    created_at: datetime
    turn: Turn | None = None
    title: str = ""
    history: History | None = None
    html_content: str = ""
    css_content: str = ""
    js_content: str = ""
    html_content_en: str = ""
    js_content_en: str = ""

    def release_large_fields(self) -> None:
        """Clear the five large fields; all else stays."""
        for name in LARGE_FIELDS:
            setattr(self, name, "")

    def large_bytes(self) -> int:
        """Return how many characters the five large fields hold together."""
        return sum(len(getattr(self, name)) for name in LARGE_FIELDS)

    def to_report(self) -> Report:
        """Return the report as it is to be stored, with the state's own strings, not copies."""
        return Report(
            report_id=self.report_id,
            kind=self.kind,
            created_at=self.created_at,
            title=self.title,
            html_content=self.html_content,
            css_content=self.css_content,
            js_content=self.js_content,
            html_content_en=self.html_content_en,
            js_content_en=self.js_content_en,
            turn=self.turn,
        )
