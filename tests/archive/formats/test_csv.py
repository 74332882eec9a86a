"""CSV: written by Python's csv module in its dialects, damaged by hand."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path
from typing import Any

import pytest

from detector.archive.formats import FieldMapping, find_sources

ROWS = [
    ["id", "headline", "text", "date", "byline"],
    ["1", 'The "Tern" is sold', "The ferry; sold.\nFor 420,000 crowns,\tin May.", "2026-01-02", "Jory Penn"],
    ["2", "Café opens", "It’s open.", "", ""],
    ["3", "Slipway closed", "Until 14 May", "2026-01-03", "Ada | Bell"],
]


def written(path: Path, encoding: str = "utf-8", rows: list[list[str]] = ROWS, **dialect: Any) -> Path:
    with path.open("w", newline="", encoding=encoding) as file:
        csv.writer(file, **dialect).writerows(rows)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize(
    "dialect",
    [
        {},
        {"delimiter": ";", "lineterminator": "\n"},
        {"delimiter": "\t", "quoting": csv.QUOTE_ALL},
        {"delimiter": "|", "quoting": csv.QUOTE_NONNUMERIC, "lineterminator": "\n"},
        {"quotechar": "'"},
        {"doublequote": False, "escapechar": "\\"},
    ],
    ids=lambda dialect: "-".join(dialect) or "excel",
)
def test_every_dialect_is_read_and_what_stays_keeps_its_bytes(
    dialect: dict[str, Any], encoding: str, tmp_path: Path, reads: Any, writes: Any
) -> None:
    file = written(tmp_path / "items.csv", encoding, **dialect)
    items, bad = reads(file)
    assert not bad
    assert [(item.id, item.title, item.body) for item in items] == [(row[0], row[1], row[2]) for row in ROWS[1:]]
    out = writes(file, remove={"2"})
    heading, one, two, three = ROWS
    kept = written(tmp_path / "kept.csv", encoding, [heading, one, three], **dialect)
    removed = written(tmp_path / "removed.csv", encoding, [heading, two], **dialect)
    assert (out / "kept" / "items.csv").read_bytes() == kept.read_bytes()
    assert (out / "removed" / "items.csv").read_bytes() == removed.read_bytes()


def test_without_removals_the_file_comes_out_byte_for_byte(tmp_path: Path, writes: Any) -> None:
    file = tmp_path / "mixed.csv"
    file.write_bytes(b'\xef\xbb\xbfid,text\r\n1,"a ""b"""\r\n\r\n2,x\n"3","y"\r\n4,last')
    assert (writes(file, remove=set()) / "kept" / "mixed.csv").read_bytes() == file.read_bytes()


def test_a_packed_table_is_known_by_its_content_and_packed_again(tmp_path: Path, reads: Any, writes: Any) -> None:
    plain = written(tmp_path / "items.csv")
    file = tmp_path / "export"
    file.write_bytes(gzip.compress(plain.read_bytes()))
    assert [source.format for source in find_sources([file])] == ["csv"]
    out = writes(file, remove={"1"})
    assert [item.id for item in reads(out / "kept" / "export")[0]] == ["2", "3"]
    assert gzip.decompress((out / "kept" / "export").read_bytes()).startswith(b"id,headline")


def test_bad_rows_are_set_aside_by_their_line_and_the_rest_is_read(tmp_path: Path, reads: Any) -> None:
    file = tmp_path / "bad.csv"
    file.write_bytes(
        b'id,text,date\n1,two\nlines,b,c\n2,"one\ncell",2026-01-01\n3,nul\0,\n4,caf\xe9 \xc3\xa9,\n'
        b'5,"never closed,\n6,good,\n,no id,\n7,,\n'
    )
    items, bad = reads(file, mapping=FieldMapping.parse([], encoding="utf-8"))
    assert [item.id for item in items] == ["lines", "2", "6"]
    reasons = {row.place: row.error for row in bad}
    assert "2 cells where the heading has 3" in reasons["line 2"]
    assert "NUL" in reasons["line 6"]
    assert "not UTF-8" in reasons["line 7"]
    assert "never ends" in reasons["line 8"]
    assert "no id" in reasons["line 10"]
    assert "no body" in reasons["line 11"]


def test_an_overlong_row_is_set_aside_whole_and_the_next_one_read(tmp_path: Path, reads: Any, writes: Any) -> None:
    file = tmp_path / "long.csv"
    file.write_bytes(b"id,text\n1," + b"x" * (20 << 20) + b"\n2,y\n")
    items, bad = reads(file)
    assert [item.id for item in items] == ["2"]
    assert "longer than the 16777216 bytes" in bad[0].error
    out = writes(file, remove=set())
    assert (out / "quarantined" / "long.csv").stat().st_size == len(b"id,text\n1,\n") + (20 << 20)
    assert (out / "kept" / "long.csv").read_bytes() == b"id,text\n2,y\n"


def test_excels_separator_line_and_repeated_headings_are_understood(tmp_path: Path, reads: Any) -> None:
    file = tmp_path / "excel.csv"
    file.write_bytes(b"sep=;\r\nid;text;tag;tag;\r\n1;x, y;a;b;c\r\n")
    (item,), bad = reads(file, mapping=FieldMapping.parse(["section=tag 2", "source=column 5"]))
    assert (item.body, item.section, item.source, bad) == ("x, y", "b", "c", [])
