"""Cells between commas, semicolons, tabs or bars (CSV), plain or packed, with a heading that names them.

Python's own csv module says where a record ends; the record's bytes travel as they stand, so that line ends, quotes
and encoding come out as they went in.
"""

from __future__ import annotations

import csv
import io
import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections import Counter, deque
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from itertools import islice, product
from typing import Any

from detector.archive.formats.mapping import FieldMapping
from detector.archive.formats.rows import MAX_ROW, RawRow
from detector.archive.formats.source import Piece, Shard, Source
from detector.archive.formats.streams import DamagedError, head_of, open_plain
from detector.archive.formats.whole_file import WholeFile, damaged
from detector.errors import ArchiveError, InvalidItemError

_DELIMITERS = ",;\t|"
_BOMS = {BOM_UTF8: "utf-8", BOM_UTF16_LE: "utf-16-le", BOM_UTF16_BE: "utf-16-be"}
_SAMPLE = 40  # records by which the delimiter is told


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a file writes its cells; found from its beginning."""

    encoding: str
    bom: bytes
    delimiter: str
    quote: str
    backslash: bool  # a quote within quotes is written \" and not ""

    def options(self) -> dict[str, Any]:
        """For the csv module."""
        escape = {"escapechar": "\\", "doublequote": False} if self.backslash else {}
        return {"delimiter": self.delimiter, "quotechar": self.quote, **escape}

    @property
    def lossless(self) -> str:
        """An encoding in which every byte of the file survives decoding, for finding where records end."""
        return self.encoding if self.encoding.startswith("utf-16") else "latin-1"


@dataclass(frozen=True, slots=True)
class CsvLayout:
    """A record under a heading."""

    mapping: FieldMapping
    name: str
    dialect: Dialect
    heading: tuple[str, ...]

    @property
    def placed(self) -> bool:
        """Only when the mapping asks for it: the same record twice is one item."""
        return self.mapping.takes_place

    def fields(self, raw: RawRow) -> dict[str, Any]:
        """The record's cells by their column's name; an empty cell is no value."""
        record = next(csv.reader(io.StringIO(self._decode(raw.data), newline=""), **self.dialect.options()))
        if len(record) != len(self.heading):
            raise InvalidItemError(f"the row has {len(record)} cells where the heading has {len(self.heading)}")
        return {name: cell or None for name, cell in zip(self.heading, record, strict=True)}

    def _decode(self, data: bytes) -> str:
        encoding = self.dialect.encoding
        try:
            return data.decode(encoding)
        except UnicodeDecodeError as error:
            raise InvalidItemError(
                f"byte {error.start + 1} is not {encoding.upper()}; name the file's encoding with --encoding"
            ) from error


class Delimited(WholeFile):
    """The format."""

    name = "csv"
    about = "CSV and TSV with a heading: delimiter, quotes and encoding are found (plain, .gz, .zst)"

    def pieces(self, shard: Shard) -> Iterator[Piece]:
        """The heading, then each record with its line end."""
        source = shard.source
        dialect = sniff(head_of(source.path)[1], source.mapping.encoding)
        csv.field_size_limit(2 * MAX_ROW)  # the csv module has one for all; longer records are refused below
        with open_plain(source.path, source.compression) as stream:
            stream.read(len(dialect.bom))
            lines = _Lines(io.TextIOWrapper(stream, dialect.lossless, newline=""))
            yield Piece(dialect.bom, goes="everywhere")
            try:
                heading = yield from _heading(lines, dialect)
                yield from _records(lines, source, CsvLayout(source.mapping, source.path.name, dialect, heading))
            except DamagedError as error:
                layout = CsvLayout(source.mapping, source.path.name, dialect, ())
                yield damaged(source, lines.number, f"line {lines.number}", layout, error)


class _TooLongError(Exception):
    """A record is longer than is read."""


class _Lines:
    """Lines for the csv module, which remember the record that is being read, so that it can be read otherwise."""

    def __init__(self, text: io.TextIOBase) -> None:
        self._text = text
        self._again: deque[str] = deque()
        self.number = 1  # of the record's first line
        self.record: list[str] = []
        self.ended = False
        self._size = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else self._text.readline(MAX_ROW + 1)
        if not line:
            self.ended = True
            raise StopIteration
        self.record.append(line)
        self._size += len(line)
        if self._size > MAX_ROW:
            raise _TooLongError
        return line

    def start(self) -> None:
        """What comes next is a new record."""
        self.number += len(self.record)
        self.record, self._size = [], 0

    def give_back(self) -> None:
        """All lines of the record but the first will be read again."""
        self.ended = False
        self._again.extendleft(reversed(self.record[1:]))
        del self.record[1:]

    def rest_of_line(self) -> Iterator[str]:
        """The rest of an overlong line, a piece at a time."""
        last = self.record[-1]
        while not last.endswith(("\n", "\r")) and (last := self._text.readline(1 << 20)):
            yield last


def _heading(lines: _Lines, dialect: Dialect) -> Generator[Piece, None, tuple[str, ...]]:
    """The heading's pieces; returns the names in it."""
    reader = csv.reader(lines, **dialect.options())
    names: list[str] = []
    while not names:
        lines.start()
        try:
            names = next(reader, ["(no heading)"])
        except (csv.Error, _TooLongError) as error:
            raise ArchiveError("the heading of the CSV file is longer than a row may be; is it one?") from error
        stored = "".join(lines.record)
        yield Piece(stored.encode(dialect.lossless), goes="everywhere")
        names = [] if stored.startswith("sep=") or not any(names) else names
    if dialect.lossless == "latin-1":
        names = [name.encode("latin-1").decode(dialect.encoding, "replace") for name in names]
    return _unlike([name.strip() or f"column {n}" for n, name in enumerate(names, 1)])


def _unlike(names: list[str]) -> tuple[str, ...]:
    """Names that occur again get a number, so that no cell is lost."""
    seen: Counter[str] = Counter()
    unlike = []
    for name in names:
        seen[name] += 1
        unlike.append(name if seen[name] == 1 else f"{name} {seen[name]}")
    return tuple(unlike)


def _records(lines: _Lines, source: Source, layout: CsvLayout) -> Iterator[Piece]:
    dialect = layout.dialect
    reader = csv.reader(lines, strict=False, **dialect.options())
    while True:
        lines.start()
        error = ""
        try:
            if next(reader, None) is None:
                return
            if lines.ended and _unclosed(lines.record, dialect):
                error = "a quoted cell that begins on this line never ends"
        except (csv.Error, _TooLongError):
            error = f"the row is longer than the {MAX_ROW} bytes that are read of one"
        if error:
            lines.give_back()
            reader = csv.reader(lines, strict=False, **dialect.options())
        data = "".join(lines.record).encode(dialect.lossless)
        if not data.strip():
            yield Piece(data)
            continue
        shown = data[:200] if error else data
        yield Piece(data, RawRow(source.file, lines.number, f"line {lines.number}", shown, layout, error))
        if error:
            yield from (Piece(rest.encode(dialect.lossless), goes="follows") for rest in lines.rest_of_line())


def _unclosed(record: list[str], dialect: Dialect) -> bool:
    """Whether the file ended within quotes: only a strict reader minds."""
    try:
        list(csv.reader(record, strict=True, **dialect.options()))
    except csv.Error as error:
        return "unexpected end" in str(error)
    return False


def sniff(head: bytes, encoding: str = "") -> Dialect:
    """The dialect of a file that begins so; UTF-8 where the beginning is that, Windows' Western code page else."""
    bom = next((mark for mark in _BOMS if head.startswith(mark)), b"")
    encoding = encoding or _BOMS.get(bom, "") or _encoding_of(head)
    text = head[len(bom) :].decode(encoding, "replace")
    first = text[:5].lower()
    delimiter = text[4] if first.startswith("sep=") and len(first) == 5 else ""
    quotes = "\"'" if any(f"{one}'" in text for one in _DELIMITERS) else '"'
    found = [
        Dialect(encoding, bom, one, quote, _is_escaped(text, quote))
        for quote, one in product(quotes, delimiter or _DELIMITERS)
    ]
    return max(found, key=lambda dialect: evenness(text, dialect))


def _is_escaped(text: str, quote: str) -> bool:
    """Whether a quote within quotes is written with a backslash and never doubled."""
    return f"\\{quote}" in text and not re.search(rf"[^,;\t|\n]{quote * 2}[^,;\t|\r\n]", text)


def _encoding_of(head: bytes) -> str:
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        return "utf-8" if error.reason == "unexpected end of data" else "cp1252"  # the head may end within a character
    return "utf-8"


def evenness(text: str, dialect: Dialect) -> tuple[float, int]:
    """How many of the first records have as many cells as the heading, and how many that is; (0, 1) for no table."""
    lines = text.splitlines(keepends=True)[:-1] or [text]
    try:
        widths = [len(r) for r in islice(csv.reader(lines, **dialect.options()), _SAMPLE) if r]
    except csv.Error:
        return 0.0, 1
    if not widths or widths[0] < 2:
        return 0.0, 1
    return sum(width == widths[0] for width in widths) / len(widths), widths[0]


def looks_like_table(head: bytes, mapping: FieldMapping) -> bool:
    """Whether a beginning is even rows under a heading that names a text."""
    dialect = sniff(head, mapping.encoding)
    text = head[len(dialect.bom) :].decode(dialect.encoding, "replace")
    share, width = evenness(text, dialect)
    heading = next(csv.reader(text.splitlines()[:1], **dialect.options()), [])
    return share > 0.9 and width > 1 and any(name.strip().lower() in mapping.names["body"] for name in heading)
