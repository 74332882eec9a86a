"""The kept blocks of a page with their markup, as a few arrays: made for every page, read when somebody asks for HTML.

``rewrite.py`` writes what is read here. The page itself is let go: its bytes and tables are a hundred times as much.
"""

from __future__ import annotations

import html
from collections.abc import Container, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from detector.clean import walk as w
from detector.clean.blocks import HEADINGS, Page, read_runs
from detector.clean.rewrite import Picture, Piece, write_html
from detector.clean.tags import WALK_NAMES
from detector.jit import njit

Ints = NDArray[np.int32]

_WRITTEN = ("p", "blockquote", "li", "td", "th", "pre", "figcaption", *HEADINGS)
_PARAGRAPH, _QUOTE, _ITEM, _CELL, _HEAD_CELL = range(5)
_TAGS = tuple("h2" if tag == "h1" else tag for tag in _WRITTEN)
# For each of WALK_NAMES, and for an unknown one at last: its position in _WRITTEN; what it makes of the blocks in it.
_TAG_OF = np.array([_WRITTEN.index(tag) if tag in _WRITTEN else -1 for tag in (*WALK_NAMES, "")], dtype=np.int64)
_ROW, _TABLE, _LIST, _ORDERED = 1, 2, 3, 4
_PARTS = {"tr": _ROW, "table": _TABLE, "ul": _LIST, "ol": _ORDERED}
_PART_OF = np.array([_PARTS.get(tag, 0) for tag in (*WALK_NAMES, "")], dtype=np.int64)
_P_TAG, _P_GROUP, _P_ROW, _P_ORDERED = range(4)  # columns of the places

# Of an image its address, another that counts without it, and what it shows, as they stand in the page: few fragments
# are ever rendered.
RawImage = tuple[bytes, bytes, bytes]


@dataclass(frozen=True, slots=True)
class ArticleFragment:
    """n kept blocks as plain data, picklable; r runs of text under the same inline markup."""

    texts: tuple[str, ...]  # of each block
    paragraphs: tuple[int, ...]  # of each block, its paragraph's position in CleanText.paragraphs
    places: Ints  # tag (in _TAGS), list or table, row, whether the list is ordered; shape (n, 4), -1 for none
    cuts: tuple[tuple[int, int], ...]  # of each block, its first run and one past its last
    runs: Ints  # first character in the block, emphasis, position in links or -1; shape (r, RUN_COLUMNS)
    links: tuple[bytes, ...]  # addresses as they stand in the page
    images: dict[int, tuple[RawImage, ...]]  # by the position of the block that they stand before
    url: str | None

    def render(self) -> str:
        """The HTML fragment, safe to store and to show."""
        return write_html(self.pieces(), self.url)

    def without(self, paragraphs: Container[int]) -> ArticleFragment:
        """The fragment without some paragraphs, the others numbered anew."""
        numbers: dict[int, int] = {}
        kept = [k for k, number in enumerate(self.paragraphs) if number not in paragraphs]
        return replace(
            self,
            texts=tuple(self.texts[k] for k in kept),
            paragraphs=tuple(numbers.setdefault(self.paragraphs[k], len(numbers)) for k in kept),
            places=self.places[kept],
            cuts=tuple(self.cuts[k] for k in kept),
            images={at: self.images[k] for at, k in enumerate(kept) if k in self.images},
        )

    def pieces(self) -> Iterator[Piece]:
        """The blocks one by one, with their inline markup."""
        hrefs = [html.unescape(link.decode("utf-8", "replace")) for link in self.links]
        runs = self.runs.tolist()
        for k, (tag, group, row, ordered) in enumerate(self.places.tolist()):
            inline = read_runs(self.texts[k], runs[slice(*self.cuts[k])], lambda at: hrefs[at] if at >= 0 else "")
            pictures = tuple(picture for image in self.images.get(k, ()) if (picture := _picture(image)).src)
            yield Piece(self.paragraphs[k], _TAGS[tag], group, row, bool(ordered), inline, pictures)


def make_fragment(page: Page, chosen: NDArray[np.int64], paragraphs: list[int], url: str | None) -> ArticleFragment:
    """The fragment of the blocks at ``chosen``, which belong to the paragraphs at ``paragraphs``."""
    cuts, runs = _gather_runs(page.blocks, page.last, page.runs, chosen)
    used, runs[:, w.R_HREF] = _used_links(page, runs[:, w.R_HREF])
    return ArticleFragment(
        texts=tuple([page.texts[k] for k in chosen.tolist()]),
        paragraphs=tuple(paragraphs),
        places=_places(page.blocks, page.elements, chosen, _TAG_OF, _PART_OF),
        cuts=tuple(map(tuple, cuts.tolist())),
        runs=runs,
        links=used,
        images=_images(page, chosen),
        url=url,
    )


def _used_links(page: Page, numbers: Ints) -> tuple[tuple[bytes, ...], Ints]:
    """The addresses that the runs use, and for each run its position among them; -1 for none."""
    used, positions = _number_links(numbers, page.links)
    return tuple([page.markup[start:end] for start, end in page.links[used].tolist()]), positions


def _images(page: Page, chosen: NDArray[np.int64]) -> dict[int, tuple[RawImage, ...]]:
    """The images between the first and the last kept block, by the position of the kept block that follows them."""
    if not chosen.size or not len(page.images):
        return {}
    before = page.images[:, w.X_BLOCK]
    within = (before >= chosen[0]) & (before <= chosen[-1])
    spans = page.images[within, w.X_SPANS : w.X_SPANS + 6].reshape(-1, 3, 2)
    spans[spans[:, :, 0] < 0] = 0  # an attribute that is not there says nothing by its end
    followers = np.searchsorted(chosen, before[within]).tolist()
    found: dict[int, list[RawImage]] = {}
    for follower, (source, other, alt) in zip(followers, spans.tolist(), strict=True):
        image = page.markup[slice(*source)], page.markup[slice(*other)], page.markup[slice(*alt)]
        if image[0] or image[1]:
            found.setdefault(follower, []).append(image)
    return {follower: tuple(images) for follower, images in found.items()}


def _picture(image: RawImage) -> Picture:
    source, other, alt = (html.unescape(said.decode("utf-8", "replace")) for said in image)
    return Picture(source or other, alt)


@njit
def _number_links(numbers: Ints, links: NDArray[np.int64]) -> tuple[NDArray[np.int64], Ints]:
    """Those of the links that have an address and are named among ``numbers``; the position of each number's there."""
    place = np.full(len(links), -1, dtype=np.int64)
    for number in numbers:
        if number >= 0 and links[number, 0] >= 0:  # neither plain text nor a line break
            place[number] = 0
    used = np.flatnonzero(place == 0)
    for k in range(used.size):
        place[used[k]] = k
    out = np.full(numbers.size, -1, dtype=np.int32)
    for k in range(numbers.size):
        if numbers[k] >= 0:
            out[k] = place[numbers[k]]
    return used, out


@njit
def _gather_runs(blocks: Ints, last: Ints, runs: Ints, chosen: NDArray[np.int64]) -> tuple[Ints, Ints]:
    """First run and one past the last of each chosen block, and these runs, which begin where they do in the block."""
    cuts = np.zeros((chosen.size, 2), dtype=np.int32)
    total = 0
    for k in range(chosen.size):
        cuts[k, 0] = total
        total += last[chosen[k], 0] - blocks[chosen[k], w.B_RUN]
        cuts[k, 1] = total
    out = np.empty((total, w.RUN_COLUMNS), dtype=np.int32)
    for k in range(chosen.size):
        first, start = blocks[chosen[k], w.B_RUN], blocks[chosen[k], w.B_START]
        for r in range(cuts[k, 1] - cuts[k, 0]):
            out[cuts[k, 0] + r] = runs[first + r]
            out[cuts[k, 0] + r, w.R_START] -= start
    return cuts, out


@njit
def _places(
    blocks: Ints, elements: Ints, chosen: NDArray[np.int64], tag_of: NDArray[np.int64], part_of: NDArray[np.int64]
) -> Ints:
    """How each chosen block is written: the innermost element that is, but in a quotation a paragraph is quoted."""
    out = np.full((chosen.size, 4), -1, dtype=np.int32)
    for k in range(chosen.size):
        tag = group = row = -1
        ordered = False
        in_table = False
        e = blocks[chosen[k], w.B_ELEMENT]
        while e >= 0:
            own, part = tag_of[elements[e, w.E_TAG]], part_of[elements[e, w.E_TAG]]
            if own >= 0 and (tag < 0 or (tag == _PARAGRAPH and own == _QUOTE)):
                tag = own
            if part == _ROW and row < 0:
                row = e
            elif part >= _TABLE and group < 0:
                group, ordered, in_table = e, part == _ORDERED, part == _TABLE
            e = elements[e, w.E_PARENT]
        if (tag == _ITEM and (group < 0 or in_table)) or (tag in (_CELL, _HEAD_CELL) and row < 0) or tag < 0:
            tag = _PARAGRAPH
        out[k, _P_TAG], out[k, _P_GROUP], out[k, _P_ROW], out[k, _P_ORDERED] = tag, group, row, ordered
    return out
