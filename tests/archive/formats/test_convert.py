"""Any format as lines of JSON or Parquet: nothing of a row is lost on the way."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pyarrow import parquet

from detector.archive.formats import FieldMapping, find_sources, parse
from detector.archive.formats.convert import convert
from detector.errors import ArchiveError


@pytest.fixture
def archive(tmp_path: Path) -> list[str]:
    (tmp_path / "a.csv").write_text("nr,title,story,byline,body\n1,T,The ferry stops.,Jory Penn,x\n2,U,,,\n")
    (tmp_path / "b.jsonl").write_text(
        '{"nr": 3, "story": "Café", "published": "next Tuesday", "tags": ["a"], "empty": null}\n{"nr": 4\n'
    )
    return [str(tmp_path / "a.csv"), str(tmp_path / "b.jsonl")]


def converted(archive: list[str], out: Path, to: str) -> Path:
    out.mkdir()
    sources = find_sources(archive, FieldMapping.parse(["id=nr", "body=story"]))
    convert(sources, lambda raw: "kept" if hasattr(parse(raw), "item") else "quarantined", out, to)
    return out


def test_lines_of_json_hold_the_items_fields_and_all_others(archive: list[str], tmp_path: Path, reads: Any) -> None:
    out = converted(archive, tmp_path / "out", "jsonl")
    first, second = (json.loads(line) for line in (out / "kept.jsonl").read_text().splitlines())
    assert first == {
        "id": "1", "title": "T", "body": "The ferry stops.", "media_type": "text/plain", "byline": "Jory Penn",
        "rest": {"body": "x"},
    }  # fmt: skip
    assert second["published"] == "next Tuesday"
    assert second["tags"] == ["a"]
    assert [item.id for item in reads(out / "kept.jsonl")[0]] == ["1", "3"]
    bad = [json.loads(line) for line in (out / "quarantined.jsonl").read_text().splitlines()]
    assert [(row["place"], row["row"]) for row in bad] == [("line 3", "2,U,,,\n"), ("line 2", '{"nr": 4\n')]


def test_parquet_holds_the_others_as_json(archive: list[str], tmp_path: Path, reads: Any) -> None:
    out = converted(archive, tmp_path / "out", "parquet")
    first, second = parquet.read_table(out / "kept.parquet").to_pylist()
    assert (first["id"], first["body"], json.loads(first["rest"])) == (
        "1", "The ferry stops.", {"byline": "Jory Penn", "body": "x"}
    )  # fmt: skip
    assert json.loads(second["rest"]) == {"tags": ["a"]}
    assert [item.id for item in reads(out / "kept.parquet")[0]] == ["1", "3"]


def test_other_formats_are_not_written(archive: list[str], tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="jsonl and parquet are"):
        converted(archive, tmp_path / "out", "xlsx")
