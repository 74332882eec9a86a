"""The routes for editors' decisions: make one, read the audit, take them all home to learn from."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from service.callers import CallerDep
from service.conditional import IfMatch
from service.editor_messages import DecisionIn, DecisionOut, DecisionPage
from service.editors import Editors, Order, Ruling, decision_line
from service.items import SENT, Cursor, Limit
from service.limits import require_json
from service.messages import Id
from service.problems import documented
from service.repeats import ClaimDep
from service.state import ServiceDep
from service.store import Store
from service.store import decisions as store

router = APIRouter(prefix="/v1", tags=["decisions"])


@router.post(
    "/decisions",
    dependencies=[Depends(require_json)],
    responses={**documented(404, 409, 412), **SENT},
    summary="Decide on an item",
)
async def decide(
    given: DecisionIn, service: ServiceDep, caller: CallerDep, claim: ClaimDep, if_match: IfMatch = None
) -> DecisionOut:
    """An editor's word, which goes before the verdict: it changes the item's status and is kept with who, when and why.

    ``pairs`` says of other items whether they tell the same: later checks of either item, and new versions of it,
    respect that. ``sentences`` says which of them are filler; both are what the models can learn from.
    """
    ruling = Ruling(
        given.decision,
        tuple((pair.item_id, pair.relation) for pair in given.pairs),
        tuple((sentence.start, sentence.end, sentence.label) for sentence in given.sentences),
    )
    order = Order(given.item_id, given.by or caller.name, given.why, if_match)
    return await Editors(service.desk).decide(order, ruling, claim)


@router.get("/decisions", responses=documented(421, 422, 500, 503), summary="The audit")
async def browse(
    service: ServiceDep,
    item_id: Annotated[Id | None, Query(description="only those on this item")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> DecisionPage:
    """Who decided, retracted or erased what, when and why; the latest first."""
    found = await asyncio.to_thread(service.store.read, store.page, item_id=item_id, before=cursor, limit=limit + 1)
    page = found[:limit]
    following = str(page[-1].seq) if len(found) > limit else None
    return DecisionPage(decisions=[decision_line(one) for one in page], next=following)


@router.get(
    "/decisions.jsonl",
    responses={
        200: {"content": {"application/x-ndjson": {"schema": {"type": "string"}}}},
        **documented(421, 500, 503),
    },
    response_class=StreamingResponse,
    summary="Decisions to learn from",
)
async def export(service: ServiceDep) -> StreamingResponse:
    """Each item that was decided on, with its text, a line each: ``copytaster train quality --decisions`` reads it."""
    return StreamingResponse(_lines(service.store), media_type="application/x-ndjson")


def _lines(store_: Store) -> Iterator[str]:
    with store_.reading() as connection:
        for line in store.export(connection):
            yield json.dumps(line, ensure_ascii=False) + "\n"
