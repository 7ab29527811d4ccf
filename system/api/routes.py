"""The routes: market indices, reports and their runs, health, memory metrics."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import HTMLResponse, PlainTextResponse

from system.api.dashboard import dashboard_page, metrics_text
from system.api.schemas import HealthOut, IndicesOut, ReportOut, RunOut
from system.service import Service

__all__ = ["router"]

router = APIRouter()


async def _running_service(request: Request) -> Service:
    service = request.app.state.service
    if not isinstance(service, Service):
        raise HTTPException(503, "the service is not running")
    return service


Running = Annotated[Service, Depends(_running_service)]


@router.get("/api/market-indices")
async def get_market_indices(service: Running) -> IndicesOut:
    """Return the market indices of the last tick; 404 before the first."""
    indices = await service.indices.get_market_indices()
    service.retention.collect_in_route()
    if indices is None:
        raise HTTPException(404, "no market indices yet")
    return IndicesOut.of(indices)


@router.post("/api/reports", status_code=202)
async def create_manual_report(service: Running) -> RunOut:
    """Return the run of a report that is being made from now on; its id is the report's too."""
    return RunOut.of(service.reports.start_manual_report())


@router.get("/api/reports/{report_id}")
async def get_report(report_id: str, service: Running) -> ReportOut:
    """Return the stored report; 404 when there is none of that id, or not any more."""
    report = await service.adapters.store.get(report_id)
    if report is None:
        raise HTTPException(404, "no such report")
    return ReportOut.of(report)


@router.get("/api/runs/{run_id}")
async def get_run(run_id: str, service: Running) -> RunOut:
    """Return where the run stands; 404 when there is none of that id, or not any more."""
    facts = service.registry.get(run_id)
    if facts is None:
        raise HTTPException(404, "no such run")
    return RunOut.of(facts)


@router.get("/health")
async def health(service: Running) -> HealthOut:
    """Return that the service is up."""
    return HealthOut(status="ok", release=service.settings.release)


@router.get("/metrics", response_class=PlainTextResponse)
async def metrics(service: Running) -> str:
    """Return the memory metrics, in Prometheus's text format."""
    return metrics_text(service.memory.take(), alerted=service.memory.alerted)


@router.get("/dashboard", response_class=HTMLResponse)
async def dashboard(service: Running) -> str:
    """Return the memory metrics as a page that renews itself."""
    return dashboard_page(service.memory.take(), alerted=service.memory.alerted)
