"""Rows of any format as lines of JSON or as Parquet: the item's fields under our names, and all others beside them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any, Protocol

from detector.archive.formats.cells import plain
from detector.archive.formats.mapping import FIELDS, PLACE, row_value, taken_names
from detector.archive.formats.registry import format_of
from detector.archive.formats.rows import RawRow, Row, fields_of, parse
from detector.archive.formats.source import Fate, Judge, Shard, Source
from detector.archive.formats.streams import need
from detector.clean.decode import decode
from detector.errors import ArchiveError

_GROUP = 1000  # rows in a row group of Parquet
_REST = "rest"  # the column of Parquet that holds all other fields, as JSON


class _Writer(Protocol):
    def __init__(self, path: Path, stack: ExitStack) -> None: ...
    def put(self, row: dict[str, Any], rest: dict[str, Any]) -> None: ...


def convert(sources: Iterable[Source], judge: Judge, out: Path, to: str) -> None:
    """All sources in ``out/kept.jsonl``, ``out/removed.jsonl`` and so on, or the same with ``parquet``.

    A quarantined row is no item: it is written with its place and what could be read of it. Raises ArchiveError when
    ``to`` is neither.
    """
    kinds: dict[str, type[_Writer]] = {"jsonl": _Lines, "parquet": _Columns}
    if to not in kinds:
        raise ArchiveError(f"--to {to!r} is not written; jsonl and parquet are")
    with ExitStack() as stack:
        writers: dict[Fate, _Writer] = {}
        for source in sources:
            for raw in format_of(source).read(Shard(source)):
                if (fate := judge(raw)) == "repeated":
                    continue
                if fate not in writers:
                    writers[fate] = kinds[to](out / f"{fate}.{to}", stack)
                writers[fate].put(*_fields(raw, source))


def _fields(raw: RawRow, source: Source) -> tuple[dict[str, Any], dict[str, Any]]:
    """The item's fields, and the row's others."""
    row = parse(raw)
    if not isinstance(row, Row):
        held = raw.data.decode("utf-8", "backslashreplace")
        return {}, {"file": source.address, "place": raw.place, "error": row.error, "row": held}
    item = row.item
    fields = fields_of(raw)
    taken = taken_names(fields, source.mapping)
    values = {name: getattr(item, name) for name in FIELDS}
    values["body"] = item.body if isinstance(item.body, str) else decode(item.body).text
    values["published"] = item.published.isoformat() if item.published else None
    if row.notes and taken["published"]:
        values["published"] = str(row_value(fields, taken["published"]))  # unreadable as a date, but not to be lost
    used = {*taken.values(), PLACE}
    return values, {name: value for name, value in fields.items() if name not in used}


class _Lines:
    def __init__(self, path: Path, stack: ExitStack) -> None:
        self._file: IO[str] = stack.enter_context(path.open("x", encoding="utf-8"))

    def put(self, row: dict[str, Any], rest: dict[str, Any]) -> None:
        """A line; fields without a value are left out."""
        held = {name: value for name, value in row.items() if value is not None}
        # A field of the row that is called as one of the item's, but is not it, goes under "rest".
        clash = {name: value for name, value in rest.items() if name in row}
        beside = {name: value for name, value in rest.items() if name not in row and value is not None}
        self._file.write(_json({**held, **beside, **({_REST: clash} if clash else {})}) + "\n")


class _Columns:
    def __init__(self, path: Path, stack: ExitStack) -> None:
        arrow, parquet = need("pyarrow", "archive"), need("pyarrow.parquet", "archive")
        self._schema = arrow.schema([(name, arrow.string()) for name in (*FIELDS, _REST)])
        self._writer = stack.enter_context(parquet.ParquetWriter(path, self._schema, compression="zstd"))
        self._rows: list[dict[str, Any]] = []
        stack.callback(self._flush)

    def put(self, row: dict[str, Any], rest: dict[str, Any]) -> None:
        """A row, all of it text; what the item has no field for is JSON."""
        held = {name: value for name, value in rest.items() if value is not None}
        self._rows.append({**row, _REST: _json(held) if held else None})
        if len(self._rows) == _GROUP:
            self._flush()

    def _flush(self) -> None:
        if self._rows:
            self._writer.write_table(need("pyarrow", "archive").Table.from_pylist(self._rows, self._schema))
            self._rows = []


def _json(row: dict[str, Any]) -> str:
    # Half a surrogate pair cannot be written as UTF-8, so such a row is escaped.
    text = json.dumps(row, ensure_ascii=False, default=plain)
    return text if text.isascii() or _is_utf8(text) else json.dumps(row, default=plain)


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
