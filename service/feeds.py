"""What was published, as Atom, RSS and JSON Feed: by source and section, page by page, with conditional GET."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import blake2b
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response
from sqlalchemy import Connection

from service.feed_documents import Page, write_atom, write_json, write_rss
from service.problems import documented
from service.state import Service, ServiceDep
from service.store.feeds import Cursor, Shelf, published, removed

router = APIRouter(tags=["feeds"])

_TOMBSTONES = timedelta(days=30)  # for so long a feed says that an item has left
_MOST_TOMBSTONES = 1_000  # on a page: a desk may take back more at once than a page has items
_responses = {304: {"description": "Nothing has changed"}, **documented(421, 422, 500, 503)}
_get: dict[str, Any] = {"methods": ["GET", "HEAD"], "responses": _responses, "response_class": Response}


def _wanted(
    source: Annotated[str | None, Query(max_length=200, description="only items of this source")] = None,
    section: Annotated[str | None, Query(max_length=200, description="only items of this section")] = None,
    cursor: Annotated[
        str | None, Query(pattern=r"^[0-9]{1,18}-[0-9]{1,18}$", description="as the page before names it")
    ] = None,
) -> tuple[Shelf, str | None]:
    return Shelf(source, section), cursor


WantedDep = Annotated[tuple[Shelf, str | None], Depends(_wanted)]


@router.api_route("/feed.atom", **_get)
async def atom(request: Request, service: ServiceDep, wanted: WantedDep) -> Response:
    """Published items as Atom, the latest change first; what left the feed has a tombstone."""
    return await _answer(request, service, wanted, write_atom, "application/atom+xml")


@router.api_route("/feed.rss", **_get)
async def rss(request: Request, service: ServiceDep, wanted: WantedDep) -> Response:
    """Published items as RSS 2.0, the latest change first."""
    return await _answer(request, service, wanted, write_rss, "application/rss+xml")


@router.api_route("/feed.json", **_get)
async def json_feed(request: Request, service: ServiceDep, wanted: WantedDep) -> Response:
    """Published items as JSON Feed, the latest change first."""
    return await _answer(request, service, wanted, write_json, "application/feed+json")


async def _answer(
    request: Request,
    service: Service,
    wanted: tuple[Shelf, str | None],
    write: Callable[[Page], bytes],
    media_type: str,
) -> Response:
    page = await asyncio.to_thread(service.store.read, _page, service, request.url.path, wanted[0], wanted[1])
    # What leaves another page, or was deleted from a source's feed, leaves no date there: the entity tag alone tells.
    updated = page.updated if wanted == (Shelf(), None) else None
    return _conditional(request, updated, write(page), media_type)


def _page(connection: Connection, service: Service, path: str, shelf: Shelf, cursor: str | None) -> Page:
    settings = service.settings
    place = Cursor(*map(int, cursor.split("-"))) if cursor else None
    items, following = published(connection, shelf, place, settings.feed_items)
    since = datetime.now(UTC) - _TOMBSTONES
    if following is not None:  # what left before that is told on a later page
        since = max(since, items[-1].changed)
    named = {name: value for name, value in (("source", shelf.source), ("section", shelf.section)) if value is not None}
    further = f"{following.changed}-{following.seq}" if following else None

    def address(**more: str) -> str:
        query = urlencode({**named, **more})
        return f"{settings.base_url}{path}{'?' if query else ''}{query}"

    return Page(
        title=" – ".join([settings.feed_title, *named.values()]),
        home=settings.base_url,
        first=address(),
        here=address(cursor=cursor) if cursor else address(),
        following=address(cursor=further) if further else None,
        items=tuple(items),
        removed=tuple(removed(connection, shelf, since, place, _MOST_TOMBSTONES)),
    )


def _conditional(request: Request, updated: datetime | None, body: bytes, media_type: str) -> Response:
    """The feed, or 304 when the reader has it already (RFC 9110, 13.1).

    ``updated``: when it changed last, where every change of it has a later date.
    """
    tag = f'"{blake2b(body, digest_size=12).hexdigest()}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    # A date counts whole seconds: while the last one is not over, more may change that it would not tell of.
    settled = updated if updated is not None and datetime.now(UTC) - updated > timedelta(seconds=1) else None
    if settled is not None:
        headers["Last-Modified"] = format_datetime(settled, usegmt=True)
    if _is_current(request, tag, settled):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=f"{media_type}; charset=utf-8")


def _is_current(request: Request, tag: str, updated: datetime | None) -> bool:
    if (known := request.headers.get("if-none-match")) is not None:
        tags = {part.strip().removeprefix("W/") for part in known.split(",")}
        return tag in tags or "*" in tags
    since = _http_date(request.headers.get("if-modified-since", ""))
    return updated is not None and since is not None and updated.replace(microsecond=0) <= since


def _http_date(value: str) -> datetime | None:
    """The moment that a header names; a header that is no date is ignored, as RFC 9110 asks."""
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
