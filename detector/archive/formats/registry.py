"""Every format that is read, and which of them a file is in, by what it holds and only then by its name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

from detector.archive.formats.jsonl import JsonLines
from detector.archive.formats.mapping import USUAL, FieldMapping
from detector.archive.formats.rows import RawRow
from detector.archive.formats.source import SHARD, Format, Shard, Source
from detector.archive.formats.streams import head_of
from detector.errors import ArchiveError

FORMATS: dict[str, Format] = {one.name: one for one in (JsonLines(),)}


def find_sources(addresses: Iterable[str | Path], mapping: FieldMapping = USUAL) -> list[Source]:
    """The sources behind paths and URLs, in order; raises ArchiveError where there is none."""
    return [_source(number, address, mapping) for number, address in enumerate(addresses)]


def _source(number: int, address: str | Path, mapping: FieldMapping) -> Source:
    path = Path(address)
    if not path.is_file() and not path.is_dir():
        # It is read more than once, now and when the plan is carried out.
        raise ArchiveError(f"{path} is no regular file; write what comes from a pipe to a file first")
    compression, _head = head_of(path)
    return Source(number, str(path.resolve()), "jsonl", compression, mapping)


def format_of(source: Source) -> Format:
    """What reads and writes a source."""
    return FORMATS[source.format]


def shards(sources: Iterable[Source], size: int = SHARD) -> list[Shard]:
    """All sources in pieces of about ``size`` bytes that can be read apart, in order."""
    return [shard for source in sources for shard in format_of(source).shards(source, size)]


def read_shard(shard: Shard) -> Iterator[RawRow]:
    """The rows of one piece, in order."""
    return format_of(shard.source).read(shard)


def read(sources: Iterable[Source]) -> Iterator[RawRow]:
    """The rows of all sources, in order: those of their shards, one after the other."""
    return chain.from_iterable(format_of(source).read(Shard(source)) for source in sources)


def fingerprint(source: Source) -> str:
    """A digest by which ``apply`` knows that a source is still the one that was planned for."""
    return format_of(source).fingerprint(source)
