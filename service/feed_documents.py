"""A page of what was published, written as Atom (RFC 4287), RSS 2.0 and JSON Feed 1.1.

Pages follow RFC 5005 (section 3). What was published and no longer is leaves the feed; Atom says so with a tombstone
(RFC 6721), JSON Feed in an extension of its own. RSS has no word for it.
"""

from __future__ import annotations

import json
import re
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from xml.etree import ElementTree as ET  # nosec B405  # writes only: nothing is parsed

_ATOM = "{http://www.w3.org/2005/Atom}"
_TOMBSTONES = "{http://purl.org/atompub/tombstones/1.0}"
_CONTENT = "{http://purl.org/rss/1.0/modules/content/}"
_DUBLIN_CORE = "{http://purl.org/dc/elements/1.1/}"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NEVER = datetime.fromtimestamp(0, UTC)
for _prefix, _space in (("atom", _ATOM), ("at", _TOMBSTONES), ("content", _CONTENT), ("dc", _DUBLIN_CORE)):
    ET.register_namespace(_prefix, _space[1:-1])


@dataclass(frozen=True, slots=True)
class FeedItem:
    """An item that is published."""

    id: str
    title: str
    text: str
    html: str  # a safe fragment
    url: str | None
    source: str | None
    section: str | None
    language: str | None
    published: datetime  # as declared; when it came in where nothing is
    changed: datetime  # last time that its text or its status changed


@dataclass(frozen=True, slots=True)
class Removed:
    """An item that was published and no longer is."""

    id: str
    when: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """What one document holds, the latest change first, and the addresses around it."""

    title: str
    home: str  # the service's address
    first: str  # this feed's address, without a cursor
    here: str
    following: str | None  # the page of what changed before
    items: tuple[FeedItem, ...]
    removed: tuple[Removed, ...]

    @property
    def updated(self) -> datetime:
        """The last change that the page shows."""
        return max([_NEVER, *(item.changed for item in self.items), *(gone.when for gone in self.removed)])


def item_urn(item_id: str) -> str:
    """An item's name in a feed: the same wherever the feed is read from."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"urn:copytaster:item:{item_id}").urn


def write_atom(page: Page) -> bytes:
    """An Atom feed document."""
    feed = ET.Element(f"{_ATOM}feed")
    _add(feed, f"{_ATOM}id", uuid.uuid5(uuid.NAMESPACE_URL, page.first).urn)
    _add(feed, f"{_ATOM}title", page.title)
    _add(feed, f"{_ATOM}updated", page.updated.isoformat())
    _add_links(feed, page, "application/atom+xml")
    _add(feed, f"{_ATOM}generator", "copytaster")
    for gone in page.removed:
        _add(feed, f"{_TOMBSTONES}deleted-entry", ref=item_urn(gone.id), when=gone.when.isoformat())
    for item in page.items:
        _add_entry(feed, item)
    return _document(feed)


def _add_links(parent: ET.Element, page: Page, media_type: str) -> None:
    links = {"self": page.here, "first": page.first, "next": page.following}
    for relation, address in links.items():
        if address is not None:
            _add(parent, f"{_ATOM}link", rel=relation, href=address, type=media_type)


def _add_entry(feed: ET.Element, item: FeedItem) -> None:
    entry = _add(feed, f"{_ATOM}entry")
    if item.language:
        entry.set(_XML_LANG, item.language)
    _add(entry, f"{_ATOM}id", item_urn(item.id))
    _add(entry, f"{_ATOM}title", _title(item))
    _add(entry, f"{_ATOM}updated", item.changed.isoformat())
    _add(entry, f"{_ATOM}published", item.published.isoformat())
    _add(_add(entry, f"{_ATOM}author"), f"{_ATOM}name", item.source or "unknown")
    if item.url:
        _add(entry, f"{_ATOM}link", rel="alternate", href=item.url)
    if item.section:
        _add(entry, f"{_ATOM}category", term=item.section)
    _add(entry, f"{_ATOM}content", item.html, type="html")


def write_rss(page: Page) -> bytes:
    """An RSS 2.0 document."""
    rss = ET.Element("rss", version="2.0")
    channel = _add(rss, "channel")
    _add(channel, "title", page.title)
    _add(channel, "link", page.home)
    _add(channel, "description", f"{page.title}: what was checked and published")
    _add(channel, "lastBuildDate", format_datetime(page.updated.astimezone(UTC), usegmt=True))
    _add(channel, "generator", "copytaster")
    _add_links(channel, page, "application/rss+xml")
    for item in page.items:
        _add_rss_item(channel, item)
    return _document(rss)


def _add_rss_item(channel: ET.Element, item: FeedItem) -> None:
    entry = _add(channel, "item")
    _add(entry, "title", _title(item))
    if item.url:
        _add(entry, "link", item.url)
    _add(entry, "description", _summary(item.text))
    _add(entry, f"{_CONTENT}encoded", item.html)
    _add(entry, "guid", item_urn(item.id), isPermaLink="false")
    _add(entry, "pubDate", format_datetime(item.published.astimezone(UTC), usegmt=True))
    if item.source:
        _add(entry, f"{_DUBLIN_CORE}creator", item.source)
    if item.section:
        _add(entry, "category", item.section)


def _summary(text: str) -> str:
    """The first paragraph as HTML, which is what readers take a description for."""
    first = text.partition("\n\n")[0]
    return first.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _add(parent: ET.Element, name: str, text: str = "", **attributes: str) -> ET.Element:
    clean = {key: _NOT_XML.sub("", value) for key, value in attributes.items()}
    element = ET.SubElement(parent, name, clean)
    element.text = _NOT_XML.sub("", text) or None
    return element


def _document(root: ET.Element) -> bytes:
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def _title(item: FeedItem) -> str:
    return item.title or item.text[:80]


def write_json(page: Page) -> bytes:
    """A JSON Feed document."""
    feed: dict[str, Any] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": page.title,
        "feed_url": page.here,
        "items": [_json_item(item) for item in page.items],
    }
    if page.following:
        feed["next_url"] = page.following
    if page.removed:
        feed["_copytaster"] = {"removed": [{"id": gone.id, "date": gone.when.isoformat()} for gone in page.removed]}
    return json.dumps(feed, ensure_ascii=False).encode()


def _json_item(item: FeedItem) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "id": item.id,
        "title": item.title,
        "content_html": item.html,
        "content_text": item.text,
        "date_published": item.published.isoformat(),
        "date_modified": item.changed.isoformat(),
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
