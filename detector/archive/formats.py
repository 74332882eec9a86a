"""Stored articles in: lines of JSON, plain or gzipped, one item each; what cannot be read is set aside, with its place.

A reader yields raw lines and never fails on one of them; turning a line into an item is a pure function, so that
worker processes can share the work.
"""

from __future__ import annotations

import codecs
import gzip
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import IO, Any, cast

from detector.errors import ArchiveError, InvalidItemError
from detector.records import Item, read_date

MAX_LINE = 16 << 20  # bytes; the guard reads no more than 2 MiB of a page, so a longer line is no article
_SHOWN = 80  # characters of a bad line that its error repeats
_GZIP_MAGIC = b"\x1f\x8b"

# Where archives keep the same thing; the first name that a row has is taken.
_BODY = ("body", "html", "text", "content")
_NAMES = {
    "id": ("id", "uri", "guid", "url"),
    "title": ("title", "headline"),
    "url": ("url", "link", "canonical_url"),
    "source": ("source", "publisher", "site_name"),
    "section": ("section", "category"),
    "language": ("language", "lang"),
    "published": ("published", "publish_date", "published_at", "date"),
    "version": ("version",),
    "media_type": ("media_type",),
}


@dataclass(frozen=True, slots=True)
class RawLine:
    """A line as it stands in its file, or the reason why it could not be read at all."""

    file: int  # position of its file among the inputs
    number: int  # from 1
    data: bytes
    error: str = ""


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A line that is no usable item. It is listed and left as it is; nothing of it is lost."""

    file: int
    number: int
    error: str
    head: str  # its beginning


@dataclass(frozen=True, slots=True)
class Row:
    """An item and the line that it came from."""

    file: int
    number: int
    digest: str  # of the line's bytes: the same line twice is one item
    item: Item
    notes: tuple[str, ...]  # what had to be read otherwise than it stands


def read_lines(path: Path, file: int = 0, max_line: int = MAX_LINE) -> Iterator[RawLine]:
    """The lines of ``path``, which may be gzipped; empty ones are skipped.

    A line longer than ``max_line`` bytes and the rest of a damaged gzip file come back as errors. Raises
    ArchiveError when the file cannot be opened.
    """
    number = 0
    try:
        with _open(path) as stream:
            while data := stream.readline(max_line + 1):
                number += 1
                if number == 1:
                    data = data.removeprefix(codecs.BOM_UTF8)
                if len(data) > max_line:
                    length = len(data) + _skip_to_line_end(stream, data)
                    yield RawLine(file, number, data[:200], f"the line has {length} bytes; at most {max_line} are read")
                elif data.strip():
                    yield RawLine(file, number, data)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        yield RawLine(file, number + 1, b"", f"the file is damaged from here on and was read no further ({error})")
    except OSError as error:
        raise ArchiveError(f"{path} cannot be read: {error.strerror or error}") from error


def _open(path: Path) -> IO[bytes]:
    if not path.is_file() and not path.is_dir():
        # It is read more than once, now and when the plan is carried out.
        raise ArchiveError(f"{path} is no regular file; write what comes from a pipe to a file first")
    with path.open("rb") as file:
        zipped = file.read(2) == _GZIP_MAGIC
    return cast("IO[bytes]", gzip.open(path, "rb")) if zipped else path.open("rb")


def _skip_to_line_end(stream: IO[bytes], data: bytes) -> int:
    """Read on to the end of an overlong line, a piece at a time; how many more bytes it had."""
    skipped = 0
    while not data.endswith(b"\n") and (data := stream.readline(1 << 20)):
        skipped += len(data)
    return skipped


def parse(line: RawLine) -> Row | Quarantined:
    """The item on a line, or why there is none."""
    if line.error:
        return _set_aside(line, line.error)
    try:
        row = json.loads(line.data)
    except UnicodeDecodeError as error:
        return _set_aside(line, f"byte {error.start + 1} is not UTF-8; save the file as UTF-8")
    except (ValueError, RecursionError) as error:
        return _set_aside(line, f"not JSON: {error}")
    if not isinstance(row, dict):
        return _set_aside(line, f"a {type(row).__name__} where an object with an id and a body is needed")
    try:
        item, notes = _item(row)
    except InvalidItemError as error:
        return _set_aside(line, str(error))
    digest = blake2b(line.data.strip(), digest_size=12).hexdigest()
    return Row(line.file, line.number, digest, item, notes)


def _set_aside(line: RawLine, error: str) -> Quarantined:
    return Quarantined(line.file, line.number, error, line.data[:_SHOWN].decode("utf-8", "replace").strip())


def _item(row: dict[str, Any]) -> tuple[Item, tuple[str, ...]]:
    body_field = next((name for name in _BODY if row.get(name) is not None), None)
    if body_field is None:
        raise InvalidItemError(f"the row has no body; one of the fields {', '.join(_BODY)} must hold the text")
    values = {name: _first(row, names) for name, names in _NAMES.items()}
    if values["id"] is None:
        raise InvalidItemError("the row has no id; one of the fields id, uri, guid, url must hold one")
    if isinstance(values["id"], int) and not isinstance(values["id"], bool):
        values["id"] = str(values["id"])
    for name, value in (*values.items(), (body_field, row[body_field])):
        _refuse_unstorable(name, value)
    published, notes = _published(values.pop("published"))
    values["title"] = values["title"] or ""
    media_type = values.pop("media_type") or _media_type_of(body_field)
    return Item(body=row[body_field], media_type=media_type, published=published, **values), notes


def _first(row: dict[str, Any], names: tuple[str, ...]) -> Any:
    return next((row[name] for name in names if row.get(name) is not None), None)


def _media_type_of(body_field: str) -> str:
    """What a field's name says of its content; ``body`` and ``content`` say nothing, and the item looks itself."""
    return {"html": "text/html", "text": "text/plain"}.get(body_field, "")


def _refuse_unstorable(name: str, value: object) -> None:
    if not isinstance(value, str):
        return
    if "\0" in value:
        raise InvalidItemError(f"field {name!r} has a NUL character at position {value.index(chr(0)) + 1}; remove it")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise InvalidItemError(
            f"field {name!r} has half of a surrogate pair at position {error.start + 1}; it is no text"
        ) from error


def _published(value: object) -> tuple[Any, tuple[str, ...]]:
    """The date and, where it cannot be read, a note: an article is worth more than its date, which only orders it."""
    try:
        return read_date(value), ()
    except InvalidItemError as error:
        return None, (f"treated as undated: {error}",)
