"""Items of an XML file, found by their tags alone, so that a bad one spoils no other.

No parser sees the file: each item is cut out and read by itself, between the file's own opening tags. No declaration of
entities comes along, so none can be expanded.
"""

from __future__ import annotations

import io
import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any, Literal, NamedTuple, cast

from detector.archive.formats.mapping import FieldMapping
from detector.archive.formats.rows import MAX_ROW, RawRow
from detector.archive.formats.source import Piece, Shard
from detector.archive.formats.streams import DamagedError, open_plain
from detector.archive.formats.whole_file import WholeFile, damaged
from detector.clean.decode import known_encoding
from detector.errors import InvalidItemError

_READ = 64 << 10  # at least; more where an item is long
_HEADING = 64 << 10
# What may hide a tag, and the tags; longest prolog that is looked at for the file's opening tags.
_MARK = re.compile(rb"<!\[CDATA\[|<!--|<\?|<(/?)((?:[A-Za-z_][\w.-]*:)?(?:item|entry))(?=[\s/>])")
_TAGS = re.compile(rb"<(/?)((?:[A-Za-z_][\w.-]*:)?(?:item|entry))[\s/>]")
_LONGEST_MARK = 64
_SPACE, _SLASH = frozenset(b" \t\n\r\x0b\x0c"), ord("/")
_ENDS = {b"<![CDATA[": b"]]>", b"<!--": b"-->", b"<?": b"?>"}
_DECLARED = re.compile(rb"<!--|<\?|<!DOCTYPE[^>\[<]*\[?")
_DOCTYPE_ENDS = re.compile(rb"\]\s*>")
# No "<" within: one tag that never ends must not be looked through once for each tag in it.
_TAG = re.compile(rb"<([A-Za-z_][\w.:-]*)(?:[^<>\"']|\"[^<\"]*\"|'[^<']*')*>")
_ENCODING = re.compile(rb"""^\s*<\?xml[^>]*?encoding=["']([\w.-]+)["']""")
_OUTER = (b"rss", b"rdf", b"channel", b"feed")  # elements around items
_ENTITY = re.compile(rb"<!ENTITY\s+(?:%\s+)?([\w.-]+)")


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around the items of a file."""

    opening: str  # the tags that are open where an item begins
    closing: str
    encoding: str
    entities: tuple[str, ...]  # that the file declares itself

    def wrap(self, raw: RawRow) -> str:
        """The item as a document of its own; raises InvalidItemError when it is no text or wants an entity expanded."""
        try:
            text = raw.data.decode(self.encoding)
        except UnicodeDecodeError as error:
            raise InvalidItemError(f"byte {error.start + 1} of the item is not {self.encoding.upper()}") from error
        if wanted := next((name for name in self.entities if f"&{name};" in text), None):
            raise InvalidItemError(f"the item uses the entity &{wanted}; that the file declares; none is expanded")
        return f"{self.opening}{text}{self.closing}"


def frame_of(prolog: bytes, encoding: str) -> tuple[Frame, str]:
    """What a file's beginning, up to its first item, says of the items; and that beginning, without declarations."""
    if prolog.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        raise DamagedError("it is UTF-16; save it as UTF-8")
    declared = _ENCODING.search(prolog.removeprefix(b"\xef\xbb\xbf"))
    encoding = encoding or (declared.group(1).decode().lower() if declared else "utf-8")
    bare = _without_declarations(prolog)
    tags = [tag for tag in _TAG.finditer(bare) if tag.group(1).split(b":")[-1].lower() in _OUTER]
    tags = [tag for tag in tags if b"</%b>" % tag.group(1) not in bare][
        :2
    ]  # RSS 1.0 closes its channel before the items
    opening = b"".join(tag.group() for tag in tags)
    closing = b"".join(b"</%b>" % tag.group(1) for tag in reversed(tags))
    entities = tuple(name.decode() for name in _ENTITY.findall(prolog))
    frame = Frame(_decoded(opening, encoding), _decoded(closing, encoding), encoding, entities)
    return frame, _decoded(bare[:_HEADING], encoding) + (frame.closing if len(bare) <= _HEADING else "")


def _without_declarations(prolog: bytes) -> bytes:
    """``prolog`` without comments, instructions and document types; what never ends stays, and is looked at once."""
    kept: list[bytes] = []
    endless: set[bytes] = set()
    at = 0
    for found in _DECLARED.finditer(prolog):
        kind = found.group()[:4]
        if found.start() < at or kind in endless:
            continue
        end = _end_of_declaration(prolog, found)
        if end < 0:
            endless.add(kind)
            continue
        kept.append(prolog[at : found.start()])
        at = end
    return b"".join((*kept, prolog[at:]))


def _end_of_declaration(prolog: bytes, found: re.Match[bytes]) -> int:
    """The position after a declaration that begins so; -1 where it never ends."""
    start = found.group()
    if start.startswith(b"<!D"):
        end = _DOCTYPE_ENDS.search(prolog, found.end()) if start.endswith(b"[") else None
        if not start.endswith(b"["):
            return found.end() + 1 if prolog[found.end() : found.end() + 1] == b">" else -1
        return end.end() if end else -1
    mark = _ENDS[start]
    end_at = prolog.find(mark, found.end())
    return end_at + len(mark) if end_at >= 0 else -1


def _decoded(data: bytes, encoding: str) -> str:
    if known_encoding(encoding) is None:
        raise DamagedError(f"its encoding is said to be {encoding!r}, which is none")
    return data.decode(encoding, "replace")


@dataclass(frozen=True, slots=True)
class ItemLayout:
    """An item, with what its file says for all of them."""

    mapping: FieldMapping
    name: str
    frame: Frame
    source: str | None
    language: str | None

    @property
    def placed(self) -> bool:
        """Only when the mapping asks for it: the same item twice is one item."""
        return self.mapping.takes_place

    def fields(self, raw: RawRow) -> dict[str, Any]:
        """The item's elements by name."""
        raise NotImplementedError


class XmlItems(WholeFile):
    """What such formats share; each makes a layout of the frame."""

    def layout(self, frame: Frame, heading: str, mapping: FieldMapping, name: str) -> ItemLayout:
        """How the items are read; ``heading`` is what the file says before them."""
        raise NotImplementedError

    def is_article(self, data: bytes) -> bool:  # noqa: ARG002  # for formats that hold other things too
        """Whether an item is one to look at; others are kept as they are."""
        return True

    def pieces(self, shard: Shard) -> Iterator[Piece]:
        """The prolog, each item with the space before it, and what comes after the last."""
        source = shard.source
        layout: ItemLayout | None = None
        number = 0
        with open_plain(source.path, source.compression) as stream:
            cuts = _Cuts(stream)
            try:
                for cut in cuts:
                    if layout is None:
                        start = frame_of(cut.data if not cut.item else b"", source.mapping.encoding)
                        layout = self.layout(*start, source.mapping, source.path.name)
                    if not cut.item or (not cut.error and not self.is_article(cut.data)):
                        yield Piece(cut.data, goes=cut.goes)
                        continue
                    number += 1
                    place = f"item {number} at byte {cut.start}"
                    shown = cut.data[:200] if cut.error else cut.data
                    yield Piece(cut.data, RawRow(source.file, number, place, shown, layout, cut.error))
            except DamagedError as error:
                layout = layout or self.layout(*frame_of(b"", "utf-8"), source.mapping, source.path.name)
                yield Piece(cuts.rest)
                yield damaged(source, number + 1, f"item {number + 1}", layout, error)


@dataclass(frozen=True, slots=True)
class _Cut:
    """A piece of the file."""

    data: bytes
    start: int  # its position in the file
    item: bool
    goes: Literal["kept", "everywhere", "follows"] = "kept"
    error: str = ""


class _Tag(NamedTuple):
    """A tag of an item, in positions of what is left of the stream."""

    start: int
    end: int
    ends: bool  # an end tag


class _Cuts:
    """A stream of XML cut into what is an item and what is not.

    Positions count from where the last piece ended; what was taken is let go when more is read, for to move a long
    buffer at each of many short items would be quadratic.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._buffer = b""
        self._first = 0  # of the buffer, what was not taken yet
        self._at = 0  # its position in the file
        self._ended = False

    @property
    def rest(self) -> bytes:
        """What was read and not given yet."""
        return self._buffer[self._first :]

    @property
    def _size(self) -> int:
        return len(self._buffer) - self._first

    def __iter__(self) -> Iterator[_Cut]:
        prolog = True
        while (found := self._mark(0)) is not None:
            if found.ends:  # an end without a beginning
                yield self._take(found.end, goes="kept")
                continue
            begin = self._text_before(found.start)
            if prolog or begin:
                yield self._take(begin, goes="everywhere" if prolog else "kept")
            prolog = False
            yield from self._item()
        while self._size > MAX_ROW and not self._ended:
            yield self._take(self._size, goes="kept")
            self._more()
        yield self._take(self._size, goes="everywhere")

    def _item(self) -> Iterator[_Cut]:
        """The item at the beginning, with the space before it; an overlong one in several pieces."""
        opening = self._mark(0)
        assert opening is not None  # noqa: S101  # it was found there
        tag_end = self._find(b">", opening.end)
        if tag_end > 0 and self._buffer[self._first + tag_end - 1] == _SLASH:
            yield self._take(tag_end + 1, item=True, error="the item is empty")
            return
        mark = self._mark(opening.end)
        if mark is not None and mark.ends:
            end = self._find(b">", mark.end)
            yield self._take(end + 1 if end >= 0 else self._size, item=True)
        elif mark is not None:
            begin = self._text_before(mark.start)
            yield self._take(begin, item=True, error="the item does not end before the next begins")
        elif self._ended and self._size <= MAX_ROW:
            yield self._take(self._size, item=True, error="the file ends within this item")
        else:
            reason = f"the item is longer than the {MAX_ROW} bytes that are read of one"
            yield self._take(MAX_ROW, item=True, error=reason)
            yield from self._skip()

    def _skip(self) -> Iterator[_Cut]:
        """The rest of an overlong item: what comes before the next tag of an item, whatever hides it."""
        while True:
            found = _TAGS.search(self._buffer, self._first)
            if found:
                yield self._take((found.end() if found.group(1) else found.start()) - self._first, goes="follows")
                return
            yield self._take(max(0, self._size - _LONGEST_MARK), goes="follows")
            if not self._more():
                return

    def _text_before(self, end: int) -> int:
        """Where the text before a position ends; the space after it goes with what follows."""
        while end > 0 and self._buffer[self._first + end - 1] in _SPACE:
            end -= 1
        return end

    def _mark(self, start: int) -> _Tag | None:
        """The next tag of an item that nothing hides; None at the end, or where it is too far away."""
        while True:
            found = _MARK.search(self._buffer, self._first + start)
            if found is None:
                start = max(start, self._size - _LONGEST_MARK)
                if self._size > MAX_ROW or not self._more():
                    return None
            elif found.group(2):
                return _Tag(found.start() - self._first, found.end() - self._first, bool(found.group(1)))
            else:
                end = self._find(_ENDS[found.group()], found.end() - self._first)
                if end < 0:
                    return None
                start = end + 1

    def _find(self, what: bytes, start: int) -> int:
        """Where ``what`` stands from ``start`` on; -1 where the file ends, or the row is too long, before it."""
        while (end := self._buffer.find(what, self._first + start)) < 0 and self._size <= MAX_ROW:
            start = max(start, self._size - len(what))
            if not self._more():
                break
        return end - self._first if end >= 0 else -1

    def _more(self) -> bool:
        piece = b"" if self._ended else cast("io.BufferedReader", self._stream).read1(max(_READ, self._size))
        self._ended = not piece
        if piece:
            self._buffer, self._first = self._buffer[self._first :] + piece, 0
        return bool(piece)

    def _take(
        self,
        size: int,
        *,
        item: bool = False,
        goes: Literal["kept", "everywhere", "follows"] = "kept",
        error: str = "",
    ) -> _Cut:
        cut = _Cut(self._buffer[self._first : self._first + size], self._at, item, goes, error)
        self._first, self._at = self._first + len(cut.data), self._at + len(cut.data)
        return cut
