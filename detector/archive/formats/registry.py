"""Every format that is read, and which of them a file is in, by what it holds and only then by its name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

from detector.archive.formats.delimited import Delimited, looks_like_table
from detector.archive.formats.feeds import Feeds
from detector.archive.formats.jsonl import JsonLines
from detector.archive.formats.mapping import USUAL, FieldMapping
from detector.archive.formats.pages import Pages, files_in, is_page_name
from detector.archive.formats.parquet import Parquet
from detector.archive.formats.rows import RawRow
from detector.archive.formats.source import SHARD, Format, Shard, Source
from detector.archive.formats.sql import Address, Sql
from detector.archive.formats.streams import Compression, head_of
from detector.archive.formats.warc import Warc
from detector.archive.formats.wordpress import Wordpress
from detector.archive.formats.zips import Zips
from detector.errors import ArchiveError
from detector.records import sniff_media_type

LINES = JsonLines()
_ALL: tuple[Format, ...] = (LINES, Delimited(), Parquet(), Warc(), Pages(), Zips(), Wordpress(), Feeds(), Sql())
FORMATS: dict[str, Format] = {one.name: one for one in _ALL}
_MAGIC = {
    b"PAR1": "parquet", b"PK\x03\x04": "zip", b"PK\x05\x06": "zip", b"WARC/": "warc", b"SQLite format 3\0": "sqlite",
}  # fmt: skip
_ENDINGS = {
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".tsv": "csv", ".parquet": "parquet", ".warc": "warc",
    ".zip": "zip", ".rss": "feed", ".atom": "feed", ".rdf": "feed",
}  # fmt: skip
_FEED = re.compile(rb"<(?:rss|feed|(?:\w+:)?RDF)[\s>]")
_XML = re.compile(rb"^\s*<(?:\?xml|rss|feed|(?:\w+:)?RDF|!DOCTYPE\s+rss)", re.IGNORECASE)


def find_sources(addresses: Iterable[str | Path], mapping: FieldMapping = USUAL) -> list[Source]:
    """The sources behind paths and URLs, in order; a folder may hold several.

    Raises ArchiveError where there is none: no such file, a pipe, a database without a table's name.
    """
    found = chain.from_iterable(_sources(str(address), mapping) for address in addresses)
    sources = [Source(number, *one, mapping) for number, one in enumerate(found)]
    if not sources:
        raise ArchiveError("there is nothing to read; see `copytaster archive formats` for what is read")
    return sources


def _sources(address: str, mapping: FieldMapping) -> Iterator[tuple[str, str, Compression, str]]:
    if "://" in address:
        table = Address.parse(address)
        yield _absolute(address), "sql", "", f"{table.table}.jsonl"
        return
    path = Path(address)
    if path.is_dir():
        yield from _sources_in(path, mapping)
        return
    if not path.is_file():
        # It is read more than once, now and when the plan is carried out.
        raise ArchiveError(f"{path} is no regular file; write what comes from a pipe to a file first")
    compression, head = head_of(path)
    kind = recognise(path.name, head, mapping) or "jsonl"
    if kind == "sqlite":
        raise ArchiveError(f"{path} is a database; name a table of it, as in sqlite:///{path}#articles")
    yield str(path.resolve()), kind, compression, path.name


def _sources_in(folder: Path, mapping: FieldMapping) -> Iterator[tuple[str, str, Compression, str]]:
    """Each collection in a folder, and the folder itself for the pages in it."""
    pages = False
    for path in files_in(folder):
        if path.is_symlink() or is_page_name(path.name):
            pages = True
        elif path.is_file():
            compression, head = head_of(path)
            kind = recognise(path.name, head, mapping)
            if kind not in (None, "sqlite", "html"):
                yield (
                    str(path.resolve()),
                    str(kind),
                    compression,
                    f"{folder.name}/{path.relative_to(folder).as_posix()}",
                )
    if pages:
        yield str(folder.resolve()), "html", "", folder.name


def _absolute(address: str) -> str:
    """A URL whose SQLite file has its whole path, for a plan may be carried out elsewhere."""
    scheme, _, rest = address.partition(":///")
    if not scheme.startswith("sqlite"):
        return address
    file, _, table = rest.partition("#")
    return f"{scheme}:///{Path(file).resolve()}#{table}"


def recognise(name: str, head: bytes, mapping: FieldMapping = USUAL) -> str | None:
    """The format of a file that begins with ``head`` once unpacked, or None when it is none of ours."""
    if kind := next((kind for magic, kind in _MAGIC.items() if head.startswith(magic)), None):
        return kind
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    ending = _ending(name)
    if _XML.match(start) and _FEED.search(start):
        return "wordpress" if b"wordpress.org/export/" in start else "feed"
    if start.startswith(b"{") and ending != "csv":
        return "jsonl"
    return ending or _by_look(name, head, mapping)


def _by_look(name: str, head: bytes, mapping: FieldMapping) -> str | None:
    if sniff_media_type(head) == "text/html":
        return "html"
    return "csv" if looks_like_table(head, mapping) else "html" if is_page_name(name) else None


def _ending(name: str) -> str | None:
    """What a name says, under the ending of its packing."""
    suffixes = [suffix.lower() for suffix in Path(name).suffixes[-2:]]
    if suffixes and suffixes[-1] in (".gz", ".zst", ".gzip", ".zstd"):
        suffixes.pop()
    return _ENDINGS.get(suffixes[-1]) if suffixes else None


def format_of(source: Source) -> Format:
    """What reads and writes a source."""
    return FORMATS[source.format]


def shards(sources: Iterable[Source], size: int = SHARD) -> list[Shard]:
    """All sources in pieces of about ``size`` bytes that can be read apart, in order."""
    return [shard for source in sources for shard in format_of(source).shards(source, size)]


def cuts(sources: Iterable[Source], size: int, rows: int) -> list[Shard]:
    """All sources, in order: lines of JSON in pieces of about ``size`` bytes and ``rows`` rows, any other in one piece.

    To find where such a piece begins costs next to nothing, and so does reading it from there.
    """
    return [
        shard
        for source in sources
        for shard in (LINES.shards(source, size, rows) if source.format == LINES.name else [Shard(source)])
    ]


def read_shard(shard: Shard) -> Iterator[RawRow]:
    """The rows of one piece, in order."""
    return format_of(shard.source).read(shard)


def read(sources: Iterable[Source]) -> Iterator[RawRow]:
    """The rows of all sources, in order: those of their shards, one after the other."""
    return chain.from_iterable(format_of(source).read(Shard(source)) for source in sources)


def fingerprint(source: Source) -> str:
    """A digest by which ``apply`` knows that a source is still the one that was planned for."""
    return format_of(source).fingerprint(source)
