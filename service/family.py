"""What an item has to do with others: its matches side by side, its story, and taking it back with its copies known."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Depends
from sqlalchemy import Connection

from detector.stories import Member, stories
from service.callers import CallerDep
from service.comparing import passages_between
from service.conditional import IfMatch
from service.editor_messages import (
    DiffOut,
    MatchDiffOut,
    MatchesOut,
    MemberOut,
    RetractionIn,
    RetractionOut,
    StoryOut,
)
from service.editors import Editors, Order, known
from service.items import READ, SENT, ItemId
from service.limits import require_json
from service.problems import documented
from service.repeats import ClaimDep
from service.state import ServiceDep
from service.store import StoredItem, families
from service.store import items as store

router = APIRouter(prefix="/v1/items", tags=["items"])


@router.get("/{item_id}/matches", responses=READ, summary="An item's matches, side by side")
async def matches(item_id: ItemId, service: ServiceDep) -> MatchesOut:
    """The earlier items that say the same, each with both texts side by side."""
    return await asyncio.to_thread(service.store.read, _matches, item_id)


def _matches(connection: Connection, item_id: str) -> MatchesOut:
    item = known(connection, Order(item_id, "", ""))
    found = families.with_texts(connection, item)
    return MatchesOut(
        id=item.id,
        version=str(item.version),
        matches=[
            MatchDiffOut(**answer, diff=_diff(item.text, text) if text is not None else []) for answer, text in found
        ],
    )


def _diff(later: str, earlier: str) -> list[DiffOut]:
    return [
        DiffOut(kind=p.kind, text=later[p.start : p.end], other_text=earlier[p.other_start : p.other_end])
        for p in passages_between(later, earlier)
    ]


@router.get("/{item_id}/story", responses=READ, summary="The story that an item belongs to")
async def story(item_id: ItemId, service: ServiceDep) -> StoryOut:
    """Everything that copies the item or that it copies, as a tree. No verdict hangs on it."""
    return await asyncio.to_thread(service.store.read, _story, item_id)


def _story(connection: Connection, item_id: str) -> StoryOut:
    item = known(connection, Order(item_id, "", ""))
    family = families.around(connection, item.seq)
    members = {one.id: one for one in store.find_all(connection, family.seqs)}
    told = next(
        one for one in stories(members, family.matches) if any(member.item_id == item.id for member in one.members)
    )
    return StoryOut(
        id=item.id,
        first=told.first,
        members=[_member(depth, member, members[member.item_id]) for depth, member in told.walk()],
        related=list(told.related),
        truncated=family.truncated,
    )


def _member(depth: int, member: Member, item: StoredItem) -> MemberOut:
    return MemberOut(
        id=item.id,
        parent=member.parent,
        depth=depth,
        kind=member.kind,  # type: ignore[arg-type]  # of the kinds that are copies
        changed=member.changed,
        status=item.status,
        title=item.title,
        url=item.url,
        source=item.source,
        received=item.received,
    )


@router.post(
    "/{item_id}/retract",
    dependencies=[Depends(require_json)],
    responses={**documented(404, 409, 412), **SENT},
    summary="Take an item back",
)
async def retract(
    item_id: ItemId,
    retraction: RetractionIn,
    service: ServiceDep,
    caller: CallerDep,
    claim: ClaimDep,
    if_match: IfMatch = None,
) -> RetractionOut:
    """Take an item out of the feeds, and list every published near-copy of it, whichever of the two came first.

    The item and each copy have an event. What copies it from now on is held, with the reason ``copy_of_retracted``.
    """
    order = Order(item_id, retraction.by or caller.name, retraction.why, if_match)
    return await Editors(service.desk).retract(order, claim)
