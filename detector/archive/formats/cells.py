"""Rows of typed cells, as Parquet files and databases give them, as bytes that say the same everywhere."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from detector.archive.formats.mapping import FieldMapping
from detector.archive.formats.rows import MAX_ROW, RawRow
from detector.archive.formats.source import Source

_BYTES = "$bytes"


@dataclass(frozen=True, slots=True)
class CellsLayout:
    """A row of cells; ``key`` where the row's place is its key in a table."""

    mapping: FieldMapping
    name: str
    key: str | None = None

    @property
    def placed(self) -> bool:
        """In a table every row has a key; in a file the same row twice is one item."""
        return self.key is not None or self.mapping.takes_place

    def fields(self, raw: RawRow) -> dict[str, Any]:
        """The cells by their column's name."""
        row: dict[str, Any] = json.loads(raw.data)
        fields = {name: _bytes_of(value) if isinstance(value, dict) else value for name, value in row.items()}
        if self.key is not None:
            fields.setdefault("id", raw.place)
        return fields


def _bytes_of(value: dict[str, Any]) -> Any:
    return base64.b64decode(value[_BYTES]) if value.keys() == {_BYTES} else value


def cells_row(source: Source, number: int, place: str, cells: dict[str, Any], layout: CellsLayout) -> RawRow:
    """A row of cells as it travels: an object of JSON."""
    data = json.dumps(cells, default=plain).encode()
    if len(data) > MAX_ROW:
        reason = f"the row is longer than the {MAX_ROW} bytes that are read of one"
        return RawRow(source.file, number, place, data[:200], layout, reason)
    return RawRow(source.file, number, place, data, layout)


def plain(value: object) -> object:
    """What JSON has no form for."""
    if isinstance(value, (bytes, bytearray, memoryview)):
        return {_BYTES: base64.b64encode(value).decode()}
    return value.isoformat() if isinstance(value, (date, time)) else str(value)
