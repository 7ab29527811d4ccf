"""The memory readings as a page for a person. Pure."""

from __future__ import annotations

from system.memory.watch import MemoryReading

__all__ = ["dashboard_page"]


def dashboard_page(reading: MemoryReading, *, alerted: bool) -> str:
    """Return the reading as an HTML page that asks for itself again every ten seconds."""
    rows = {
        "Resident memory": f"{reading.resident_bytes / 1e6:.1f} MB",
        "Share of the limit": f"{reading.share:.1%}",
        "Alert": "yes" if alerted else "no",
        "Redis connections": str(reading.redis_connections),
        "Runs kept": str(reading.kept_runs),
    }
    cells = "".join(f"<tr><th>{name}</th><td>{value}</td></tr>" for name, value in rows.items())
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Memory</title>'
        '<meta http-equiv="refresh" content="10"></head>'
        f"<body><h1>Memory</h1><table>{cells}</table></body></html>"
    )
