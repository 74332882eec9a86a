"""A format whose file is its rows and what stands between them, in one stream: lines, records, items of a feed.

It is written by copying the bytes, each row to where it is judged to go and what stands between to where it belongs.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO

from detector.archive.formats.rows import Layout, RawRow
from detector.archive.formats.source import Fate, Judge, Piece, Shard, Source, file_digest
from detector.archive.formats.streams import Compression, DamagedError, packed

OUTPUTS: tuple[Fate, ...] = ("kept", "removed", "quarantined")


class WholeFile:
    """What such formats share; each gives its pieces."""

    def pieces(self, shard: Shard) -> Iterator[Piece]:
        """Everything in a shard, in order."""
        raise NotImplementedError

    def shards(self, source: Source, size: int) -> list[Shard]:  # noqa: ARG002  # it cannot be cut
        """The whole, in one piece."""
        return [Shard(source)]

    def read(self, shard: Shard) -> Iterator[RawRow]:
        """The rows among the pieces."""
        return (piece.row for piece in self.pieces(shard) if piece.row is not None)

    def fingerprint(self, source: Source) -> str:
        """The digest of the file."""
        return file_digest(source.path)

    def outer_compression(self, source: Source) -> Compression:
        """How the output is packed as a whole."""
        return source.compression

    def write(self, source: Source, judge: Judge, out: Path, name: str) -> None:
        """Copy the file to ``out/kept/NAME``, ``out/removed/NAME`` and ``out/quarantined/NAME``."""
        with ExitStack() as stack:
            outputs = _Outputs(stack, out, name, self.outer_compression(source))
            for piece in self.pieces(Shard(source)):
                outputs.put(piece, judge(piece.row) if piece.row is not None else None)


class _Outputs:
    """The files of one source, each made when something goes there."""

    def __init__(self, stack: ExitStack, out: Path, name: str, compression: Compression) -> None:
        self._stack, self._out, self._name, self._compression = stack, out, name, compression
        self._open: dict[Fate, IO[bytes]] = {}
        self._everywhere = b""
        self._last: Fate = "kept"

    def put(self, piece: Piece, fate: Fate | None) -> None:
        if fate is not None:
            self._last = fate
        if piece.goes == "everywhere" and fate is None:
            for name in self._open:
                self._open[name].write(piece.stored)
            self._everywhere += piece.stored
            self._file("kept")
            return
        goes = fate or ("kept" if piece.goes == "kept" else self._last)
        if goes in OUTPUTS:
            self._file(goes).write(piece.stored)

    def _file(self, name: Fate) -> IO[bytes]:
        if name not in self._open:
            path = self._out / name / self._name
            path.parent.mkdir(parents=True, exist_ok=True)
            self._open[name] = self._stack.enter_context(packed(path, self._compression))
            self._open[name].write(self._everywhere)
        return self._open[name]


def damaged(source: Source, number: int, place: str, layout: Layout, error: DamagedError) -> Piece:
    """The row that stands for the rest of a file that cannot be read."""
    reason = f"the file is damaged from here on and was read no further ({error})"
    return Piece(b"", RawRow(source.file, number, place, b"", layout, reason))
