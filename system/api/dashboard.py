"""The memory metrics as text, for a scraper and for a person. Pure."""

from __future__ import annotations

from system.memory.watch import MemoryReading

__all__ = ["dashboard_page", "metrics_text"]


def metrics_text(reading: MemoryReading, *, alerted: bool) -> str:
    """Return the reading in Prometheus's text exposition format, version 0.0.4."""
    gauges = {
        "system_resident_memory_bytes": reading.resident_bytes,
        "system_memory_limit_bytes": reading.limit_bytes,
        "system_memory_alert": int(alerted),
        "system_redis_connections": reading.redis_connections,
        "system_kept_runs": reading.kept_runs,
    }
    return "".join(f"# TYPE {name} gauge\n{name} {value}\n" for name, value in gauges.items())


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
