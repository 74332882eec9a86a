"""A packed file's members one by one: gzip members or Zstandard frames, each with its packed bytes."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any

from detector.archive.formats.rows import MAX_ROW
from detector.archive.formats.source import Source
from detector.archive.formats.streams import MAX_RATIO, ZSTD, DamagedError, is_skippable, need, open_plain

_READ = {"gzip": 64 << 10, "zstd": 4 << 10}
_DICTIONARY = b"\x5d\x2a\x4d\x18"  # the skippable frame that holds a .warc.zst's dictionary


@dataclass(frozen=True, slots=True)
class Member:
    """A member, or a part of one that is too long to be held whole."""

    stored: bytes
    content: bytes  # empty for a frame of Zstandard's that is no content, and for what follows
    start: int  # position in the file
    cut: bool = False  # the content goes on, but is not read
    follows: bool = False  # more stored bytes of the member before


def members_of(source: Source) -> Iterator[Member]:
    """The members of a packed file, in order; raises DamagedError where one is damaged, cut or a bomb."""
    with open_plain(source.path, "") as file:
        yield from _Members(file, source.compression)


class _Members:
    def __init__(self, file: IO[bytes], compression: str) -> None:
        self._file = file
        self._size = _READ[compression]
        self._zstandard: Any = need("zstandard", "archive") if compression == "zstd" else None
        self._dictionary: Any = None
        self._buffer = b""
        self._at = 0

    def __iter__(self) -> Iterator[Member]:
        while self._fill(8):
            if self._zstandard is not None and is_skippable(self._buffer):
                yield self._skippable()
            elif self._zstandard is None and not self._buffer.strip(b"\0"):
                return  # padding
            else:
                yield from self._one()

    def _fill(self, least: int) -> bool:
        while len(self._buffer) < least and (piece := self._file.read(self._size)):
            self._buffer += piece
        return bool(self._buffer)

    def _skippable(self) -> Member:
        size = 8 + int.from_bytes(self._buffer[4:8], "little")
        if size > MAX_ROW or not self._fill(size) or len(self._buffer) < size:
            raise DamagedError("it ends before its packed data does")
        stored, start = self._buffer[:size], self._at
        self._buffer, self._at = self._buffer[size:], start + size
        if stored.startswith(_DICTIONARY):
            data = stored[8:]
            if data.startswith(ZSTD):
                data = self._zstandard.ZstdDecompressor().decompress(data, max_output_size=MAX_ROW)
            self._dictionary = self._zstandard.ZstdCompressionDict(data)
        return Member(stored, b"", start)

    def _new(self) -> Any:
        if self._zstandard is None:
            return zlib.decompressobj(wbits=31)
        given = {"dict_data": self._dictionary} if self._dictionary else {}
        return self._zstandard.ZstdDecompressor(**given).decompressobj()

    def _one(self) -> Iterator[Member]:
        """A member; an overlong one in several parts."""
        one, start = self._new(), self._at
        stored, content, came_out, first = b"", b"", 0, True
        while not one.eof:
            if not self._fill(1):
                raise DamagedError("it ends before its packed data does")
            piece, self._buffer = self._buffer, b""
            came_out += len(out := _unpacked(one, piece))
            used = piece[: len(piece) - len(one.unused_data)] if one.eof else piece
            self._buffer = one.unused_data if one.eof else b""
            self._at += len(used)
            if came_out > max(4 * MAX_ROW, MAX_RATIO * (self._at - start)):
                raise DamagedError(f"it expands to more than {MAX_RATIO} times its size, as no text does")
            stored += used
            content += out if len(content) <= MAX_ROW else b""
            if len(content) > MAX_ROW and not one.eof:
                yield (
                    Member(stored, content[:MAX_ROW], start, cut=True)
                    if first
                    else Member(stored, b"", 0, follows=True)
                )
                stored, first = b"", False
        if first:
            yield Member(stored, content[:MAX_ROW], start, cut=len(content) > MAX_ROW)
        elif stored:
            yield Member(stored, b"", start, follows=True)


def _unpacked(one: Any, piece: bytes) -> bytes:
    try:
        return bytes(one.decompress(piece))
    except Exception as error:  # zlib.error, or ZstdError of a package that may be absent
        raise DamagedError(str(error)) from error
