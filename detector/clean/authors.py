"""Who a page says wrote it: JSON-LD and meta elements first, the byline last."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

from detector.clean.blocks import Page, collapse
from detector.clean.ldjson import Node, is_article, types_of

_META = ("author", "parsely-author", "sailthru.author", "cxenseparse:author", "citation_author", "citation_authors",
         "dc.creator", "dcterms.creator", "dc.contributor.author", "article:author", "og:author", "creator",
         "bc:authors", "article:author_name", "byl", "shareaholic:article_author_name")  # fmt: skip
# Nothing but English "by": "Von" and "Par" are given names too, and a page that states its author seldom writes them.
_PREFIX = re.compile(r"^(?:(?:written|reviewed|posted|published|story)\s+)?by\b:?\s+", re.IGNORECASE)
_NOBODY = frozenset(["admin", "administrator", "author", "anonymous", "editor", "guest", "null", "none", "root",
                     "staff", "super user", "undefined", "unknown", "user", "webmaster", "wpadmin"])  # fmt: skip
_ADDRESS = re.compile(r"https?:|www\.|^/|\S@\S|^@|[<>{}\\]|\.(?:com|org|net|html?)\b", re.IGNORECASE)
_ACCOUNT = re.compile(r"[a-z0-9]+(?:[._][a-z0-9]+)+|.*[a-z]\d[a-z\d]{3,}")  # a login, or a template's key
_MAX_NAME = 100  # characters
_MAX_NAMES = 12


def read_author(page: Page, meta: dict[str, str], nodes: tuple[Node, ...], byline: str, site: str | None) -> str | None:
    """The authors' names joined by ``", "``, the site's own name where nobody else is named; None when nobody is."""
    own = _key(site or "")
    itself = None
    for names in _stated(page, meta, nodes, byline):
        found = list(dict.fromkeys(name for name in map(_name, names) if name))
        people = [name for name in found if _key(name) != own]
        if people:
            return ", ".join(people[:_MAX_NAMES])
        itself = itself or (found[0] if found else None)
    return itself


def _stated(page: Page, meta: dict[str, str], nodes: tuple[Node, ...], byline: str) -> Iterator[list[str]]:
    """The names of each place that may state some, the most trusted first."""
    known = {node["@id"]: node for node in nodes if isinstance(node.get("@id"), str) and "name" in node}
    for node in nodes:
        if is_article(node):
            yield list(_names(node.get("author"), known))
            yield list(_names(node.get("creator"), known))
    for name in _META:
        if name in meta:
            yield _cited(page) if name == "citation_author" else [meta[name]]
    for n in ("1", "2"):
        if meta.get(f"twitter:label{n}", "").casefold() in ("written by", "verfasst von", "écrit par", "escrito por"):
            yield [meta.get(f"twitter:data{n}", "")]
    for node in nodes:
        if "WebPage" in types_of(node):
            yield list(_names(node.get("author"), known))
    yield [byline]


def _names(author: Any, known: dict[str, Node]) -> Iterator[str]:
    """The names in schema.org's ``author``: a text, a person, a reference to one, or a list of these."""
    for one in (author if isinstance(author, list) else [author])[:_MAX_NAMES]:
        person = one
        if isinstance(one, dict) and "name" not in one and isinstance(one.get("@id"), str):
            person = known.get(one["@id"], one)
        name = person.get("name") if isinstance(person, dict) else person
        yield from (text for text in (name if isinstance(name, list) else [name])[:_MAX_NAMES] if isinstance(text, str))


def _cited(page: Page) -> list[str]:
    """The authors of a paper, one element each, family name first: "Berg, Anna" is Anna Berg."""
    names = [content for key, content in page.head.meta if key == "citation_author"]
    return [" ".join(reversed(name.split(","))) if name.count(",") == 1 else name for name in names[:_MAX_NAMES]]


def _name(stated: str) -> str:
    """``stated`` as a name, or an empty text: no address, no account's default name, nothing longer than names are."""
    if len(stated) > 4 * _MAX_NAME:
        return ""
    name = _PREFIX.sub("", collapse(html.unescape(stated))).strip(" ,;|")
    refused = (
        len(name) > _MAX_NAME
        or len(name) < 2
        or _ADDRESS.search(name)
        or _ACCOUNT.fullmatch(name)
        or name.casefold() in _NOBODY
    )
    return "" if refused or not any(map(str.isalpha, name)) else name


def _key(name: str) -> str:
    return "".join(filter(str.isalnum, name.casefold()))
