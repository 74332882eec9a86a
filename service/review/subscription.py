"""A queue as an Atom feed, for whoever reads feeds; a reader signs in with an API key as its password."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from sqlalchemy import Connection

from service.feed_documents import FeedItem, Page, write_atom
from service.review import lists
from service.review.failures import PageRoute
from service.review.pages import reading
from service.review.visitors import VisitorDep
from service.state import ServiceDep
from service.store import items, queue
from service.store.queue import Filters
from service.store.records import now

router = APIRouter(prefix="/review", include_in_schema=False, route_class=PageRoute)


@router.get("/feed.atom")
async def atom(request: Request, _: VisitorDep, service: ServiceDep) -> Response:
    """The items of a filter, the latest first, each with a link to its page here."""
    filters = lists.parsed(request.query_params)
    base = service.settings.base_url
    found = await reading(service, _items, filters, base)
    here = f"{base}{lists.feed_href(filters)}"
    title = f"{service.settings.feed_title}: {filters.status}{f' for {filters.reason}' if filters.reason else ''}"
    page = Page(title=title, home=base, first=here, here=here, following=None, items=tuple(found), removed=())
    headers = {"Cache-Control": "private, no-cache"}
    return Response(write_atom(page), 200, headers, "application/atom+xml")


def _items(connection: Connection, filters: Filters, base: str) -> list[FeedItem]:
    entries = queue.page(connection, filters, now())
    stored = {item.seq: item for item in items.find_all(connection, [entry.seq for entry in entries])}
    return [
        FeedItem(
            id=entry.id,
            title=entry.title,
            text=", ".join(entry.reasons).replace("_", " "),
            html="",
            url=f"{base}{lists.item_href(entry.id, Filters())}",
            source=entry.source,
            section=entry.section,
            language=entry.language,
            published=entry.received,
            changed=stored[entry.seq].changed,
        )
        for entry in entries
    ]
