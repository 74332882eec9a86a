"""Parquet files as pyarrow writes them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet as pq

from detector.errors import ArchiveError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    table = pa.table(
        {
            "id": pa.array([11, 12, 13, 14, 15], pa.int32()),
            "html": ["<p>one</p>", b"<p>caf\xe9</p>".decode("latin-1"), None, "<p>four</p>", "<p>five</p>"],
            "published": pa.array([1_772_445_600_000_000_123, None, 0, 0, 0], pa.timestamp("ns", "UTC")),
            "tags": [["a", "b"], [], None, ["c"], None],
            "meta": [{"words": 3}, None, None, {"words": 1}, None],
        }
    ).replace_schema_metadata({"made_by": "our cms"})
    pq.write_table(table, tmp_path / "items.parquet", row_group_size=2, compression="zstd")
    return tmp_path / "items.parquet"


def test_rows_are_read_whatever_their_types(file: Path, reads: Any) -> None:
    items, bad = reads(file)
    assert [item.id for item in items] == ["11", "12", "14", "15"]
    assert items[0].published == datetime(2026, 3, 2, 10, tzinfo=UTC)
    assert items[1].body == "<p>café</p>"
    assert [(row.place, "no body" in row.error) for row in bad] == [("row 3", True)]


def test_what_is_written_has_the_same_schema_and_packing(file: Path, writes: Any) -> None:
    out = writes(file, remove={"12", "14"})
    before = pq.read_table(file)
    kept, removed, bad = (pq.ParquetFile(out / n / "items.parquet") for n in ("kept", "removed", "quarantined"))
    assert kept.schema_arrow.equals(before.schema, check_metadata=True)
    assert kept.read().equals(before.take([0, 4]))
    assert removed.read().equals(before.take([1, 3]))
    assert bad.read().equals(before.take([2]))
    assert kept.metadata.row_group(0).column(0).compression == "ZSTD"


def test_bytes_are_read_as_a_page(tmp_path: Path, reads: Any) -> None:
    file = tmp_path / "raw.parquet"
    pq.write_table(pa.table({"id": ["a"], "html": pa.array([b"<p>caf\xe9</p>"], pa.binary())}), file)
    assert reads(file)[0][0].body == b"<p>caf\xe9</p>"


def test_a_damaged_row_group_is_one_error_and_the_others_are_read(file: Path, reads: Any) -> None:
    data = bytearray(file.read_bytes())
    column = pq.ParquetFile(file).metadata.row_group(1).column(1)
    start = column.dictionary_page_offset or column.data_page_offset
    data[start : start + 20] = b"\xff" * 20
    file.write_bytes(data)
    items, bad = reads(file)
    assert [item.id for item in items] == ["11", "12", "15"]
    assert [(row.place, "row group 2 is damaged" in row.error) for row in bad] == [("row 3", True)]


def test_a_file_that_is_cut_is_named(file: Path, reads: Any) -> None:
    file.write_bytes(file.read_bytes()[:-30])
    with pytest.raises(ArchiveError, match=r"items\.parquet cannot be read as Parquet"):
        reads(file)


def test_a_text_that_is_not_utf_8_is_its_rows_error(tmp_path: Path, reads: Any) -> None:
    file = tmp_path / "raw.parquet"
    texts = pa.array([b"good", b"caf\xe9", b"fine"], pa.binary())
    text = pa.Array.from_buffers(pa.string(), len(texts), texts.buffers())
    pq.write_table(pa.table({"id": ["a", "b", "c"], "text": text}), file)
    items, bad = reads(file)
    assert [item.id for item in items] == ["a", "c"]
    assert [(row.place, row.error) for row in bad] == [("row 2", "byte 4 of a text in it is not UTF-8")]
