"""Lines of JSON, one item each, plain or packed; what cannot be read is set aside, with its line number."""

from __future__ import annotations

import codecs
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any

from detector.archive.formats.json_bytes import loads
from detector.archive.formats.mapping import USUAL, FieldMapping
from detector.archive.formats.rows import MAX_ROW, RawRow
from detector.archive.formats.source import Piece, Shard, Source
from detector.archive.formats.streams import DamagedError, open_plain
from detector.archive.formats.whole_file import WholeFile, damaged
from detector.errors import InvalidItemError

_BLOCK = 1 << 18  # bytes that are read at a time to find line ends


@dataclass(frozen=True, slots=True)
class JsonLayout:
    """An object of JSON."""

    mapping: FieldMapping = USUAL
    name: str = ""  # of the source, for ``@place``

    @property
    def placed(self) -> bool:
        """Only when the mapping asks for it: the same line twice is one item."""
        return self.mapping.takes_place

    def fields(self, raw: RawRow) -> dict[str, Any]:
        """The members of the object."""
        try:
            row = loads(raw.data)
        except UnicodeDecodeError as error:
            raise InvalidItemError(f"byte {error.start + 1} is not UTF-8; save the file as UTF-8") from error
        except (ValueError, RecursionError) as error:
            raise InvalidItemError(f"not JSON: {error}") from error
        if isinstance(row, list):
            raise InvalidItemError(
                "a list where an object with an id and a body is needed; jq -c '.[]' makes lines of it"
            )
        if not isinstance(row, dict):
            raise InvalidItemError(f"a {type(row).__name__} where an object with an id and a body is needed")
        return row


class JsonLines(WholeFile):
    """The format."""

    name = "jsonl"
    about = "lines of JSON, one object each (plain, .gz, .zst)"

    def shards(self, source: Source, size: int, rows: int = sys.maxsize) -> list[Shard]:
        """Cut at line ends, and before a piece has many more than ``rows`` lines; a packed file is one piece."""
        if source.compression:
            return [Shard(source)]
        shards: list[Shard] = []
        start = position = lines = before = 0
        with open_plain(source.path, "") as file:
            while block := file.read(min(size, _BLOCK)):
                lines += block.count(b"\n")
                position += len(block)
                if position - start < size and lines - before < rows:
                    continue
                for rest in _to_line_end(file, block):
                    lines += rest.endswith(b"\n")
                    position += len(rest)
                shards.append(Shard(source, start, position, before))
                start, before = position, lines
        return [*shards, Shard(source, start, None, before)] if position > start or not shards else shards

    def pieces(self, shard: Shard) -> Iterator[Piece]:
        """Each line with its end; an overlong one in several pieces."""
        source = shard.source
        layout = JsonLayout(source.mapping, source.path.name)
        number = shard.before
        with open_plain(source.path, source.compression, shard.start) as stream:
            left = None if shard.stop is None else shard.stop - shard.start
            try:
                while (left is None or left > 0) and (stored := stream.readline(MAX_ROW + 1)):
                    number += 1
                    size = len(stored)
                    yield _piece(source, number, stored, layout)
                    if size > MAX_ROW:
                        for rest in _to_line_end(stream, stored):
                            size += len(rest)
                            yield Piece(rest, goes="follows")
                    left = None if left is None else left - size
            except DamagedError as error:
                yield damaged(source, number + 1, _place(number + 1), layout, error)


def _piece(source: Source, number: int, stored: bytes, layout: JsonLayout) -> Piece:
    data = stored.removeprefix(codecs.BOM_UTF8) if number == 1 else stored
    if len(stored) > MAX_ROW:
        reason = f"the line is longer than the {MAX_ROW} bytes that are read of one"
        return Piece(stored, RawRow(source.file, number, _place(number), data[:200], layout, reason))
    if not data.strip():
        return Piece(stored)
    return Piece(stored, RawRow(source.file, number, _place(number), data, layout))


def _place(number: int) -> str:
    return f"line {number}"


def _to_line_end(stream: IO[bytes], data: bytes) -> Iterator[bytes]:
    """Read on to the end of an overlong line, a piece at a time."""
    while not data.endswith(b"\n") and (data := stream.readline(1 << 20)):
        yield data
