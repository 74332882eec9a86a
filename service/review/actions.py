"""What an editor does by a form: decide, pin, label, give back, undo. Each answers with the page to go on with."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import APIRouter, Form, Request
from sqlalchemy import Connection
from starlette.responses import RedirectResponse, Response

from service.editors import Order
from service.problems import ProblemError
from service.review import lists
from service.review.edits import Edits, ruling_for
from service.review.failures import PageRoute
from service.review.pages import frame_of, reading
from service.review.rendering import rendered
from service.review.visitors import VisitorDep
from service.state import Service, ServiceDep
from service.store import StoredItem, claims, items, queue
from service.store.decisions import Relation
from service.store.queue import Filters
from service.store.records import now

router = APIRouter(prefix="/review", include_in_schema=False, route_class=PageRoute)

Value = Annotated[str, Form(max_length=2_000)]
List = Annotated[str, Form(alias="list", max_length=2_000)]  # the queue's filters, as lists.query writes them
_VERBS = {"publish": "Publish", "reject": "Reject"}
_RELATIONS: dict[str, Relation | None] = {"different": "different", "same": "same", "none": None}
_MOST = 500  # items in one bulk action


@router.post("/decide")
async def decide(
    visitor: VisitorDep,
    service: ServiceDep,
    item: Value,
    seen: Value,
    action: Value,
    note: Value = "",
    of: Value = "",
    from_list: List = "",
) -> Response:
    """Decide an item as it was seen, and go on with the next one of the queue."""
    filters = _filters(from_list)
    order = Order(item, visitor.name, note, if_match=seen)
    edits = Edits(service.desk)
    found = await _mine(service, item, visitor.name)
    if action == "different":
        pinned = await edits.pin(order, of, "different")
        return _to(lists.item_href(item, filters, done=pinned.seq, note=note))
    _, following = await reading(service, queue.neighbours, filters, found.seq)
    if action == "update":
        order = Order(item, visitor.name, note or f"an update of {of}", if_match=seen)
    decision = await edits.decide(order, ruling_for(action, of), found.seq)
    if following is None:
        return _to(lists.queue_href(filters, done=decision))
    return _to(lists.item_href(following, filters, done=decision))


async def _mine(service: Service, item_id: str, who: str) -> StoredItem:
    """The item, unless somebody else has it open."""
    found = await reading(service, items.find, item_id)
    if found is None:
        raise ProblemError(404, "not-found", f"no item has the id {item_id!r}")
    holder = await reading(service, claims.holder, found.seq, now())
    if holder not in (None, who):
        raise ProblemError(
            409, "item-claimed", f"{holder} has {item_id!r} open; take it over first, or leave it to them"
        )
    return found


@router.post("/claim")
async def claim(
    visitor: VisitorDep, service: ServiceDep, item: Value, note: Value = "", from_list: List = ""
) -> Response:
    """Take an item over from whoever has it open."""
    found = await reading(service, items.find, item)
    if found is None:
        raise ProblemError(404, "not-found", f"no item has the id {item!r}")
    await asyncio.to_thread(service.store.write, claims.claim, found.seq, visitor.name, now(), take_over=True)
    return _to(lists.item_href(item, _filters(from_list), note=note))


@router.post("/pin")
async def pin(
    visitor: VisitorDep, service: ServiceDep, item: Value, of: Value, relation: Value, from_list: List = ""
) -> Response:
    """Say of a pair that it is different, or the same, or neither any more."""
    if relation not in _RELATIONS:
        raise ProblemError(422, "invalid-request", f"there is no relation {relation!r}")
    decision = await Edits(service.desk).pin(Order(item, visitor.name, ""), of, _RELATIONS[relation])
    return _to(lists.item_href(item, _filters(from_list), done=decision.seq))


@router.post("/label")
async def label(
    visitor: VisitorDep, service: ServiceDep, item: Value, seen: Value, label: Value, from_list: List = ""
) -> Response:
    """Call a sentence filler, or worth printing: ``label`` is start:end:word."""
    start, _, rest = label.partition(":")
    end, _, word = rest.partition(":")
    if not (start.isdecimal() and end.isdecimal() and word in ("filler", "informative")):
        raise ProblemError(422, "invalid-request", f"{label!r} is no label; it looks like 0:74:filler")
    order = Order(item, visitor.name, "", if_match=seen)
    await Edits(service.desk).label(order, int(start), int(end), word)
    return _to(lists.item_href(item, _filters(from_list)))


@router.post("/give-back")
async def give_back(
    visitor: VisitorDep, service: ServiceDep, item: Value, seen: Value, piece: Value, from_list: List = ""
) -> Response:
    """Put a piece that was taken off back into the text."""
    if not piece.isdecimal():
        raise ProblemError(422, "invalid-request", f"{piece!r} is no number of a piece")
    order = Order(item, visitor.name, "", if_match=seen)
    decision = await Edits(service.desk).give_back(order, int(piece))
    return _to(lists.item_href(item, _filters(from_list), done=decision.seq))


@router.post("/bulk")
async def bulk(
    request: Request, visitor: VisitorDep, service: ServiceDep, action: Value, note: Value = "", confirmed: Value = ""
) -> Response:
    """Ask whether these items are meant; decide them when the answer names as many."""
    form = await request.form()
    ids = [value for value in form.getlist("item") if isinstance(value, str)][:_MOST]
    if action not in _VERBS:
        raise ProblemError(422, "invalid-request", f"there is no action {action!r} for many items")
    if not ids:
        raise ProblemError(422, "invalid-request", "no item was selected; go back and select some")
    found = await reading(service, _all, ids)
    if confirmed != str(len(found)):
        frame = await frame_of(service, visitor, "queue")
        return rendered(request, "confirm.html", rows=found, action=action, verb=_VERBS[action], **frame)
    edits = Edits(service.desk)
    made = []
    for one in found:
        await _mine(service, one.id, visitor.name)
        decision = await edits.decide(Order(one.id, visitor.name, note), ruling_for(action, ""), one.seq)
        made.append(str(decision))
    return _to(lists.queue_href(Filters(), done=",".join(made)))


def _all(connection: Connection, ids: Sequence[str]) -> list[StoredItem]:
    return [item for item in (items.find(connection, one) for one in ids) if item is not None]


@router.post("/undo")
async def undo(
    visitor: VisitorDep, service: ServiceDep, decisions: Annotated[str, Form(max_length=20_000)]
) -> Response:
    """Give the items of these decisions the status that they had before."""
    seqs = [int(part) for part in decisions.split(",") if part.isdecimal()]
    changed = await Edits(service.desk).undo(visitor.name, seqs)
    if len(changed) == 1:
        return _to(lists.item_href(changed[0].id, Filters()))
    return _to(lists.queue_href(Filters()))


def _filters(given: str) -> Filters:
    return lists.parsed(dict(parse_qsl(given)))


def _to(address: str) -> Response:
    return RedirectResponse(address, 303)
