"""Server-sent events: how many items wait, and what others do to the one that is open (WHATWG HTML 9.2)."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass

from fastapi import APIRouter, Request
from sqlalchemy import Connection, select
from starlette.responses import StreamingResponse

from service.review.failures import PageRoute
from service.review.pages import reading
from service.review.visitors import VisitorDep
from service.state import Service, ServiceDep
from service.store import claims, queue
from service.store.records import now
from service.tables import items

router = APIRouter(prefix="/review", include_in_schema=False, route_class=PageRoute)
_LOOK_SECONDS = 2.0
_LONGEST_SECONDS = 300.0  # then the browser asks anew, and shows by it that it is still there


@dataclass(frozen=True, slots=True)
class QueueState:
    """What a page's header shows."""

    held: int
    latest: int  # number of the held item that came last


@dataclass(frozen=True, slots=True)
class ItemState:
    """What an editor who has an item open must know."""

    changed: bool  # since the stream began
    claimed_by: str | None  # somebody else


@router.get("/live")
async def live(
    request: Request, visitor: VisitorDep, service: ServiceDep, item: int | None = None
) -> StreamingResponse:
    """Tell what changes, as it does."""
    events = _events(request, service, visitor.name, item)
    return StreamingResponse(events, media_type="text/event-stream", headers={"Cache-Control": "no-store"})


async def _events(request: Request, service: Service, who: str, item: int | None) -> AsyncIterator[str]:
    end = time.monotonic() + _LONGEST_SECONDS
    first = await reading(service, _stamp, item) if item is not None else None
    told: dict[str, object] = {}
    while time.monotonic() < end and not await request.is_disconnected():
        found: dict[str, object] = {"queue": await reading(service, _queue)}
        if item is not None:
            found["item"] = await reading(service, _item, item, first, who)
        for name, state in found.items():
            if told.get(name) != state:
                yield f"event: {name}\ndata: {json.dumps(asdict(state))}\n\n"  # type: ignore[call-overload]
        told = found
        await asyncio.sleep(_LOOK_SECONDS)


def _queue(connection: Connection) -> QueueState:
    return QueueState(queue.counts(connection).get("held", 0), queue.latest(connection))


def _stamp(connection: Connection, item: int) -> int | None:
    return connection.scalar(select(items.c.changed).where(items.c.seq == item))


def _item(connection: Connection, item: int, first: int | None, who: str) -> ItemState:
    holder = claims.holder(connection, item, now())
    return ItemState(_stamp(connection, item) != first, holder if holder != who else None)
