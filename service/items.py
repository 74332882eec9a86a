"""The routes for items: check one, admit one, send a new version, look at what was admitted, delete."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import BaseModel, BeforeValidator

from service import conditional
from service.answers import path_of, stored
from service.callers import CallerDep
from service.conditional import IfMatch, IfNoneMatch
from service.desk import Admitted
from service.editors import Editors, Order
from service.limits import require_json
from service.messages import Id, ItemIn, ItemOut, ItemPage, Status, TextIn, VerdictOut
from service.paths import unmarked
from service.problems import ProblemError, documented
from service.repeats import ClaimDep
from service.state import ServiceDep
from service.store import items as store

router = APIRouter(prefix="/v1", tags=["items"])

Html = Annotated[bool, Query(description="also give the cleaned text as a safe HTML fragment")]
ItemId = Annotated[Id, BeforeValidator(unmarked), Path(description="with its slashes as %2F")]
Cursor = Annotated[int | None, Query(ge=1, le=2**63 - 1, description="next, as the page before gave it")]
Limit = Annotated[int, Query(ge=1, le=200)]
SENT = documented(400, 413, 415, 421, 422, 500, 503)
READ = documented(404, 421, 422, 500, 503)


@router.post(
    "/check",
    dependencies=[Depends(require_json)],
    response_model=VerdictOut,
    responses=SENT,
    summary="Check an item",
)
async def check(item: ItemIn, service: ServiceDep, html: Html = False) -> Response:
    """The verdict on an item against everything that was admitted before. Nothing is stored."""
    return written(await service.desk.check(item, html=html))


@router.post(
    "/items",
    status_code=201,
    response_model=ItemOut,
    dependencies=[Depends(require_json)],
    responses={
        200: {"model": ItemOut, "description": "The same item was stored before"},
        **documented(409),
        **SENT,
    },
    summary="Admit an item",
)
async def admit(item: ItemIn, service: ServiceDep, claim: ClaimDep, html: Html = False) -> Response:
    """Check an item and store it: published when it passed, held for review, or rejected.

    201 is answered once all of it is on the disk. The same item again is answered with 200 and the verdict
    of the first time; another item under a stored id with 409.
    """
    admitted = await service.desk.admit(item, html=html, claim=claim)
    return _answer(admitted, created=admitted.new, html=html)


@router.put(
    "/items/{item_id:path}",
    response_model=ItemOut,
    dependencies=[Depends(require_json)],
    responses={
        201: {"model": ItemOut, "description": "There was no item of this id; now there is"},
        **documented(409, 412),
        **SENT,
    },
    summary="Send a new version of an item",
)
async def revise(
    item_id: ItemId,
    text: TextIn,
    service: ServiceDep,
    claim: ClaimDep,
    html: Html = False,
    if_match: IfMatch = None,
) -> Response:
    """Check a new text of an item and store it: it supersedes the one before, which is kept and not looked up again.

    The item's status becomes what the verdict on the new text says. The same text again changes nothing.
    """
    revised = await service.desk.revise(
        text.named(item_id),
        html=html,
        claim=claim,
        allowed=lambda known: conditional.require(if_match, known),
    )
    return _answer(revised, created=revised.new and revised.item.version == 1, html=html)


@router.get(
    "/items/{item_id:path}",
    responses={304: {"description": "It is as your ETag says"}, **READ},
    summary="A stored item",
)
async def read(
    item_id: ItemId, response: Response, service: ServiceDep, html: Html = False, if_none_match: IfNoneMatch = None
) -> ItemOut:
    """An item with the verdict on its current version, as it was answered when that was admitted."""
    found = await asyncio.to_thread(service.store.read, store.find, item_id)
    if found is None:
        raise ProblemError(404, "not-found", f"no item has the id {item_id!r}")
    conditional.unless_known(if_none_match, found.etag)
    response.headers["ETag"] = found.etag
    return stored(found, html=html)


@router.get("/items", responses=documented(421, 422, 500, 503), summary="Stored items")
async def browse(
    service: ServiceDep,
    status: Annotated[Status | None, Query(description="only items of this status")] = None,
    source: Annotated[str | None, Query(description="only items of this source", max_length=200)] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> ItemPage:
    """Stored items, the latest first. Items that come in meanwhile do not shift the pages."""
    found = await asyncio.to_thread(
        service.store.read, store.page, status=status, source=source, before=cursor, limit=limit + 1
    )
    page = found[:limit]
    following = str(page[-1].seq) if len(found) > limit else None
    return ItemPage(items=[stored(item, html=False) for item in page], next=following)


@router.delete("/items/{item_id:path}", status_code=204, responses={**documented(412), **READ}, summary="Erase an item")
async def erase(
    item_id: ItemId,
    service: ServiceDep,
    caller: CallerDep,
    why: Annotated[str, Query(max_length=2_000, description="for the audit")] = "",
    if_match: IfMatch = None,
) -> None:
    """Erase an item: its texts and all versions, what it is found by, its matches and what others quote of it.

    That there was an item of this id, and who erased it, stays in the audit.
    """
    await Editors(service.desk).delete(Order(item_id, caller.name, why, if_match))


def written(answer: BaseModel, status: int = 200) -> Response:
    """An answer of ours as it is: to look at it again, as is done with what routes return, takes a millisecond."""
    return Response(answer.model_dump_json(), status, media_type="application/json")


def _answer(admitted: Admitted, *, created: bool, html: bool) -> Response:
    response = written(stored(admitted.item, html=html), 201 if created else 200)
    response.headers["Location"] = path_of(admitted.item.id)
    response.headers["ETag"] = admitted.item.etag
    return response
