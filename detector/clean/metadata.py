"""What a page says about itself: title, description, article body, language. JSON-LD and meta elements first."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from detector.clean.blocks import Page, collapse
from detector.clean.ldjson import Node, is_article

_SEPARATORS = re.compile(r"\s+[|–—»·•:-]\s+|\s*[|»]\s*")
_LANGUAGE = re.compile(r"^[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*$")
_TAGS = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True)
class Metadata:
    """A page's own statements; empty strings where it makes none."""

    title: str
    description: str
    article_body: str  # schema.org articleBody
    is_article: bool  # says so by og:type or by a JSON-LD type that ends in Article
    language: str | None  # BCP 47


def read_metadata(page: Page, nodes: tuple[Node, ...], url: str | None) -> Metadata:
    """Gather what ``page`` and the ``nodes`` of its JSON-LD say."""
    meta = page.meta
    headline, body, typed = _read_ldjson(nodes)
    site = meta.get("og:site_name", "")
    return Metadata(
        title=_title(page, meta, headline, site, url),
        description=meta.get("og:description") or meta.get("description", ""),
        article_body=body,
        is_article=typed or meta.get("og:type", "").lower().endswith("article"),
        language=_language(page.head.language, meta),
    )


def _language(declared: str | None, meta: dict[str, str]) -> str | None:
    for value in (declared, meta.get("og:locale"), meta.get("language")):
        if value and _LANGUAGE.match(value.strip()):
            return value.strip().replace("_", "-")
    return None


def _title(page: Page, meta: dict[str, str], headline: str, site: str, url: str | None) -> str:
    """The page's only ``<h1>`` where the stated titles are akin to it; else what is stated, without the site's name."""
    headings = [collapse(page.texts[k]) for k in page.headings]
    named = (meta.get("og:title", ""), headline, meta.get("twitter:title", ""), page.head.title)
    stated = [text for text in named if text]
    if len(headings) == 1 and (not stated or any(_akin(headings[0], text) for text in stated)):
        return headings[0]
    return _prefer_heading(without_site(stated[0], site, url), headings) if stated else ""


def _akin(heading: str, stated: str) -> bool:
    """Whether at least a third of the heading's words, and two of them, stand in the other title."""
    words, others = set(heading.casefold().split()), set(stated.casefold().split())
    return len(words & others) >= max(len(words) / 3, min(2, len(words)))


def _prefer_heading(stated: str, headings: list[str]) -> str:
    """The ``<h1>`` that ``stated`` begins with or ends in, for there the site's name is not yet attached."""
    folded = stated.casefold()
    for heading in headings:
        if len(heading) >= 15 and (folded.startswith(heading.casefold()) or heading.casefold().startswith(folded)):
            return heading
    return stated


def without_site(title: str, site: str = "", url: str | None = None) -> str:
    """``title`` without the site's name at its end or start.

    >>> without_site("Bridge opens after two years | The Harbour Post", "The Harbour Post")
    'Bridge opens after two years'
    """
    parts = _SEPARATORS.split(title)
    if len(parts) < 2:
        return title
    names = {_key(site), _key(_host_name(url))} - {""}
    if _is_site(parts[-1], names) or (len(parts[-1].split()) <= 3 and "|" in title and len(parts[0].split()) >= 4):
        return title[: title.rindex(parts[-1])].rstrip(" |–—»·•:-\t")
    if _is_site(parts[0], names):
        return title[title.index(parts[0]) + len(parts[0]) :].lstrip(" |–—»·•:-\t")
    return title


def _is_site(part: str, names: set[str]) -> bool:
    key = _key(part)
    return len(key) >= 2 and any(key == name or (len(key) >= 5 and (key in name or name in key)) for name in names)


def _key(name: str) -> str:
    return "".join(character for character in name.casefold() if character.isalnum())


def _host_name(url: str | None) -> str:
    try:
        host = urlsplit(url or "").hostname or ""
    except ValueError:  # not an address; it then says nothing about the site's name
        return ""
    labels = [label for label in host.split(".") if label not in ("www", "m", "amp", "news", "blog", "co", "com")]
    return labels[-2] if len(labels) >= 2 else "".join(labels)


def _read_ldjson(nodes: tuple[Node, ...]) -> tuple[str, str, bool]:
    """Headline, longest articleBody and whether a node's type ends in Article."""
    headline = body = ""
    typed = False
    for node in nodes:
        article = is_article(node)
        typed = typed or article
        if article and not headline and isinstance(node.get("headline"), str):
            headline = collapse(_TAGS.sub("", node["headline"]))
        stated = node.get("articleBody")
        if isinstance(stated, str) and len(stated) > len(body):
            body = stated
    return headline, body, typed
