"""Bytes of a file, plain, gzipped or packed by Zstandard, within bounds: damage and bombs end a stream, not the run."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import IO, Any, Literal, Protocol, cast

from detector.errors import ArchiveError

Compression = Literal["", "gzip", "zstd"]
GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
# Text shrinks to a tenth, a log to a fiftieth. gzip at its best makes 1,032 bytes of one, Zstandard 32,768.
MAX_RATIO = 200
_FREE = 64 << 20  # bytes that may come out whatever went in
# How much is unpacked at once. A block of Zstandard's is 128 KiB at most and may come of 4 bytes: 128 MiB at worst.
_PIECES: dict[Compression, int] = {"gzip": 64 << 10, "zstd": 4 << 10}
_BUFFER = 1 << 20


class DamagedError(Exception):
    """A stream that ends early, is damaged, or expands beyond all reason; the text says which."""


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, /) -> bytes: ...


def need(module: str, extra: str) -> ModuleType:
    """An optional package; raises ArchiveError, which names the extra that brings it."""
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        raise ArchiveError(f"the package {error.name!r} is missing; run: pip install 'copytaster[{extra}]'") from error


def compression_of(head: bytes) -> Compression:
    """What the first bytes of a file say of its packing."""
    return "gzip" if head.startswith(GZIP) else "zstd" if head.startswith(ZSTD) or is_skippable(head) else ""


def is_skippable(head: bytes) -> bool:
    """Whether a frame of Zstandard's begins here that holds no content, such as a dictionary."""
    return head[1:4] == b"\x2a\x4d\x18" and 0x50 <= head[0] <= 0x5F


class Inflated(io.RawIOBase):
    """What a packed stream holds, all its members one after the other.

    Raises DamagedError where it ends early, is damaged or makes more than 200 bytes of one; everything before that
    is given first.
    """

    def __init__(self, packed: IO[bytes], compression: Compression) -> None:
        self._packed = packed
        self._make = _decompressor(compression)
        self._piece = _PIECES[compression]
        self._one: _Decompressor | None = None
        self._ready = memoryview(b"")
        self._went_in = self._came_out = 0
        self._error: str | None = None

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill ``buffer``, at most; 0 at the end."""
        while not self._ready and self._error is None and self._step():
            pass
        if not self._ready and self._error:
            raise DamagedError(self._error)
        count = min(len(self._ready), len(buffer))
        buffer[:count] = self._ready[:count]
        self._ready = self._ready[count:]
        return count

    def _step(self) -> bool:
        """Take in one more piece; False at the end."""
        piece = self._packed.read(self._piece)
        if not piece:
            if self._one is not None:
                self._error = "it ends before its packed data does"
            return False
        self._went_in += len(piece)
        try:
            self._ready = memoryview(b"".join(self._unpack(piece)))
        except Exception as error:  # zlib.error, or ZstdError of a package that may be absent
            self._error = str(error)
        self._came_out += len(self._ready)
        if self._came_out > max(_FREE, MAX_RATIO * self._went_in):
            self._error = f"it expands to more than {MAX_RATIO} times its size, as no text does"
        return True

    def _unpack(self, piece: bytes) -> Iterator[bytes]:
        while piece:
            if self._one is None:
                if not piece.strip(b"\0"):
                    return  # some tools pad with zeros
                self._one = self._make()
            yield self._one.decompress(piece)
            piece = self._one.unused_data if self._one.eof else b""
            self._one = None if self._one.eof else self._one


def _decompressor(compression: Compression) -> Callable[[], _Decompressor]:
    if compression == "zstd":
        zstandard = need("zstandard", "archive")
        return lambda: cast("_Decompressor", zstandard.ZstdDecompressor().decompressobj())
    return lambda: zlib.decompressobj(wbits=31)


@contextmanager
def open_plain(path: Path, compression: Compression, start: int = 0) -> Iterator[IO[bytes]]:
    """The bytes of a file, unpacked, from ``start`` of the file on; raises ArchiveError when it cannot be opened."""
    try:
        with path.open("rb") as file:
            file.seek(start)
            yield cast("IO[bytes]", io.BufferedReader(Inflated(file, compression), _BUFFER)) if compression else file
    except OSError as error:
        raise ArchiveError(f"{path} cannot be read: {error.strerror or error}") from error


def head_of(path: Path, size: int = 64 << 10) -> tuple[Compression, bytes]:
    """How a file is packed, and its first bytes, unpacked as far as they can be."""
    with open_plain(path, "") as file:
        compression = compression_of(file.read(4))
    head = b""
    with open_plain(path, compression) as file, suppress(DamagedError):
        while len(head) < size and (piece := cast("io.BufferedReader", file).read1(size - len(head))):
            head += piece
    return compression, head


@contextmanager
def packed(path: Path, compression: Compression) -> Iterator[IO[bytes]]:
    """A new file that is packed as its source was; the same content gives the same bytes."""
    with path.open("xb") as file:
        if compression == "gzip":
            with gzip.GzipFile(filename="", mode="wb", fileobj=file, compresslevel=6, mtime=0) as stream:
                yield cast("IO[bytes]", stream)
        elif compression == "zstd":
            with need("zstandard", "archive").ZstdCompressor().stream_writer(file, closefd=False) as stream:
                yield cast("IO[bytes]", stream)
        else:
            yield file
