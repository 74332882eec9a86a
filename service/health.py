"""Whether the service lives, and whether it is of use. Neither route waits for an item that is being examined."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Response
from sqlalchemy.exc import DBAPIError

from service.messages import Health
from service.state import ServiceDep
from service.store import items

router = APIRouter(tags=["health"])


@router.get("/livez", summary="Does the process answer?")
async def livez() -> Health:
    """Always ok: that there is an answer is the answer."""
    return Health(status="ok")


@router.get("/readyz", responses={503: {"model": Health, "description": "Not of use now"}}, summary="Is it of use?")
async def readyz(response: Response, service: ServiceDep) -> Health:
    """Ok when the store can be read and at least one worker is warm."""
    checks = {"store": await asyncio.to_thread(_store, service), "workers": _workers(service)}
    if all(check == "ok" for check in checks.values()):
        return Health(status="ok", checks=checks)
    response.status_code = 503
    return Health(status="failing", checks=checks)


def _store(service: ServiceDep) -> str:
    try:
        service.store.read(items.page, limit=1)
    except DBAPIError as error:
        return f"cannot be read: {error.orig}"
    return "ok"


def _workers(service: ServiceDep) -> str:
    return "ok" if service.examiners.alive else "none is warm"
