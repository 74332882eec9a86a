"""When a page says that it was published and updated: JSON-LD and meta elements first, the byline last."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from detector.clean.blocks import Page
from detector.clean.byline import Byline
from detector.clean.ldjson import Node, is_article, types_of
from detector.errors import InvalidItemError
from detector.records import Reason, read_date

Event = Literal["published", "updated"]

_KEYS: dict[Event, tuple[str, ...]] = {
    "published": ("datePublished", "dateCreated", "uploadDate"),
    "updated": ("dateModified",),
}
_META: dict[Event, tuple[str, ...]] = {
    "published": ("article:published_time", "og:article:published_time", "og:published_time", "datepublished",
                  "parsely-pub-date", "sailthru.date", "cxenseparse:publishtime", "citation_publication_date",
                  "citation_online_date", "citation_date", "dc.date.issued", "dcterms.issued", "dcterms.created",
                  "dc.date", "og:publish_date", "publish_date", "publish-date", "published-date", "publisheddate",
                  "pubdate", "date"),
    "updated": ("article:modified_time", "og:article:modified_time", "datemodified", "og:updated_time",
                "og:modified_time", "dcterms.modified", "dc.date.modified", "last-modified"),
}  # fmt: skip
_TIME: dict[Event, re.Pattern[str]] = {
    "published": re.compile(r"publish|pubdate|datecreated|(?:entry|post|article)-?_?(?:date|time)", re.IGNORECASE),
    "updated": re.compile(r"modif|updat", re.IGNORECASE),
}
_MAX_CHARACTERS = 64
_MAX_STATED = 20  # statements of one event that are read
# The date parser knows no abbreviated zones. These are offsets wherever English news is written; any other is left
# out, and the time counts as UTC.
_ZONES = {"EST": "-05:00", "EDT": "-04:00", "CST": "-06:00", "CDT": "-05:00", "MST": "-07:00", "MDT": "-06:00",
          "PST": "-08:00", "PDT": "-07:00", "CET": "+01:00", "CEST": "+02:00",
          "GMT": "+00:00", "UTC": "+00:00"}  # fmt: skip
_ZONE = re.compile(r"(?<=[\dmM])\s*\(?\b(?!AM\b|PM\b)([A-Z]{3,5})\)?$")


@dataclass(frozen=True, slots=True)
class Dates:
    """A page's dates in UTC; None where it states none that can be read."""

    published: datetime | None
    updated: datetime | None
    notes: tuple[Reason, ...]


def read_dates(page: Page, meta: dict[str, str], nodes: tuple[Node, ...], byline: Byline) -> Dates:
    """The dates that the page states of itself, with a note for each that is stated but cannot be read."""
    published, said = _first([*_stated("published", page, meta, nodes), byline.published], "published")
    updated, too = _first([*_stated("updated", page, meta, nodes), byline.updated], "updated")
    return Dates(published, updated, said + too)


def _stated(event: Event, page: Page, meta: dict[str, str], nodes: tuple[Node, ...]) -> Iterator[object]:
    """What the page says of the event, the most trusted first."""
    pages = [node for node in nodes if "WebPage" in types_of(node)]
    articles = [node for node in nodes if is_article(node)]
    yield from (node[key] for node in articles for key in _KEYS[event][:1] if key in node)
    yield from (meta[name] for name in _META[event] if name in meta)
    yield from (node[key] for node in (*articles, *pages) for key in _KEYS[event] if key in node)
    times = [time for time in page.head.times if time.in_article]
    yield from (time.value for time in times if _TIME[event].search(time.names))
    if event == "published":
        yield from (time.value for time in times[:1] if not _TIME["updated"].search(time.names))


def _first(stated: Iterable[object], event: Event) -> tuple[datetime | None, tuple[Reason, ...]]:
    """The first statement that can be read; a note when there are some and none can."""
    failed: object = None
    for _, value in zip(range(_MAX_STATED), stated, strict=False):
        if value in (None, "", [], {}):
            continue
        moment = _read(value)
        if moment is not None:
            return moment, ()
        failed = value if failed is None else failed
    if failed is None:
        return None, ()
    shown = failed[:_MAX_CHARACTERS] if isinstance(failed, str) else type(failed).__name__
    return None, (Reason("date_unreadable", f"the page states as {event} {shown!r}, which is no date"),)


def _read(value: object) -> datetime | None:
    """``value`` as a date in UTC; None for what is no date, and for the defaults of systems that know none."""
    if not isinstance(value, str) or len(value) > _MAX_CHARACTERS:
        return None
    text = _ZONE.sub(lambda found: _ZONES.get(found[1], ""), value.strip())
    try:
        moment = read_date(text)
    except InvalidItemError:
        return None
    return moment if moment is not None and (moment.year > 1970 or 1800 < moment.year < 1970) else None
