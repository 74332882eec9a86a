"""A feed's bytes → the items in it, as they are sent to the service. RSS 0.9x to 2.0, RDF, Atom, by feedparser.

XML that declares entities, or nests too deep, is refused before feedparser sees it.
"""

from __future__ import annotations

import io
import re
from calendar import timegm
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any
from urllib.parse import urlsplit
from xml.parsers import expat

import feedparser
from bs4 import BeautifulSoup
from pydantic import ValidationError

from service.messages import ItemIn

_MOST_DEPTH = 100
_MOST_ENTRIES = 10_000
_MOST_ATTRIBUTES = 500  # of one tag; feedparser is quadratic in them
_GLOBAL_ID = re.compile(r"(?:https?://|tag:|urn:)", re.IGNORECASE)
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")


class FeedError(Exception):
    """A feed that is not read: what it is, and why."""


@dataclass(frozen=True, slots=True)
class Feed:
    """The entries of a feed that can be sent, and what is said of those that cannot."""

    items: tuple[ItemIn, ...]
    faults: tuple[str, ...]


def read_feed(data: bytes, *, url: str = "", content_type: str = "", source: str | None = None) -> Feed:
    """The items of a feed, in its order. Raises FeedError for what is no feed, or was made to harm."""
    _refuse_hostile(data)
    headers = {"content-location": url, "content-type": content_type}
    given = {name: value for name, value in headers.items() if value}
    try:
        # A stream: a string would be taken for an address or a file's name. The items are cleaned by the service.
        parsed = feedparser.parse(io.BytesIO(data), response_headers=given, sanitize_html=False)
    except Exception as error:  # strangers' bytes make feedparser fail in ways that it does not name
        raise FeedError(f"this cannot be read as a feed ({type(error).__name__})") from error
    if not parsed.get("version") and not parsed.entries:
        raise FeedError(f"this is no feed{f' ({parsed.bozo_exception})' if parsed.bozo else ''}")
    source = source or _source(parsed.feed, url)
    items, faults = [], []
    for number, entry in enumerate(parsed.entries, 1):
        try:
            items.append(_item(entry, parsed.feed, source))
        except ValidationError as error:
            places = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_input=False))
            faults.append(f"entry {number}: {places}")
    return Feed(tuple(items), tuple(faults))


def _refuse_hostile(data: bytes) -> None:
    """Raise FeedError for XML with entities of its own, or nested deeper than any feed."""
    parser = expat.ParserCreate()
    depth = entries = 0

    def opened(name: str, attributes: Any) -> None:
        nonlocal depth, entries
        depth += 1
        entries += name.endswith(("item", "entry"))
        if entries > _MOST_ENTRIES:
            raise FeedError(
                f"it has more than {_MOST_ENTRIES:,} entries; an archive is read by: copytaster archive plan"
            )
        if len(attributes) > _MOST_ATTRIBUTES:
            raise FeedError(f"a tag has more than {_MOST_ATTRIBUTES} attributes, for which feedparser takes minutes")
        if depth > _MOST_DEPTH:
            raise FeedError(f"its XML nests more than {_MOST_DEPTH} deep")

    def closed(_name: str) -> None:
        nonlocal depth
        depth -= 1

    def entity(name: str, *_rest: Any) -> None:
        raise FeedError(f"its XML declares the entity {name!r}, which feeds have no use for")

    parser.StartElementHandler, parser.EndElementHandler, parser.EntityDeclHandler = opened, closed, entity
    try:
        parser.Parse(data, True)
    except expat.ExpatError:
        pass  # not well-formed: feedparser's forgiving reader knows no entities but HTML's, and does not recurse
    finally:
        # The handlers hold the parser in a cycle; without them it goes at once.
        parser.StartElementHandler = parser.EndElementHandler = parser.EntityDeclHandler = None


def _source(feed: Any, url: str) -> str | None:
    """Who publishes a feed: the host that it names, or the one that it came from, or its title."""
    host = urlsplit(_web(feed.get("link")) or url).hostname
    return host or _plain(feed.get("title", ""))[:200] or None


def _item(entry: Any, feed: Any, source: str | None) -> ItemIn:
    body, media_type, language = _body(entry)
    moment = entry.get("published_parsed") or entry.get("updated_parsed")
    language = language or feed.get("language") or ""
    tags = [tag.get("term") for tag in entry.get("tags", ()) if tag.get("term")]
    return ItemIn.model_validate(
        {
            "id": _id(entry, source),
            "title": _plain(entry.get("title", "")),
            "body": body,
            "media_type": media_type,
            "url": _web(entry.get("link")),
            "source": source,
            "section": tags[0][:200] if tags else None,
            "language": language if _LANGUAGE.fullmatch(language) else None,
            "published": datetime.fromtimestamp(timegm(moment), UTC) if moment else None,
        }
    )


def _body(entry: Any) -> tuple[str, str | None, str | None]:
    """The fullest text of an entry, its media type and language."""
    contents = [*entry.get("content", ())]
    if "summary_detail" in entry:
        contents.append(entry.summary_detail)
    fullest = max(contents, key=lambda content: len(content.get("value") or ""), default=None)
    if fullest is None:
        return entry.get("title", ""), "text/plain", None
    media_type = {"text/plain": "text/plain"}.get(fullest.get("type", ""), "text/html")
    return fullest.get("value") or entry.get("title", ""), media_type, fullest.get("language")


def _id(entry: Any, source: str | None) -> str:
    """The entry's own id, or what stands for it; one that is only unique in its feed goes with the feed's source."""
    own = entry.get("id") or entry.get("link")
    if not own:
        parts: Iterable[str] = (entry.get("title", ""), entry.get("published", ""))
        own = blake2b("\n".join(parts).encode("utf-8", "replace"), digest_size=12).hexdigest()
    name = own if _GLOBAL_ID.match(own) else f"{source or 'feed'}:{own}"
    if len(name) > 200:
        name = f"{name[:160]}…{blake2b(name.encode('utf-8', 'replace'), digest_size=12).hexdigest()}"
    return name


def _plain(markup: str) -> str:
    if "<" not in markup and "&" not in markup:
        return " ".join(markup.split())
    return " ".join(BeautifulSoup(markup, "lxml").get_text(" ").split())


def _web(address: str | None) -> str | None:
    """``address`` where it is one of the web; feeds also hold what only looks like one ("http://[url]")."""
    if not address or len(address) > 2000:
        return None
    try:
        scheme = urlsplit(address).scheme
    except ValueError:
        return None
    return address if scheme in ("http", "https") else None
