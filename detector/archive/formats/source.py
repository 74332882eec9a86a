"""Where rows come from, in which pieces they can be read apart, and what a format must be able to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal, Protocol

from detector.archive.formats.mapping import USUAL, FieldMapping
from detector.archive.formats.rows import RawRow
from detector.archive.formats.streams import Compression
from detector.errors import ArchiveError

SHARD = 64 << 20  # bytes of a source, as stored, that are read at a time where it can be cut
Fate = Literal["kept", "removed", "quarantined", "repeated"]
Judge = Callable[[RawRow], Fate]  # called once for each row of a source, in order


@dataclass(frozen=True, slots=True)
class Source:
    """An input of the archive: a file, a folder of pages, or a table."""

    file: int  # its position among the inputs
    address: str  # absolute path, or URL with the table after "#"
    format: str  # a name in the registry
    compression: Compression = ""
    label: str = ""  # the name of what is written of it, a path below the outputs' folders
    mapping: FieldMapping = USUAL

    @property
    def path(self) -> Path:
        """The file or folder; of a table, meaningless."""
        return Path(self.address)

    def as_json(self) -> dict[str, Any]:
        """Plain data for a manifest, without the source's position."""
        return {
            "address": self.address,
            "format": self.format,
            "compression": self.compression,
            "label": self.label,
            "mapping": self.mapping.as_json(),
        }

    @classmethod
    def from_json(cls, file: int, data: dict[str, Any]) -> Source:
        """What ``as_json`` gave, as input number ``file``."""
        mapping = FieldMapping.from_json(data["mapping"])
        return cls(file, data["address"], data["format"], data["compression"], data["label"], mapping)


@dataclass(frozen=True, slots=True)
class Shard:
    """A piece of a source that can be read by itself; what start and stop count is the format's business."""

    source: Source
    start: int = 0
    stop: int | None = None  # None: to the end
    before: int = 0  # numbers of rows that went before, so that rows are numbered as in the whole

    @property
    def is_whole(self) -> bool:
        """Whether it is all of its source."""
        return self.start == 0 and self.stop is None


def runs(source: Source, sizes: Iterable[int], size: int) -> list[Shard]:
    """Shards of consecutive things of the given sizes, each of about ``size`` bytes; they count things."""
    cuts, held, number = [0], 0, 0
    for number, one in enumerate(sizes, 1):
        held += one
        if held >= size:
            cuts.append(number)
            held = 0
    cuts = cuts if cuts[-1] == number > 0 else [*cuts, number]
    return [Shard(source, start, stop) for start, stop in pairwise(cuts)]


@dataclass(frozen=True, slots=True)
class Piece:
    """Some bytes of a file, in order: a row, or what stands between rows."""

    stored: bytes
    row: RawRow | None = None
    # Where bytes that are no row go: with what is kept, into every output (a heading), or where the last row went.
    goes: Literal["kept", "everywhere", "follows"] = "kept"


class Format(Protocol):
    """A way in which articles are stored."""

    @property
    def name(self) -> str:
        """As it stands in a plan's manifest."""
        ...

    @property
    def about(self) -> str:
        """What it is, for ``copytaster archive formats``."""
        ...

    def shards(self, source: Source, size: int) -> list[Shard]:
        """The source in pieces of about ``size`` stored bytes, or in one piece where it cannot be cut."""
        ...

    def read(self, shard: Shard) -> Iterator[RawRow]:
        """The rows of a piece, in order, each with its number in the whole source."""
        ...

    def fingerprint(self, source: Source) -> str:
        """A digest of the source, by which ``apply`` knows that it is still the one that was planned for."""
        ...

    def write(self, source: Source, judge: Judge, out: Path, name: str) -> None:
        """Write each row, as it stands, to where ``judge`` says: ``out/kept/NAME``, ``out/removed/NAME`` and so on."""
        ...


def file_digest(path: Path) -> str:
    """blake2b of a file's bytes."""
    digest = blake2b(digest_size=16)
    try:
        with path.open("rb") as file:
            while piece := file.read(1 << 20):
                digest.update(piece)
    except OSError as error:
        raise ArchiveError(f"{path} cannot be read: {error.strerror or error}") from error
    return digest.hexdigest()
