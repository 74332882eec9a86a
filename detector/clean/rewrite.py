"""The kept part of a page as a clean, safe HTML fragment, for a CMS that stores markup.

Nothing of the page's own markup is passed on: the fragment is built anew from a short list of elements, with
attributes that were each looked at. Its text equals ``CleanText.text``, white space apart.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from urllib.parse import urljoin, urlsplit

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
    writer = _Writer(url)
    for piece in pieces:
        writer.write(piece)
    return writer.finished()


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
    """Writes pieces one behind the other, inside the list, table or row that is open.

    Text and attributes are escaped here and nowhere else. No tree is made, for that of a long page costs more than
    its cleaning, and more than twice as much for a page twice as long.
    """

    def __init__(self, url: str | None) -> None:
        self.url = url
        self.parts: list[str] = []
        self.wrapper = ""  # the open list or table
        self.group = (-1, "")
        self.row = -1  # the open row

    def finished(self) -> str:
        """All that was written, with what was open closed."""
        self.close()
        return "".join(self.parts).strip()

    def write(self, piece: Piece) -> None:
        for picture in piece.pictures:
            self.picture(picture)
        self.open(piece)
        self.parts.append(f"<{piece.tag}>")
        for run in piece.runs:
            self.run(run)
        self.parts.append(f"</{piece.tag}>\n")

    def open(self, piece: Piece) -> None:
        """Open what the piece stands in, unless it is open, and close what it does not stand in."""
        wrapper = _WRAPPERS.get(piece.tag, "")
        group = (piece.group, wrapper)
        if not wrapper or group != self.group:
            self.close()
        if wrapper and not self.wrapper:
            self.wrapper, self.group = "ol" if wrapper == "ul" and piece.ordered else wrapper, group
            self.parts.append(f"<{self.wrapper}>")
        if wrapper == "table" and self.row != piece.row:
            self.parts.append("<tr>" if self.row < 0 else "</tr><tr>")
            self.row = piece.row

    def close(self) -> None:
        if self.wrapper:
            row = "</tr>" if self.row >= 0 else ""
            self.parts.append(f"{row}</{self.wrapper}>\n")
        self.wrapper, self.group, self.row = "", (-1, ""), -1

    def picture(self, picture: Picture) -> None:
        src = safe_address(picture.src, self.url, _IMAGE_SCHEMES)
        if src is not None:
            self.close()
            self.parts.append(f'<figure><img alt="{_quoted(picture.alt)}" src="{_quoted(src)}"/></figure>\n')

    def run(self, run: Run) -> None:
        """Write a run of a block inside its link and emphasis."""
        if run.text == "\n":
            self.parts.append("<br/>\n")
            return
        written = escape(run.text, quote=False)
        if run.emphasis & 1:
            written = f"<em>{written}</em>"
        if run.emphasis & 2:
            written = f"<strong>{written}</strong>"
        address = safe_address(run.href, self.url, _LINK_SCHEMES) if run.href else None
        self.parts.append(written if address is None else f'<a href="{_quoted(address)}">{written}</a>')


def _quoted(value: str) -> str:
    """An attribute's value, to stand between double quotes."""
    return escape(value, quote=False).replace('"', "&quot;")
