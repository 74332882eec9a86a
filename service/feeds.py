"""What was published, as Atom (RFC 4287) and as JSON Feed 1.1, the latest first, with conditional GET."""

from __future__ import annotations

import asyncio
import json
import re
import uuid
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import blake2b
from typing import Any
from xml.etree import ElementTree as ET  # writes only: nothing is parsed

from fastapi import APIRouter, Request, Response

from service.problems import documented
from service.settings import Settings
from service.state import ServiceDep
from service.store import StoredItem
from service.store import items as store

router = APIRouter(tags=["feeds"])

_ATOM = "http://www.w3.org/2005/Atom"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_responses = {304: {"description": "Nothing has changed"}, **documented(421, 500, 503)}
ET.register_namespace("", _ATOM)


@router.api_route("/feed.atom", methods=["GET", "HEAD"], responses=_responses, response_class=Response)
async def atom(request: Request, service: ServiceDep) -> Response:
    """Published items as Atom."""
    items = await _published(service)
    return _conditional(request, items, write_atom(items, service.settings), "application/atom+xml")


@router.api_route("/feed.json", methods=["GET", "HEAD"], responses=_responses, response_class=Response)
async def json_feed(request: Request, service: ServiceDep) -> Response:
    """Published items as JSON Feed."""
    items = await _published(service)
    return _conditional(request, items, write_json(items, service.settings), "application/feed+json")


async def _published(service: ServiceDep) -> list[StoredItem]:
    return await asyncio.to_thread(
        service.store.read, store.page, status="published", limit=service.settings.feed_items
    )


def write_atom(items: list[StoredItem], settings: Settings) -> bytes:
    """An Atom feed document."""
    feed = ET.Element(f"{{{_ATOM}}}feed")
    address = f"{settings.base_url}/feed.atom"
    updated = items[0].received if items else datetime.fromtimestamp(0, UTC)
    _add(feed, "id", _urn(address))
    _add(feed, "title", settings.feed_title)
    _add(feed, "updated", updated.isoformat())
    _add(feed, "link", rel="self", href=address, type="application/atom+xml")
    _add(feed, "generator", "copytaster")
    for item in items:
        _add_entry(feed, item)
    document: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return document


def _add_entry(feed: ET.Element, item: StoredItem) -> None:
    entry = _add(feed, "entry")
    if item.language:
        entry.set(_XML_LANG, item.language)
    _add(entry, "id", _urn(f"urn:copytaster:item:{item.id}"))
    _add(entry, "title", item.title or item.text[:80])
    _add(entry, "updated", item.received.isoformat())
    _add(entry, "published", (item.published or item.received).isoformat())
    _add(_add(entry, "author"), "name", item.source or "unknown")
    if item.url:
        _add(entry, "link", rel="alternate", href=item.url)
    if item.section:
        _add(entry, "category", term=item.section)
    _add(entry, "content", item.html, type="html")


def _add(parent: ET.Element, name: str, text: str = "", **attributes: str) -> ET.Element:
    clean = {key: _NOT_XML.sub("", value) for key, value in attributes.items()}
    element = ET.SubElement(parent, f"{{{_ATOM}}}{name}", clean)
    element.text = _NOT_XML.sub("", text) or None
    return element


def _urn(name: str) -> str:
    """A name that stays the same wherever the feed is read from."""
    return uuid.uuid5(uuid.NAMESPACE_URL, name).urn


def write_json(items: list[StoredItem], settings: Settings) -> bytes:
    """A JSON Feed document."""
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": settings.feed_title,
        "feed_url": f"{settings.base_url}/feed.json",
        "items": [_json_item(item) for item in items],
    }
    return json.dumps(feed, ensure_ascii=False).encode()


def _json_item(item: StoredItem) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "id": item.id,
        "title": item.title,
        "content_html": item.html,
        "content_text": item.text,
        "date_published": (item.published or item.received).isoformat(),
        "date_modified": item.received.isoformat(),
    }
    if item.url:
        entry["url"] = item.url
    if item.source:
        entry["authors"] = [{"name": item.source}]
    if item.section:
        entry["tags"] = [item.section]
    if item.language:
        entry["language"] = item.language
    return entry


def _conditional(request: Request, items: list[StoredItem], body: bytes, media_type: str) -> Response:
    """The feed, or 304 when the reader has it already (RFC 9110, 13.1)."""
    tag = f'"{blake2b(body, digest_size=12).hexdigest()}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    if items:
        headers["Last-Modified"] = format_datetime(items[0].received, usegmt=True)
    if _is_current(request, tag, items):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=f"{media_type}; charset=utf-8")


def _is_current(request: Request, tag: str, items: list[StoredItem]) -> bool:
    if (known := request.headers.get("if-none-match")) is not None:
        tags = {part.strip().removeprefix("W/") for part in known.split(",")}
        return tag in tags or "*" in tags
    since = _http_date(request.headers.get("if-modified-since", ""))
    return bool(items) and since is not None and items[0].received.replace(microsecond=0) <= since


def _http_date(value: str) -> datetime | None:
    """The moment that a header names; a header that is no date is ignored, as RFC 9110 asks."""
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
