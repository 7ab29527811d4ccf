"""The routes: market indices, reports and their runs, health, memory metrics."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Path, Query, Request, Response
from fastapi.responses import HTMLResponse, PlainTextResponse
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from system.api.dashboard import dashboard_page
from system.api.metrics import metrics_text
from system.api.page import Language, page_of
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
Id = Annotated[str, Path(min_length=1, max_length=32, pattern="^[A-Za-z0-9_-]+$")]


@router.get("/api/market-indices")
async def get_market_indices(service: Running) -> IndicesOut:
    """Return the market indices of the last tick; 404 before the first."""
    indices = await service.indices.get_market_indices()
    service.retention.collect_in_route()
    if indices is None:
        raise HTTPException(404, "no market indices yet")
    return IndicesOut.of(indices)


@router.post(
    "/api/reports",
    status_code=202,
    responses={429: {"description": "As many reports as may be are being made."}},
)
async def create_manual_report(service: Running) -> RunOut:
    """Return the run of a report that is being made from now on; its id is the report's too."""
    return RunOut.of(service.reports.start_manual_report())


@router.get("/api/reports/{report_id}")
async def get_report(report_id: Id, service: Running) -> ReportOut:
    """Return the stored report; 404 when there is none of that id, or not any more."""
    report = await service.adapters.store.get(report_id)
    if report is None:
        raise HTTPException(404, "no such report")
    return ReportOut.of(report)


@router.get("/reports/{report_id}", response_class=HTMLResponse)
async def show_report(
    report_id: Id, service: Running, lang: Annotated[Language, Query()] = Language.GERMAN
) -> HTMLResponse:
    """Return the stored report as a page, in an origin of its own; 404 as above."""
    report = await service.adapters.store.get(report_id)
    if report is None:
        raise HTTPException(404, "no such report")
    page = page_of(report, lang)
    return HTMLResponse(page.html, headers={"content-security-policy": page.policy})


@router.get("/api/runs/{run_id}")
async def get_run(run_id: Id, service: Running) -> RunOut:
    """Return where the run stands; 404 when there is none of that id, or not any more."""
    facts = service.registry.get(run_id)
    if facts is None:
        raise HTTPException(404, "no such run")
    return RunOut.of(facts)


@router.get("/health", response_model_exclude_none=True)
async def health(service: Running) -> HealthOut:
    """Return that the service is up, and what its own memory comes to where it is watched."""
    watch = service.adapters.growth
    growth = None if watch is None else watch.verdict()
    return HealthOut(status="ok", release=service.settings.release, growth=growth)


@router.get("/metrics", response_class=PlainTextResponse)
async def metrics(service: Running) -> Response:
    """Return every metric, in Prometheus's text format."""
    return Response(metrics_text(service), media_type=CONTENT_TYPE_PLAIN_0_0_4)


@router.get("/dashboard", response_class=HTMLResponse)
async def dashboard(service: Running) -> str:
    """Return the memory metrics as a page that renews itself."""
    return dashboard_page(service.memory.take(), alerted=service.memory.alerted)
