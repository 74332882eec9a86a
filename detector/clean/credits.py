"""Whose a page is: author, dates, address and site, as it states them itself. Nothing here touches the text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from detector.clean.authors import read_author
from detector.clean.blocks import Page, collapse
from detector.clean.byline import read_byline
from detector.clean.canonical import read_canonical
from detector.clean.dates import read_dates
from detector.clean.ldjson import Node, is_article, types_of
from detector.records import Reason

_MAX_SITE = 120  # characters of a site's name


@dataclass(frozen=True, slots=True)
class Credits:
    """What a page says of itself; None where it says nothing that can be used."""

    author: str | None
    published: datetime | None
    updated: datetime | None
    canonical_url: str | None
    site_name: str | None
    notes: tuple[Reason, ...]  # a date that is stated but cannot be read


def read_credits(page: Page, nodes: tuple[Node, ...], url: str | None) -> Credits:
    """Gather them from ``page`` and the ``nodes`` of its JSON-LD; ``url`` completes a relative address."""
    meta = page.meta
    site = _site(meta, nodes)
    byline = read_byline(page)
    dates = read_dates(page, meta, nodes, byline)
    return Credits(
        author=read_author(page, meta, nodes, byline.author, site),
        published=dates.published,
        updated=dates.updated,
        canonical_url=read_canonical(page, meta, url),
        site_name=site,
        notes=dates.notes,
    )


def _site(meta: dict[str, str], nodes: tuple[Node, ...]) -> str | None:
    """``og:site_name``, else the name of the WebSite or of an article's publisher in JSON-LD, else an application's."""
    stated: list[object] = [meta.get("og:site_name")]
    stated += [node.get("name") for node in nodes if "WebSite" in types_of(node)]
    publishers = [node.get("publisher") for node in nodes if is_article(node)]
    stated += [publisher.get("name") for publisher in publishers if isinstance(publisher, dict)]
    stated += [meta.get("application-name"), meta.get("dc.publisher")]
    for name in stated:
        if isinstance(name, str) and 0 < len(name) <= 4 * _MAX_SITE:
            short = collapse(name)
            if 0 < len(short) <= _MAX_SITE:
                return short
    return None
