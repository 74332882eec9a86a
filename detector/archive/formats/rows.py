"""What a reader yields: a row as it stands in its source, and what it turns out to be, an item or a reason.

A reader never fails on a row, and turning a row into an item is a pure function, so that worker processes can share
the work.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Protocol

from detector.archive.formats.mapping import PLACE, FieldMapping, make_item
from detector.errors import InvalidItemError
from detector.records import Item

MAX_ROW = 16 << 20  # bytes; the guard reads no more than 2 MiB of a page, so a longer row is no article
_SHOWN = 80  # characters of a bad row that its error repeats


class Layout(Protocol):
    """How the bytes of a source's rows are read: small, frozen, and travelling with each row to whoever reads it."""

    @property
    def mapping(self) -> FieldMapping:
        """Which of the row's fields is which of the item's."""
        ...

    @property
    def name(self) -> str:
        """What the source is called, for ``@place``."""
        ...

    @property
    def placed(self) -> bool:
        """Whether where a row stands is part of what it says: two files of the same bytes are two items."""
        ...

    def fields(self, raw: RawRow) -> dict[str, Any]:
        """The row's fields by name; raises InvalidItemError, which says what is wrong with it."""
        ...


@dataclass(frozen=True, slots=True)
class RawRow:
    """A row as it stands in its source, or the reason why it could not be read at all."""

    file: int  # position of its source among the inputs
    number: int  # where it comes in its source, rising from 1: the line, the record, the member
    place: str  # by which people find it: "line 7", "2019/a.html", "id=17"
    data: bytes
    layout: Layout
    error: str = ""

    @property
    def digest(self) -> str:
        """By which ``apply`` knows the row again: of its bytes, and of its place where that is part of the item."""
        digest = blake2b(self.data.strip(), digest_size=12)
        if self.layout.placed:
            digest.update(b"\0" + self.place.encode("utf-8", "surrogateescape"))
        return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A row that is no usable item. It is listed and left as it is; nothing of it is lost."""

    file: int
    number: int
    error: str
    head: str  # its beginning
    place: str


@dataclass(frozen=True, slots=True)
class Row:
    """An item and the row that it came from."""

    file: int
    number: int
    digest: str  # of the row: the same row twice is one item
    item: Item
    notes: tuple[str, ...]  # what had to be read otherwise than it stands
    place: str


def parse(raw: RawRow) -> Row | Quarantined:
    """The item in a row, or why there is none."""
    if raw.error:
        return _set_aside(raw, raw.error)
    try:
        item, notes = make_item(fields_of(raw), raw.layout.mapping)
    except InvalidItemError as error:
        return _set_aside(raw, str(error))
    return Row(raw.file, raw.number, raw.digest, item, notes, raw.place)


def fields_of(raw: RawRow) -> dict[str, Any]:
    """A row's fields by name, its place among them where the mapping asks for it; raises InvalidItemError."""
    fields = raw.layout.fields(raw)
    if raw.layout.mapping.takes_place:
        fields[PLACE] = f"{raw.layout.name}:{raw.place}"
    return fields


def _set_aside(raw: RawRow, error: str) -> Quarantined:
    head = raw.data[: 4 * _SHOWN].decode("utf-8", "replace").strip()[:_SHOWN]
    return Quarantined(raw.file, raw.number, error, head, raw.place)
