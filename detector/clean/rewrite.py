"""The kept part of a page as a clean, safe HTML fragment, for a CMS that stores markup.

Nothing of the page's own markup is passed on: the fragment is built anew from a short list of elements, with
attributes that were each looked at. Its text equals ``CleanText.text``, white space apart.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from bs4 import BeautifulSoup
from bs4.element import Tag

from detector.clean.blocks import Run

_LINK_SCHEMES = frozenset(["http", "https", "mailto"])
_IMAGE_SCHEMES = frozenset(["http", "https"])
_WRAPPERS = {"li": "ul", "td": "table", "th": "table"}


@dataclass(frozen=True, slots=True)
class Picture:
    """An image of the article."""

    src: str
    alt: str


@dataclass(frozen=True, slots=True)
class Piece:
    """One kept block: which element to write, which list, row or quotation it belongs to, and its inline markup."""

    paragraph: int  # its paragraph's position in CleanText.paragraphs
    tag: str  # p, h2 … h6, li, td, th, blockquote, pre, figcaption
    group: int  # the list or table, as an element of the page; -1 when there is none
    row: int  # the table row; -1 when there is none
    ordered: bool  # in an <ol>
    runs: tuple[Run, ...]
    pictures: tuple[Picture, ...]  # that stand before it


def write_html(pieces: Iterable[Piece], url: str | None) -> str:
    """The HTML of ``pieces``: headings, paragraphs, lists, quotes, tables, links, images, emphasis; nothing else."""
    soup = BeautifulSoup("", "html.parser")
    writer = _Writer(soup, url)
    for piece in pieces:
        writer.write(piece)
    return str(soup.decode(formatter="minimal")).strip()


def safe_address(address: str, base: str | None, schemes: frozenset[str]) -> str | None:
    """``address`` made absolute when its scheme is one of ``schemes``, else None.

    >>> safe_address(" java\\tscript:alert(1)", "https://example.org/", frozenset(["http", "https"]))
    """
    cleaned = "".join(character for character in address if character > " " and character != "\x7f")
    try:
        absolute = urljoin(base or "", cleaned)
        parts = urlsplit(absolute)
    except ValueError:  # a malformed address is not passed on
        return None
    if parts.scheme.lower() not in schemes or (parts.scheme.lower() != "mailto" and not parts.netloc):
        return None
    return absolute


class _Writer:
    """Appends pieces to a soup, inside the list, table or row that is open."""

    def __init__(self, soup: BeautifulSoup, url: str | None) -> None:
        self.soup = soup
        self.url = url
        self.open: Tag | None = None
        self.group = (-1, "")
        self.row = -1
        self.row_tag: Tag | None = None

    def write(self, piece: Piece) -> None:
        for picture in piece.pictures:
            self.picture(picture)
        element = self.soup.new_tag(piece.tag)
        self.inline(element, piece.runs)
        # Appended, never inserted after a sibling: that looks for its place among all of them, which is quadratic.
        parent = self.parent(piece)
        parent.append(element)
        parent.append("\n")

    def parent(self, piece: Piece) -> Tag:
        wrapper = _WRAPPERS.get(piece.tag)
        if wrapper is None:
            self.group, self.open, self.row = (-1, ""), None, -1
            return self.soup
        if self.group != (piece.group, wrapper) or self.open is None:
            self.open = self.soup.new_tag("ol" if wrapper == "ul" and piece.ordered else wrapper)
            self.soup.append(self.open)
            self.soup.append("\n")
            self.group, self.row = (piece.group, wrapper), -1
        if wrapper != "table":
            return self.open
        if self.row != piece.row or self.row_tag is None:
            self.row_tag = self.soup.new_tag("tr")
            self.open.append(self.row_tag)
            self.row = piece.row
        return self.row_tag

    def picture(self, picture: Picture) -> None:
        src = safe_address(picture.src, self.url, _IMAGE_SCHEMES)
        if src is None:
            return
        figure = self.soup.new_tag("figure")
        figure.append(self.soup.new_tag("img", attrs={"src": src, "alt": picture.alt}))
        self.soup.append(figure)
        self.soup.append("\n")
        self.group, self.open = (-1, ""), None

    def inline(self, element: Tag, runs: tuple[Run, ...]) -> None:
        """Write the runs of a block, each inside its link and emphasis."""
        for run in runs:
            target = element
            address = safe_address(run.href, self.url, _LINK_SCHEMES) if run.href else None
            if address is not None:
                target = self.child(target, "a", {"href": address})
            if run.emphasis & 2:
                target = self.child(target, "strong", {})
            if run.emphasis & 1:
                target = self.child(target, "em", {})
            if run.text == "\n":
                element.append(self.soup.new_tag("br"))
                element.append("\n")
            else:
                target.append(run.text)

    def child(self, parent: Tag, name: str, attributes: dict[str, str]) -> Tag:
        made = self.soup.new_tag(name, attrs=attributes)
        parent.append(made)
        return made
