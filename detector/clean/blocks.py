"""A page's blocks: its text cut at block-level elements and double line breaks, as ``walk.py`` finds them.

A block is what a reader sees as one paragraph, heading, list item or cell (Kohlschütter et al., "Boilerplate Detection
using Shallow Text Features", WSDM 2010). What the model wants to know of all blocks is kept in arrays; what is asked
of a few (a name, a link, an image) is read from the markup when it is asked for.
"""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from detector.clean import walk as w
from detector.clean.guard import Limits
from detector.clean.hiding import CONCEALED, SEEN
from detector.clean.phrases import Stretches
from detector.clean.tags import WALK_NAMES
from detector.jit import njit

HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}
_TAG_NAMES = (*WALK_NAMES, "")
_IS_CELL = np.array([name in ("td", "th") for name in _TAG_NAMES])
_H1, _TABLE = WALK_NAMES.index("h1"), WALK_NAMES.index("table")

Flags = NDArray[np.bool_]
Longs = NDArray[np.int64]


class Run(NamedTuple):
    """A stretch of a block's text under the same inline markup."""

    text: str
    emphasis: int  # 1 emphasised, 2 strong, 3 both
    href: str


def read_runs(text: str, rows: list[list[int]], address: Callable[[int], str]) -> tuple[Run, ...]:
    """A block's text cut where its runs begin: ``rows`` hold first character, emphasis and link (-1 for none)."""
    starts = [start for start, _, _ in rows] + [len(text)]
    return tuple(
        Run(text[starts[k] : starts[k + 1]], emphasis, address(link)) for k, (_, emphasis, link) in enumerate(rows)
    )


class Time(NamedTuple):
    """A ``<time datetime>`` element."""

    value: str
    names: str  # itemprop and class, its own and its parent's
    in_article: bool  # inside an <article> or <main>, and in no aside, footer or list of it


@dataclass(frozen=True, slots=True)
class Head:
    """What a page says of itself outside of its text."""

    language: str | None = None
    meta: tuple[tuple[str, str], ...] = ()  # name or property, content
    title: str = ""  # of <title>
    canonical: str = ""  # of <link rel=canonical>, as stated
    times: tuple[Time, ...] = ()  # the first of its <time> elements


@dataclass(frozen=True)
class Page:
    """A page's blocks in document order, and the elements around them; e elements, n blocks."""

    markup: bytes
    texts: tuple[str, ...]  # of each block
    blocks: w.Ints  # shape (n, BLOCK_COLUMNS)
    elements: w.Ints  # shape (e, ELEMENT_COLUMNS)
    last: w.Ints  # of each block, one past its last run and its last character, shape (n, 2)
    runs: w.Ints  # shape (r, RUN_COLUMNS)
    links: Longs  # where the address of each link stands in the markup, -1 for none, shape (l, 2)
    codes: w.Codes  # every block's characters, each block's followed by a 0
    images: Longs  # rows of what is read beside the text, shape (i, EXTRA_COLUMNS)
    head: Head = field(default_factory=Head)
    left_out: int = 0  # bytes of text that are concealed amid a paragraph

    @cached_property
    def hidden(self) -> Flags:
        """Whether each block is hidden, by its element's or an ancestor's attributes."""
        flags: Flags = self.elements[self.blocks[:, w.B_ELEMENT], w.E_HIDDEN] > SEEN
        return flags

    @cached_property
    def concealed(self) -> Flags:
        """Whether each block is hidden in a way that no script undoes: no size, its ground's colour, off the screen."""
        flags: Flags = self.elements[self.blocks[:, w.B_ELEMENT], w.E_HIDDEN] == CONCEALED
        return flags

    @cached_property
    def sizes(self) -> w.Ints:
        """The characters of each block."""
        counted: w.Ints = self.last[:, 1] - self.blocks[:, w.B_START]
        return counted

    @cached_property
    def meta(self) -> dict[str, str]:
        """The meta elements by name, the first of a name each."""
        meta: dict[str, str] = {}
        for name, content in self.head.meta:
            if name not in meta:
                meta[name] = collapse(content)
        return meta

    @cached_property
    def stretches(self) -> Stretches:
        """The texts, as phrases are looked for in them."""
        return Stretches.of_codes(self.codes)

    @cached_property
    def cells(self) -> Flags:
        """Whether each block is a cell of a table."""
        flags: Flags = _IS_CELL[self.elements[self.blocks[:, w.B_ELEMENT], w.E_TAG]]
        return flags

    @cached_property
    def headings(self) -> list[int]:
        """The positions of the blocks that are an ``<h1>``."""
        found: list[int] = np.flatnonzero(self.elements[self.blocks[:, w.B_ELEMENT], w.E_TAG] == _H1).tolist()
        return found

    def names(self, element: int) -> str:
        """Class, id, role, itemprop and itemtype of an element, joined by blanks."""
        spans = self.elements[element, w.E_NAMES :].tolist()
        said = (self._said(start, end) for start, end in zip(spans[::2], spans[1::2], strict=True) if start >= 0)
        return " ".join(said)

    def runs_of(self, block: int) -> tuple[Run, ...]:
        """The runs of a block, in order; together they are its text."""
        first, end = int(self.blocks[block, w.B_RUN]), int(self.last[block, 0])
        rows = self.runs[first:end].copy()
        rows[:, w.R_START] -= self.blocks[block, w.B_START]
        return read_runs(self.texts[block], rows.tolist(), self._address)

    def _address(self, link: int) -> str:
        if link < 0 or self.links[link, 0] < 0:
            return ""
        return self._said(*self.links[link])

    def _said(self, start: int, end: int) -> str:
        return html.unescape(self.markup[start:end].decode("utf-8", "replace"))

    def some(self, chosen: NDArray[np.integer]) -> Page:
        """The page as if it had no other blocks than those at ``chosen``, and no images."""
        texts = tuple(self.texts[k] for k in chosen.tolist())
        joined = "".join(text + "\0" for text in texts)
        codes = np.frombuffer(joined.encode("utf-32-le"), dtype=np.uint32)
        return replace(
            self, texts=texts, blocks=self.blocks[chosen], last=self.last[chosen], codes=codes, images=self.images[:0]
        )


@njit
def tables_around(elements: w.Ints, held: Longs) -> Longs:
    """The innermost table around each of the ``held`` elements, -1 for none."""
    found = np.empty(held.size, dtype=np.int64)
    for k in range(held.size):
        e = held[k]
        while e >= 0 and elements[e, w.E_TAG] != _TABLE:
            e = elements[e, w.E_PARENT]
        found[k] = e
    return found


def read_blocks(markup: bytes, depth: int = Limits().depth) -> Page:
    """The blocks of a page that went through the guard, which nested its elements ``depth`` at most."""
    codes, blocks, elements, runs, links, extras, left_out = w.walk(np.frombuffer(markup, dtype=np.uint8), depth)
    texts = codes.astype("<u4", copy=False).tobytes().decode("utf-32-le").split("\0")[:-1]
    pictured = extras[:, w.X_KIND] == w.X_IMAGE
    return Page(
        markup=markup,
        texts=tuple(texts),
        blocks=blocks[:-1],
        elements=elements,
        last=np.column_stack((blocks[1:, w.B_RUN], blocks[1:, w.B_START] - 1)),
        runs=runs,
        links=links,
        codes=codes,
        images=extras[pictured],
        head=_read_head(markup, extras[~pictured]),
        left_out=left_out,
    )


def _read_head(markup: bytes, extras: Longs) -> Head:
    """What the page says of itself."""
    reader = _Extras(markup)
    for row in extras.tolist():
        reader.read(row)
    return Head(reader.language, tuple(reader.meta), reader.title or "", reader.canonical, tuple(reader.times))


def collapse(text: str) -> str:
    """``text`` with every run of white space made one blank."""
    return " ".join(text.replace("\u200b", "").split())


class _Extras:
    """Reads the elements that are no text, row by row."""

    def __init__(self, markup: bytes) -> None:
        self.markup = markup
        self.meta: list[tuple[str, str]] = []
        self.times: list[Time] = []
        self.language: str | None = None
        self.title: str | None = None
        self.canonical = ""

    def read(self, row: list[int]) -> None:
        kind = row[w.X_KIND]
        if kind == w.X_META:
            name = self.span(row, 0) or self.span(row, 1) or self.span(row, 2)
            content = self.span(row, 3)
            if name and content:
                self.meta.append((name.lower(), content))
        elif kind == w.X_TIME:
            self.times.append(self.time(row))
        elif kind == w.X_TITLE and self.title is None:
            self.title = collapse(self.span(row, 0) or "")
        elif kind == w.X_LINK and not self.canonical and "canonical" in (self.span(row, 0) or "").lower().split():
            self.canonical = self.span(row, 1) or ""
        elif kind == w.X_HTML and self.language is None:
            self.language = self.span(row, 0)

    def time(self, row: list[int]) -> Time:
        names = " ".join(self.span(row, k) or "" for k in (1, 2, 3, 4))
        return Time(self.span(row, 0) or "", names, bool(row[w.X_BLOCK]))

    def span(self, row: list[int], number: int) -> str | None:
        start = row[w.X_SPANS + 2 * number]
        if start < 0:
            return None
        said = self.markup[start : row[w.X_SPANS + 2 * number + 1]].decode("utf-8", "replace")
        return html.unescape(said) if "&" in said else said
