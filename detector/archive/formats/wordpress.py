"""Exports of WordPress (WXR): the published posts and pages in them; drafts, attachments and menus stay as they are."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

from detector.archive.formats.mapping import FieldMapping
from detector.archive.formats.rows import RawRow
from detector.archive.formats.xml_items import Frame, ItemLayout, XmlItems
from detector.errors import InvalidItemError

_CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
_CREATOR = "{http://purl.org/dc/elements/1.1/}creator"
_TYPE = re.compile(rb"<wp:post_type>\s*(?:<!\[CDATA\[)?\s*([\w-]+)")
_STATUS = re.compile(rb"<wp:status>\s*(?:<!\[CDATA\[)?\s*([\w-]+)")
# WordPress's own types of posts that are no articles; those of plugins are read.
_NOT_ARTICLES = {
    b"attachment", b"revision", b"nav_menu_item", b"custom_css", b"customize_changeset", b"oembed_cache",
    b"user_request", b"wp_block", b"wp_template", b"wp_template_part", b"wp_global_styles", b"wp_navigation",
    b"wp_font_family", b"wp_font_face",
}  # fmt: skip
_BLOCK = re.compile(r"<(?:p|div|figure|ul|ol|table|blockquote|h[1-6]|section|article|pre)\b|<!-- wp:", re.IGNORECASE)


class WordpressLayout(ItemLayout):
    """A post."""

    __slots__ = ()

    def fields(self, raw: RawRow) -> dict[str, Any]:
        """The post's elements by their names, and by ours."""
        item = _parse(self.frame.wrap(raw))
        found = {_local(child): child.text for child in item if not len(child) and isinstance(child.tag, str)}
        sections = [c.text for c in item.findall("category") if c.get("domain") == "category"]
        gmt = found.get("post_date_gmt") or ""
        found.update(
            {
                "id": found.get("guid") or found.get("post_id"),
                "url": found.get("link"),
                "html": _paragraphs(item.findtext(_CONTENT) or "") or None,
                "author": item.findtext(_CREATOR),
                "published": found.get("pubDate") if gmt in ("", "0000-00-00 00:00:00") else gmt,
                "section": sections[0] if sections else None,
                "source": self.source,
                "language": self.language,
            }
        )
        return found


def _local(element: Any) -> str:
    return str(etree.QName(element).localname)


def _parse(text: str) -> Any:
    """The item of a wrapped document; raises InvalidItemError when it is not well-formed."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        item = etree.fromstring(text.encode(), parser).find(".//item")
    except (etree.XMLSyntaxError, UnicodeEncodeError) as error:
        raise InvalidItemError(f"the item is not well-formed XML: {error}") from error
    if item is None:
        raise InvalidItemError("the item is not inside a channel")
    return item


def _paragraphs(content: str) -> str:
    """The classic editor parts paragraphs by empty lines; WordPress makes ``<p>`` of them when it shows a post."""
    if not content.strip() or re.search(r"<p\b|<!-- wp:", content):
        return content
    parts = (part.strip() for part in re.split(r"\n\s*\n", content))
    return "\n".join(part if _BLOCK.match(part) else f"<p>{part}</p>" for part in parts if part)


class Wordpress(XmlItems):
    """The format."""

    name = "wordpress"
    about = "WordPress exports (WXR): published posts and pages (plain, .gz, .zst)"

    def is_article(self, data: bytes) -> bool:
        """Only what was published: a draft that came first would make a copy of the article that it became."""
        kind, status = _TYPE.search(data), _STATUS.search(data)
        if kind is not None and kind.group(1) in _NOT_ARTICLES:
            return False
        return status is None or status.group(1) == b"publish"

    def layout(self, frame: Frame, heading: str, mapping: FieldMapping, name: str) -> WordpressLayout:
        """With the site's name as source, and its language."""
        return WordpressLayout(mapping, name, frame, *_of_channel(heading))


def _of_channel(heading: str) -> tuple[str | None, str | None]:
    """The site's name and its language, as far as they stand there."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True)
    try:
        root = etree.fromstring(heading.encode(), parser) if heading.strip() else None
    except etree.XMLSyntaxError:  # nothing of it could be recovered: a file may begin with anything
        root = None
    return (None, None) if root is None else (root.findtext(".//channel/title"), root.findtext(".//channel/language"))
