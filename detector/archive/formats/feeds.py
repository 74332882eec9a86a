"""RSS and Atom feeds, each item read by feedparser."""

from __future__ import annotations

import io
from typing import Any
from xml.parsers import expat

from detector.archive.formats.mapping import FieldMapping
from detector.archive.formats.rows import RawRow
from detector.archive.formats.streams import need
from detector.archive.formats.xml_items import Frame, ItemLayout, XmlItems
from detector.errors import InvalidItemError

_MOST_ATTRIBUTES = 500


class FeedLayout(ItemLayout):
    """An item or entry."""

    __slots__ = ()

    def fields(self, raw: RawRow) -> dict[str, Any]:
        """What feedparser makes of the item, by our usual names, and its own other fields."""
        try:
            entries = parse_feed(self.frame.wrap(raw)).entries
        except InvalidItemError:
            raise
        except Exception as error:  # a stranger's bytes make feedparser fail in many ways
            raise InvalidItemError(f"the item cannot be read: {error or type(error).__name__}") from error
        if len(entries) != 1:
            raise InvalidItemError("the item is no XML that feedparser can read")
        entry = entries[0]
        found: dict[str, Any] = {n: v for n, v in entry.items() if isinstance(v, str) and n != "summary"}
        kind, body = _body(entry)
        tags = entry.get("tags") or [{}]
        found.update(
            {
                kind: body,
                "id": entry.get("id") or entry.get("link"),
                "url": entry.get("link"),
                "published": entry.get("published") or entry.get("updated") or entry.get("created"),
                "section": tags[0].get("term"),
                "source": (entry.get("source") or {}).get("title") or self.source,
                "language": self.language,
            }
        )
        return found


def _body(entry: Any) -> tuple[str, str | None]:
    """The entry's text and the name that says what it is; its content rather than its summary."""
    held = [one for one in entry.get("content", ()) if one.get("value")] or [entry.get("summary_detail") or {}]
    best = max(held, key=lambda one: len(one.get("value") or ""))
    # RSS calls everything text/html, plain text too: there the item looks itself.
    return ("text" if best.get("type") == "text/plain" else "body"), best.get("value") or None


def parse_feed(text: str) -> Any:
    """What feedparser makes of a document; it is asked to change nothing, for our cleaner reads the body."""
    feedparser = need("feedparser", "archive")
    data = b'<?xml version="1.0" encoding="utf-8"?>' + text.encode("utf-8", "surrogateescape")
    _refuse_long_tags(data)
    return feedparser.parse(io.BytesIO(data), sanitize_html=False, resolve_relative_uris=False)


def _refuse_long_tags(data: bytes) -> None:
    """Raises InvalidItemError for a tag of more attributes than any has: feedparser needs minutes for 50,000."""
    parser = expat.ParserCreate()

    def opened(_name: str, attributes: dict[str, str]) -> None:
        if len(attributes) > _MOST_ATTRIBUTES:
            raise InvalidItemError(f"a tag has more than {_MOST_ATTRIBUTES} attributes")

    parser.StartElementHandler = opened
    try:
        parser.Parse(data, True)
    except expat.ExpatError:
        pass  # not well-formed: feedparser reads on in another way, which is linear
    finally:
        parser.StartElementHandler = None  # the handler and the parser hold one another


class Feeds(XmlItems):
    """The format."""

    name = "feed"
    about = "RSS 0.9 to 2.0 and Atom feeds (plain, .gz, .zst; needs the extra 'archive')"

    def layout(self, frame: Frame, heading: str, mapping: FieldMapping, name: str) -> FeedLayout:
        """With the feed's title as source, and its language."""
        feed = parse_feed(heading).feed
        return FeedLayout(mapping, name, frame, feed.get("title") or None, feed.get("language") or None)
