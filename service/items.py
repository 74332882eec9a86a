"""The routes for items: check one, admit one, look at what was admitted."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from service.answers import path_of, stored
from service.limits import require_json
from service.messages import ItemIn, ItemOut, ItemPage, VerdictOut
from service.problems import ProblemError, documented
from service.state import ServiceDep
from service.store import Status
from service.store import items as store

router = APIRouter(prefix="/v1", tags=["items"])

Html = Annotated[bool, Query(description="also give the cleaned text as a safe HTML fragment")]
_refusals = documented(400, 413, 415, 421, 422, 500, 503)


@router.post("/check", dependencies=[Depends(require_json)], responses=_refusals, summary="Check an item")
async def check(item: ItemIn, service: ServiceDep, html: Html = False) -> VerdictOut:
    """The verdict on an item against everything that was admitted before. Nothing is stored."""
    return await service.desk.check(item, html=html)


@router.post(
    "/items",
    status_code=201,
    dependencies=[Depends(require_json)],
    responses={
        200: {"model": ItemOut, "description": "The same item was stored before"},
        **documented(409),
        **_refusals,
    },
    summary="Admit an item",
)
async def admit(item: ItemIn, response: Response, service: ServiceDep, html: Html = False) -> ItemOut:
    """Check an item and store it: published when it passed, held for review, or rejected.

    201 is answered once all of it is on the disk. The same item again is answered with 200 and the verdict
    of the first time; another item under a stored id with 409.
    """
    admitted = await service.desk.admit(item)
    if not admitted.new:
        response.status_code = 200
    response.headers["Location"] = path_of(item.id)
    return stored(admitted.item, html=html)


@router.get("/items/{item_id:path}", responses=documented(404, 421, 422, 500, 503), summary="A stored item")
async def read(item_id: str, service: ServiceDep, html: Html = False) -> ItemOut:
    """An item with its verdict, as it was answered when it was admitted."""
    found = await asyncio.to_thread(service.store.read, store.find, item_id)
    if found is None:
        raise ProblemError(404, "not-found", f"no item has the id {item_id!r}")
    return stored(found, html=html)


@router.get("/items", responses=documented(421, 422, 500, 503), summary="Stored items")
async def browse(
    service: ServiceDep,
    status: Annotated[Status | None, Query(description="only items of this status")] = None,
    source: Annotated[str | None, Query(description="only items of this source", max_length=200)] = None,
    cursor: Annotated[int | None, Query(ge=1, le=2**63 - 1, description="next, as the page before gave it")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> ItemPage:
    """Stored items, the latest first. Items that come in meanwhile do not shift the pages."""
    found = await asyncio.to_thread(
        service.store.read, store.page, status=status, source=source, before=cursor, limit=limit + 1
    )
    page = found[:limit]
    following = str(page[-1].seq) if len(found) > limit else None
    return ItemPage(items=[stored(item, html=False) for item in page], next=following)
