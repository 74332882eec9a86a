"""What the review page shows: queue, item, decisions, overview. It reads alone, but for the claim on an item."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar, get_args

from fastapi import APIRouter, HTTPException, Query, Request
from sqlalchemy import Connection
from starlette.responses import HTMLResponse, Response, StreamingResponse

from service.review import lists
from service.review.failures import PageRoute
from service.review.panels import panels
from service.review.rendering import rendered, static_file
from service.review.views import item_view
from service.review.visitors import Visitor, VisitorDep
from service.state import Service, ServiceDep
from service.store import Status, claims, decisions, items, queue
from service.store.decisions import Decision
from service.store.records import now

router = APIRouter(prefix="/review", include_in_schema=False, route_class=PageRoute)
T = TypeVar("T")
_DECISIONS = 100  # on a page
_TOLD = {
    "exact": "the same as",
    "near": "a light edit of",
    "contained": "a cut of",
    "contains": "holds",
    "update": "brings up to date",
    "related": "the same event as",
    "template": "the same form as",
}


@dataclass(frozen=True, slots=True)
class Flash:
    """What was just done, and the decisions that an undo would undo."""

    text: str
    undo: str


async def reading(service: Service, query: Callable[..., T], *arguments: Any, **named: Any) -> T:
    """What ``query(connection, …)`` gives, read in another thread."""
    return await asyncio.to_thread(service.store.read, query, *arguments, **named)


@router.get("")
async def show_queue(
    request: Request, visitor: VisitorDep, service: ServiceDep, done: str = "", offset: int = Query(0, ge=0, le=100_000)
) -> HTMLResponse:
    """The items that wait, or those of another status."""
    filters = lists.parsed(request.query_params)
    rows, facets = await reading(service, _queue, filters, offset)
    more = len(rows) > queue.PAGE
    shown = [{"entry": row, "href": lists.item_href(row.id, filters)} for row in rows[: queue.PAGE]]
    frame = await frame_of(service, visitor, "queue", done)
    return rendered(
        request,
        "queue.html",
        heading="Waiting for you" if filters.status == "held" else f"Items that are {filters.status}",
        rows=shown,
        filters=filters,
        list=lists.query(filters),
        facets=facets,
        statuses=get_args(Status),
        told=_TOLD,
        feed_url=lists.feed_href(filters),
        next_url=lists.queue_href(filters, offset=offset + queue.PAGE) if more else None,
        **frame,
    )


def _queue(connection: Connection, filters: queue.Filters, offset: int) -> tuple[list[queue.Entry], queue.Facets]:
    rows = queue.page(connection, filters, now(), offset=offset, limit=queue.PAGE + 1)
    return rows, queue.facets(connection, filters.status)


@router.get("/item")
async def show_item(
    request: Request,
    visitor: VisitorDep,
    service: ServiceDep,
    item_id: Annotated[str, Query(alias="id", max_length=200)],
    done: str = "",
    note: str = "",
) -> HTMLResponse:
    """One item with all its evidence; whoever opens it while it waits has it to themselves for five minutes."""
    filters = lists.parsed(request.query_params)
    item = await reading(service, items.find, item_id)
    if item is None:
        raise HTTPException(404, f"no item has the id {item_id!r}")
    if item.status == "held":
        await asyncio.to_thread(service.store.write, claims.claim, item.seq, visitor.name, now())
    view = await reading(service, item_view, item, filters, now(), seen_by=visitor.name)
    frame = await frame_of(service, visitor, "item", done)
    live = f"/review/live?item={item.seq}"
    shown = {name: getattr(view, name) for name in view.__slots__}
    permalink = lists.item_href(item.id, queue.Filters())
    context = frame | {"live": live, "note": note, "list": lists.query(filters), "permalink": permalink}
    return rendered(request, "item.html", **shown, **context)


@router.get("/decisions")
async def show_decisions(
    request: Request, visitor: VisitorDep, service: ServiceDep, before: int | None = None
) -> HTMLResponse:
    """The audit, the latest first."""
    found = await reading(service, decisions.page, before=before, limit=_DECISIONS)
    next_url = f"/review/decisions?before={found[-1].seq}" if len(found) == _DECISIONS else None
    return await _audit(request, service, visitor, "Decisions", found, next_url)


@router.get("/decision")
async def show_decision(request: Request, visitor: VisitorDep, service: ServiceDep, seq: int) -> HTMLResponse:
    """One decision, by an address that can be passed on."""
    found = await reading(service, decisions.by_seq, [seq])
    if not found:
        raise HTTPException(404, f"there is no decision {seq}")
    return await _audit(request, service, visitor, f"Decision {seq}", found, None)


async def _audit(
    request: Request, service: Service, visitor: Visitor, heading: str, found: Sequence[Decision], next_url: str | None
) -> HTMLResponse:
    frame = await frame_of(service, visitor, "decisions")
    return rendered(request, "decisions.html", heading=heading, decisions=found, next_url=next_url, **frame)


@router.get("/decisions.jsonl")
async def export_decisions(_: VisitorDep, service: ServiceDep) -> StreamingResponse:
    """Every item that a person decided, as ``copytaster train quality --decisions`` reads it."""

    def lines() -> Iterator[str]:
        with service.store.reading() as connection:
            for row in decisions.export(connection):
                yield json.dumps(row, ensure_ascii=False) + "\n"

    headers = {"Content-Disposition": 'attachment; filename="decisions.jsonl"'}
    return StreamingResponse(lines(), headers=headers, media_type="application/x-ndjson")


@router.get("/overview")
async def show_overview(
    request: Request, visitor: VisitorDep, service: ServiceDep, days: int = Query(7, ge=1, le=365)
) -> HTMLResponse:
    """What came in, what became of it, who copies whom."""
    found = await reading(service, panels, now(), days)
    return rendered(request, "overview.html", panels=found, days=days, **await frame_of(service, visitor, "overview"))


@router.get("/static/{name}")
async def show_static(name: str) -> Response:
    """The page's own style and script."""
    found = static_file(name)
    if found is None:
        raise HTTPException(404, f"there is no file {name!r}")
    return found


async def frame_of(service: Service, visitor: Visitor, page: str, done: str = "") -> dict[str, Any]:
    """What stands around every page; ``done``: numbers of the decisions that an address says were just made."""
    counts = await reading(service, queue.counts)
    flash = await reading(service, _flash, done) if done else None
    return {
        "page": page,
        "held": counts.get("held", 0),
        "user": visitor,
        "csrf": visitor.csrf,
        "flash": flash,
        "live": "/review/live",
    }


_DONE = {"published": "Published", "rejected": "Rejected", "held": "Held"}


def _flash(connection: Connection, done: str) -> Flash | None:
    """What was done by the decisions that an address names; addresses can be made up, so it is read anew."""
    seqs = [int(part) for part in done.split(",")[:1_000] if part.isdecimal() and len(part) < 19]
    found = decisions.by_seq(connection, seqs)
    if not found:
        return None
    undone = {f"undoes decision {one.seq}" for one in found}
    first = found[0]
    verb = _DONE.get(first.after, first.kind.replace("_", " ").capitalize())
    what = first.item_id if len(found) == 1 else f"{len(found)} items"
    if first.why.startswith("undoes decision"):
        return Flash(f"Undone: {what} {first.after} again.", "")
    can_undo = first.kind == "decide" and not undone & decisions.reasons_of(connection, first.item_id)
    return Flash(f"{verb}: {what}.", ",".join(str(one.seq) for one in found) if can_undo else "")
