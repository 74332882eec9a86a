"""Whether the service lives, whether it is of use, and how it fares. No route waits for an item that is examined."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST

from service.messages import Health
from service.problems import documented
from service.sqlite import UNAVAILABLE
from service.state import Service, ServiceDep
from service.store.deliveries import backlog

router = APIRouter(tags=["health"])


@router.get("/livez", summary="Does the process answer?")
async def livez() -> Health:
    """Always ok: that there is an answer is the answer."""
    return Health(status="ok")


@router.get("/readyz", responses={503: {"model": Health, "description": "Not of use now"}}, summary="Is it of use?")
async def readyz(response: Response, service: ServiceDep) -> Health:
    """Ok when the store can be read, the index is filled, a worker is warm and there is room for another item.

    A policy file that is wrong, and events that nobody takes, are named here; neither keeps the service from its work.
    """
    checks = {
        "store": await asyncio.to_thread(_store, service),
        "index": "ok",  # filled before the first request is taken
        "workers": "ok" if service.examiners.alive else "none is warm",
        "queue": _queue(service),
    }
    ready = all(check == "ok" for check in checks.values())
    checks |= {"policy": "; ".join(service.policies.faults.values()) or "ok", "webhooks": await _webhooks(service)}
    if ready:
        return Health(status="ok", checks=checks)
    response.status_code = 503
    return Health(status="failing", checks=checks)


@router.get("/metrics", responses=documented(401, 403), response_class=Response, summary="Metrics for Prometheus")
async def metrics(service: ServiceDep) -> Response:
    """What was counted since the start, in Prometheus' text format."""
    for state, count in (await asyncio.to_thread(service.store.read, backlog)).items():
        service.metrics.backlog.labels(state).set(count)
    return Response(service.metrics.expose(), media_type=CONTENT_TYPE_LATEST)


def gauges(service: Service) -> dict[str, tuple[str, Callable[[], float]]]:
    """What is measured whenever somebody looks."""
    return {
        "workers": ("Workers that are warm", lambda: service.examiners.alive),
        "requests_held": ("Requests that were let in and are not done with", lambda: service.gate.requests),
        "bytes_held": ("Bytes of their bodies", lambda: service.gate.bytes),
        "wait_seconds": ("How long a request would wait now", lambda: service.gate.wait),
        "line_length": ("Items that wait to be compared", lambda: service.desk.line.length),
    }


def _store(service: Service) -> str:
    try:
        service.store.read(lambda connection: connection.exec_driver_sql("SELECT 1 FROM items LIMIT 1").first())
    except UNAVAILABLE as error:
        return f"cannot be read: {type(getattr(error, 'orig', error)).__name__}"
    return "ok"


def _queue(service: Service) -> str:
    gate = service.gate
    return f"full: a request would wait {gate.wait:.1f} s" if gate.is_full else "ok"


async def _webhooks(service: Service) -> str:
    try:
        counts = await asyncio.to_thread(service.store.read, backlog)
    except UNAVAILABLE:
        return "unknown"
    return f"{counts['dead']} events are dead, {counts['waiting']} wait" if counts["dead"] else "ok"
