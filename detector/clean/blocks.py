"""HTML → blocks: the page's text cut at block-level elements and double line breaks, in one walk over lxml's tree.

A block is what a reader sees as one paragraph, heading, list item or cell (Kohlschütter et al., "Boilerplate Detection
using Shallow Text Features", WSDM 2010). What the model wants to know of it is kept in arrays.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from lxml import etree

from detector.clean.tags import BLOCK

# Never text that a reader of the page sees.
SKIPPED = frozenset(
    [
        "script",
        "style",
        "template",
        "select",
        "datalist",
        "object",
        "applet",
        "audio",
        "video",
        "canvas",
        "head",
        "math",
    ]
)
HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}
_HIDING = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_SEPARATOR = "\u2029"  # the guard's mark for a block boundary whose tag was left out
MAX_TIMES = 50
_BODY = frozenset(["article", "main"])
_BESIDE = frozenset(["aside", "footer", "nav", "li", "ul", "ol"])
_EMPHASIS = {"em": 1, "i": 1, "cite": 1, "strong": 2, "b": 2}


# Tuples, unlike the records that travel: a page makes thousands, and a frozen dataclass takes three times as long.


class Element(NamedTuple):
    """What is kept of an element that has blocks in it."""

    parent: int  # its position in Page.elements; -1 for the root
    tag: str
    names: str  # class, id, role and itemprop, joined by blanks
    hidden: bool  # by its own or an ancestor's attributes
    depth: int


class Run(NamedTuple):
    """A stretch of a block's text under the same inline markup."""

    text: str
    emphasis: int  # 1 emphasised, 2 strong, 3 both
    href: str


class Image(NamedTuple):
    """An image and the block before which it stands."""

    before: int  # position in Page.blocks
    element: int
    src: str
    alt: str


class Time(NamedTuple):
    """A ``<time datetime>`` element."""

    value: str
    names: str  # itemprop and class, its own and its parent's
    in_article: bool  # inside an <article> or <main>, and in no aside, footer or list of it


class Block(NamedTuple):
    """One stretch of text between two block boundaries."""

    text: str
    element: int  # the innermost block-level element that holds it
    runs: tuple[Run, ...]
    link_chars: int
    links: int
    broken: bool  # ended or begun by <br><br> rather than by an element


@dataclass(slots=True)
class Page:
    """A page's blocks in document order."""

    elements: list[Element] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)
    language: str | None = None
    meta: list[tuple[str, str]] = field(default_factory=list)  # name or property, content
    title: str = ""  # of <title>
    canonical: str = ""  # of <link rel=canonical>, as stated
    times: list[Time] = field(default_factory=list)  # the first of its <time> elements


def read_blocks(markup: bytes) -> Page:
    """The blocks of a page that went through the guard; a page without any text has none."""
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    page = Page()
    if not markup.strip():
        return page
    root: etree._Element | None = etree.fromstring(markup, parser)
    if root is None:
        return page
    page.language = root.get("lang")
    _read_head(root, page)
    _Walk(page).walk(root)
    return page


def _read_head(root: etree._Element, page: Page) -> None:
    for element in root.iter("meta", "link", "time"):
        if element.tag != "meta":
            _read_link_or_time(element, page)
            continue
        name = element.get("property") or element.get("name") or element.get("itemprop")
        content = element.get("content")
        if name and content:
            page.meta.append((name.lower(), content))
    title = next(root.iter("title"), None)
    page.title = collapse(title.text or "") if title is not None else ""


def _read_link_or_time(element: etree._Element, page: Page) -> None:
    if element.tag == "link":
        if not page.canonical and "canonical" in (element.get("rel") or "").lower().split():
            page.canonical = element.get("href") or ""
    elif element.get("datetime") and len(page.times) < MAX_TIMES:
        around = [str(ancestor.tag) for ancestor in element.iterancestors()]
        in_article = _BESIDE.isdisjoint(around) and not _BODY.isdisjoint(around)
        parent = element.getparent()
        holders = [element] if parent is None else [element, parent]
        names = " ".join(holder.get(key, "") for holder in holders for key in ("itemprop", "class"))
        page.times.append(Time(element.get("datetime", ""), names, in_article))


def collapse(text: str) -> str:
    """``text`` with every run of white space made one blank."""
    return " ".join(text.replace("\u200b", "").split())


@lru_cache(maxsize=4096)
def _hides(style: str) -> bool:
    return _HIDING.search(style) is not None


class _Walk:
    """The state of one walk: the text gathered since the last boundary, and the inline markup in force."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.runs: list[tuple[str, int, str | None]] = []
        self.element = -1
        self.emphasis = 0
        self.href: str | None = None
        self.breaks = 0
        self.broken = False
        self.led = False  # whether blanks before the first run were left out

    def walk(self, root: etree._Element) -> None:
        """Visit every element below ``root``; the guard bounds the depth, so recursion is safe."""
        self.visit(root, False, 0)
        self.flush()

    def visit(self, node: etree._Element, hidden: bool, depth: int) -> None:
        tag = str(node.tag)
        if tag == "br":
            self.line_break()
            return
        if tag in SKIPPED:
            return
        if tag == "img":
            self.image(node)
            return
        if tag in BLOCK or node.attrib.get("itemprop") == "articleBody":
            self.visit_block(node, tag, hidden, depth)
        else:
            self.visit_inline(node, tag, hidden, depth)

    def visit_block(self, node: etree._Element, tag: str, hidden: bool, depth: int) -> None:
        self.flush()
        outer = self.element
        attributes = dict(node.attrib)
        if attributes:
            hidden = hidden or self.is_hidden(attributes)
            names = " ".join([attributes[key] for key in _NAMING if key in attributes])
        else:
            names = ""
        self.page.elements.append(Element(outer, tag, names, hidden, depth))
        self.element = len(self.page.elements) - 1
        self.content(node, hidden, depth + 1)
        self.flush()
        self.element = outer

    def visit_inline(self, node: etree._Element, tag: str, hidden: bool, depth: int) -> None:
        emphasis, href = self.emphasis, self.href
        attributes = dict(node.attrib)
        if tag == "a":
            self.href = attributes.get("href", "")
            if self.runs and self.runs[-1][2] is not None and self.runs[-1][2] is not self.href:
                self.runs.append((" ", emphasis, href))  # styled apart, whatever the source says
        elif tag in _EMPHASIS:
            self.emphasis |= _EMPHASIS[tag]
        hides = tag == "noscript" or (bool(attributes) and not hidden and self.is_hidden(attributes))
        if hides or tag == "button":  # hidden inline text becomes a block of its own, so that it can go alone
            outer = self.element
            self.flush()
            names = " ".join([attributes[key] for key in _NAMING if key in attributes])
            self.page.elements.append(Element(outer, tag, names, hidden or hides, depth))
            self.element = len(self.page.elements) - 1
            self.content(node, hidden or hides, depth + 1)
            self.flush()
            self.element = outer
        else:
            self.content(node, hidden, depth)
        self.emphasis, self.href = emphasis, href

    def content(self, node: etree._Element, hidden: bool, depth: int) -> None:
        if node.text:
            self.text(node.text)
        for child in node:
            self.visit(child, hidden, depth)
            if child.tail:
                self.text(child.tail)

    @staticmethod
    def is_hidden(attributes: dict[str, str]) -> bool:
        return (
            "hidden" in attributes
            or attributes.get("aria-hidden") == "true"
            or ("style" in attributes and _hides(attributes["style"]))
        )

    def text(self, text: str) -> None:
        if _SEPARATOR in text:
            for part in text.split(_SEPARATOR):
                self.flush()
                self.run(part)
        else:
            self.run(text)

    def run(self, text: str) -> None:
        blank = text.isspace()
        if blank and not self.runs and self.href is None:
            self.led = True
            return
        if self.breaks and not blank:
            if self.breaks > 1:
                self.broken = True
                self.flush()
                self.broken = True
            else:
                self.runs.append(("\n", 0, None))
            self.breaks = 0
        self.runs.append((text, self.emphasis, self.href))

    def line_break(self) -> None:
        self.breaks += 1

    def image(self, node: etree._Element) -> None:
        src = node.get("data-src") or node.get("src")
        if src:
            self.page.images.append(Image(len(self.page.blocks), self.element, src, node.get("alt") or ""))

    def flush(self) -> None:
        """End the block that was being gathered, if it has any text."""
        self.breaks = 0
        if self.runs:
            block = _block(self.runs, self.element, self.broken, self.led)
            if block is not None:
                self.page.blocks.append(block)
            self.runs = []
        self.broken = self.led = False


_NAMING = ("class", "id", "role", "itemprop", "itemtype")


def _block(gathered: list[tuple[str, int, str | None]], element: int, broken: bool, led: bool) -> Block | None:
    """The block of the gathered runs with white space collapsed; a line break in it stays one."""
    if len(gathered) == 1 and not led:
        text = collapse(gathered[0][0])
        if not text:
            return None
        _, emphasis, href = gathered[0]
        run = Run(text, emphasis, href or "")
        return Block(text, element, (run,), len(text) if href is not None else 0, int(href is not None), broken)
    runs: list[Run] = []
    link_chars = links = 0
    blank = True  # whether a blank here would stand at the start or after another
    last: str | None = None
    for raw, emphasis, href in gathered:
        if raw == "\n" and href is None and not emphasis:
            text = "" if blank and not runs else "\n"
            blank = True
        else:
            text = _collapsed_run(raw, blank)
            if text:
                blank = text[-1] == " "
        if not text:
            continue
        if href is not None:
            link_chars += len(text)
            links += href is not last
        last = href
        runs.append(Run(text, emphasis, href or ""))
    text = "".join([run.text for run in runs])
    stripped = text.strip()
    return Block(stripped, element, tuple(runs), link_chars, links, broken) if stripped else None


def _collapsed_run(raw: str, blank: bool) -> str:
    text = collapse(raw)
    if not text:
        return "" if blank or not raw else " "
    lead = "" if blank or not raw[0].isspace() else " "
    return lead + text + (" " if raw[-1].isspace() else "")
