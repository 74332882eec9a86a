"""Whether the service lives, whether it is of use, and how it fares. No route waits for an item that is examined."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST

from detector.models import shipped
from service.messages import Backlog, Health, IndexHealth
from service.problems import documented
from service.sqlite import UNAVAILABLE
from service.state import Service, ServiceDep
from service.store.deliveries import backlog
from service.store.jobs import count_unfinished

router = APIRouter(tags=["health"])


@lru_cache(maxsize=1)
def _models() -> dict[str, str]:
    """The versions of the learned weights by name; they are read when somebody asks first."""
    return {name: shipped(name).version for name in ("cleaner", "lines", "quality", "unicode")}


@router.get("/livez", summary="Does the process answer?", response_model_exclude_none=True)
async def livez() -> Health:
    """Always ok: that there is an answer is the answer."""
    return Health(status="ok")


@router.get(
    "/readyz",
    responses={503: {"model": Health, "description": "Not of use now"}},
    response_model_exclude_none=True,
    summary="Is it of use?",
)
async def readyz(response: Response, service: ServiceDep) -> Health:
    """Ok when the store can be read, the index is the store's, a worker is warm and there is room for another item.

    A policy file that is wrong, and events that nobody takes, are named here; neither keeps the service from its work.
    """
    stands = await asyncio.to_thread(_look, service)
    checks = {
        "store": "ok" if isinstance(stands, _Stands) else stands,
        "index": _index(service),
        "workers": "ok" if service.examiners.alive else "none is warm",
        "queue": _queue(service),
    }
    ready = all(check == "ok" for check in checks.values())
    webhooks = _webhooks(stands.events) if isinstance(stands, _Stands) else "unknown"
    checks |= {"policy": "; ".join(service.policies.faults.values()) or "ok", "webhooks": webhooks}
    health = Health(status="ok" if ready else "failing", checks=checks, models=dict(_models()))
    if isinstance(stands, _Stands):
        health.index, health.backlog = stands.index, _backlog(service, stands)
    if not ready:
        response.status_code = 503
    return health


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


@dataclass(frozen=True, slots=True)
class _Stands:
    """What the store says."""

    index: IndexHealth
    batches: int
    events: Mapping[str, int]  # by state


def _look(service: Service) -> _Stands | str:
    """How things stand, or why the store cannot be read."""
    shelf = service.desk.bench.shelf
    index = shelf.index
    try:
        with service.store.reading() as connection:
            found = IndexHealth(
                items=len(index), verified=index.filled, filling=shelf.is_filling, behind=index.behind(connection)
            )
            return _Stands(found, count_unfinished(connection), backlog(connection))
    except UNAVAILABLE as error:
        return f"cannot be read: {type(getattr(error, 'orig', error)).__name__}"


def _index(service: Service) -> str:
    """Whether items are compared, and with what the store holds."""
    if not service.desk.line.is_alive:
        return "nobody compares items any more; restart the server"
    if service.desk.bench.shelf.superseded:
        return "another version of copytaster has made the index again; restart the server as that"
    return "ok"


def _queue(service: Service) -> str:
    gate = service.gate
    return f"full: a request would wait {gate.wait:.1f} s" if gate.is_full else "ok"


def _backlog(service: Service, stands: _Stands) -> Backlog:
    return Backlog(
        requests=service.gate.requests,
        line=service.desk.line.length,
        batches=stands.batches,
        events=stands.events["waiting"],
        dead=stands.events["dead"],
    )


def _webhooks(events: Mapping[str, int]) -> str:
    return f"{events['dead']} events are dead, {events['waiting']} wait" if events["dead"] else "ok"
