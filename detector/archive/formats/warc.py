"""WARC: pages as a crawler received them. A row is a response of HTML; every other record stays as it is.

Records are found here by their lengths, so that they can be written again byte for byte; what is in a response (chunks,
encodings) is read by warcio. In a usual .warc.gz each record is packed by itself and its packed bytes travel along.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any

from detector.archive.formats.mapping import FieldMapping
from detector.archive.formats.members import members_of
from detector.archive.formats.rows import MAX_ROW, RawRow
from detector.archive.formats.source import Piece, Shard, Source
from detector.archive.formats.streams import Compression, DamagedError, need, open_plain
from detector.archive.formats.whole_file import WholeFile, damaged
from detector.errors import InvalidItemError

_HEADER = 64 << 10  # bytes of a record's header, at most
_LENGTH = re.compile(rb"^content-length:\s*(\d{1,18})\s*$", re.IGNORECASE | re.MULTILINE)
_RESPONSE = re.compile(rb"^warc-type:\s*(?:response|resource)\s*$", re.IGNORECASE | re.MULTILINE)
_INFO = re.compile(rb"^warc-type:\s*warcinfo\s*$", re.IGNORECASE | re.MULTILINE)
_HTML = re.compile(rb"^content-type:\s*(?:text/html|application/xhtml\+xml)\b", re.IGNORECASE | re.MULTILINE)
_STATUS = re.compile(rb"HTTP/[\d.]+ +(\d{3})")
_CUT = "the file ends within this record"
_TOO_LONG = f"the record is longer than the {MAX_ROW} bytes that are read of one"


@dataclass(frozen=True, slots=True)
class WarcLayout:
    """A record."""

    mapping: FieldMapping
    name: str

    @property
    def placed(self) -> bool:
        """Only when the mapping asks for it: every record has an id of its own."""
        return self.mapping.takes_place

    def fields(self, raw: RawRow) -> dict[str, Any]:
        """The page, and of the record's header its id, address and date."""
        iterator = need("warcio.archiveiterator", "archive").ArchiveIterator
        try:
            record = next(iter(iterator(io.BytesIO(raw.data))))
            header = record.rec_headers
            html = record.content_stream().read(MAX_ROW + 1)
        except Exception as error:  # a stranger's bytes make warcio fail in many ways, AttributeError among them
            raise InvalidItemError(f"the record cannot be read: {error or type(error).__name__}") from error
        if len(html) > MAX_ROW:
            raise InvalidItemError(f"the page is longer than the {MAX_ROW} bytes that are read of one")
        return {
            "id": header.get_header("WARC-Record-ID"),
            "url": (header.get_header("WARC-Target-URI") or "").strip("<>") or None,
            "published": header.get_header("WARC-Date"),
            "html": html or None,
        }


class Warc(WholeFile):
    """The format."""

    name = "warc"
    about = "WARC: responses of HTML with their address and date (plain, .gz, .zst; needs the extra 'archive')"

    def outer_compression(self, source: Source) -> Compression:
        """None where each record is packed by itself: its packed bytes are written as they are."""
        return "" if _is_by_record(source) else source.compression

    def pieces(self, shard: Shard) -> Iterator[Piece]:
        """Every record, with what parts it from the next."""
        need("warcio", "archive")
        source = shard.source
        layout = WarcLayout(source.mapping, source.path.name)
        number = end = 0
        try:
            for record in _packed_records(source) if _is_by_record(source) else _plain_records(source):
                if isinstance(record, Piece):
                    yield record
                    continue
                end = record.start + len(record.stored)
                if not record.error and not _is_page(record.data):
                    yield Piece(record.stored, goes="everywhere" if _is_info(record.data) else "kept")
                    continue
                number += 1
                data = record.data[:200] if record.error else record.data
                place = f"record at byte {record.start}"
                yield Piece(record.stored, RawRow(source.file, number, place, data, layout, record.error))
        except DamagedError as error:
            yield damaged(source, number + 1, f"record after byte {end}", layout, error)


@dataclass(frozen=True, slots=True)
class _Record:
    stored: bytes  # as it stands in the file, packed or not
    data: bytes
    start: int
    error: str = ""


def _plain_records(source: Source) -> Iterator[_Record | Piece]:
    start = 0
    with open_plain(source.path, source.compression) as stream:
        while header := _read_header(stream):
            if len(header) <= _HEADER and header.splitlines()[-1].strip():
                yield _Record(header, header, start, _CUT)
                return
            length = _length(header, start)
            block = stream.read(wanted := min(length, MAX_ROW - len(header)))
            rest = length - len(block)
            if len(block) < wanted:
                yield _Record(header + block, header + block, start, _CUT)
                return
            tail = b"" if rest else stream.read(4)
            if tail.strip(b"\r\n"):
                raise DamagedError(f"the record at byte {start} is not as long as it says")
            stored = header + block + tail
            yield _Record(stored, stored, start, _TOO_LONG if rest and _is_page(stored) else "")
            start += len(header) + length + 4
            while rest > 0 and (block := stream.read(min(rest + 4, 1 << 20))):
                rest -= len(block)
                yield Piece(block, goes="follows")


def _packed_records(source: Source) -> Iterator[_Record | Piece]:
    for member in members_of(source):
        if not member.content:
            yield Piece(member.stored, goes="follows" if member.follows else "everywhere")
        elif member.cut:
            yield _Record(member.stored, member.content, member.start, _TOO_LONG if _is_page(member.content) else "")
        else:
            error = "" if _is_one(member.content) else "this packed piece is not one record"
            yield _Record(member.stored, member.content, member.start, error)


def _read_header(stream: IO[bytes]) -> bytes:
    """A record's header with the empty line after it; nothing at the end of the file."""
    header = b""
    while line := stream.readline(_HEADER):
        header += line
        if len(header) > _HEADER or (header.strip() and not line.strip()):
            break
    return header if header.strip() else b""


def _length(header: bytes, start: int) -> int:
    found = _LENGTH.search(header)
    if not header.lstrip().startswith(b"WARC/") or found is None:
        raise DamagedError(f"no record begins at byte {start}")
    return int(found.group(1))


def _is_one(content: bytes) -> bool:
    """Whether a packed piece is one whole record."""
    header = _header(content)
    found = _LENGTH.search(header)
    if not content.startswith(b"WARC/") or found is None:
        return False
    return 0 <= len(content) - len(header) - int(found.group(1)) <= 4


def _is_by_record(source: Source) -> bool:
    """Whether each record of a packed file is packed by itself, as most are, or the file as a whole."""
    if not source.compression:
        return False
    try:
        first = next((member for member in members_of(source) if member.content), None)
    except DamagedError:
        return True
    return first is None or _is_one(first.content)


def _header(data: bytes) -> bytes:
    end = data.find(b"\r\n\r\n", 0, _HEADER)
    return data[: end + 4] if end >= 0 else data[:_HEADER]


def _is_info(data: bytes) -> bool:
    return bool(_INFO.search(_header(data)))


def _is_page(data: bytes) -> bool:
    """Whether a record is a page that a server gave: no redirect, no error, nothing but HTML."""
    header = _header(data)
    if not _RESPONSE.search(header):
        return False
    http = _header(data[len(header) :])
    if http.startswith(b"HTTP/"):
        status = _STATUS.match(http)
        return status is not None and status.group(1) == b"200" and bool(_HTML.search(http))
    return bool(_HTML.search(header))
