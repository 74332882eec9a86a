"""Which field is which: by name, by list, by path, from a TOML file; and which format a file is in."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import pytest

from detector.archive.formats import FieldMapping, find_sources, read
from detector.archive.formats.registry import recognise
from detector.errors import ArchiveError


def written(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_a_mapping_replaces_the_usual_names_and_reads_into_objects(tmp_path: Path, reads: Any) -> None:
    row = {"id": "a", "text": "not this", "story": {"body": {"html": "<p>this"}}, "when": "2026-03-02", "Headline": "T"}
    file = written(tmp_path / "x.jsonl", row)
    (item,), bad = reads(file, mapping=FieldMapping.parse(["body=story.body.html", "published=when"]))
    assert (item.body, item.media_type, item.title, bad) == ("<p>this", "text/html", "T", [])
    assert item.published is not None


def test_a_toml_file_gives_lists_and_constants_and_the_command_goes_first(tmp_path: Path, reads: Any) -> None:
    mapping = tmp_path / "map.toml"
    mapping.write_text('[fields]\nbody = ["long", "short"]\nid = "nr"\n[constants]\nsource = "harbour-post"\n')
    file = written(tmp_path / "x.jsonl", {"nr": 1, "short": "s", "key": "k"}, {"nr": 2, "long": "l", "short": "s"})
    items, _ = reads(file, mapping=FieldMapping.parse([], mapping))
    assert [(item.id, item.body, item.source) for item in items] == [
        ("1", "s", "harbour-post"),
        ("2", "l", "harbour-post"),
    ]
    items, bad = reads(file, mapping=FieldMapping.parse(["id=key"], mapping))
    assert [item.id for item in items] == ["k"]
    assert bad[0].error == "the row has no id; the field key must hold one"


def test_rows_without_an_id_can_be_known_by_their_place(tmp_path: Path, reads: Any) -> None:
    file = written(tmp_path / "x.jsonl", {"body": "same"}, {"body": "same"})
    mapping = FieldMapping.parse(["id=@place"])
    assert [item.id for item in reads(file, mapping=mapping)[0]] == ["x.jsonl:line 1", "x.jsonl:line 2"]
    first, second = read(find_sources([file], mapping))
    assert first.digest != second.digest


@pytest.mark.parametrize(
    ("pairs", "toml", "reason"),
    [
        (["body"], "", "is no FIELD=NAME pair"),
        (["text=content"], "", "items have no field 'text'"),
        ([], "[fields]\nid = 3\n", "must be a field's name"),
        ([], "fields = 3\n", "holds 'fields'"),
        ([], "[constants]\ncolour = 'x'\n", "no field 'colour'"),
        ([], "[", "cannot be read"),
    ],
)
def test_a_mapping_that_cannot_be_meant_is_refused(pairs: list[str], toml: str, reason: str, tmp_path: Path) -> None:
    file = tmp_path / "map.toml"
    file.write_text(toml)
    with pytest.raises(ArchiveError, match=reason):
        FieldMapping.parse(pairs, file)


def test_a_mapping_survives_a_manifest_and_a_trip_to_a_worker() -> None:
    mapping = FieldMapping.parse(["body=a", "id=@place"], encoding="cp1252")
    assert FieldMapping.from_json(json.loads(json.dumps(mapping.as_json()))) == mapping
    assert pickle.loads(pickle.dumps(mapping)) == mapping  # noqa: S301  # our own
    with pytest.raises(ArchiveError, match="no encoding"):
        FieldMapping.parse([], encoding="latin-99")


@pytest.mark.parametrize(
    ("name", "head", "kind"),
    [
        ("x.csv", b'{"id": 1}\n', "csv"),
        ("x.txt", b'\xef\xbb\xbf{"id": 1}\n', "jsonl"),
        ("x", b"id;text\n1;a\n", "csv"),
        ("x", b"number,colour\n1,a\n", None),
        ("x.txt", b"number,colour\n1,a\n", "html"),
        ("x.jsonl", b"id,title,body\n", "jsonl"),
        ("x.html", b"PAR1", "parquet"),
        ("x.xml", b"<?xml version='1.0'?><rss xmlns:wp='http://wordpress.org/export/1.2/'>", "wordpress"),
        ("x.html", b"<?xml version='1.0'?>\n<feed xmlns='http://www.w3.org/2005/Atom'>", "feed"),
        ("x.xml", b"<?xml version='1.0'?><!DOCTYPE html><html><body>", "html"),
        ("x.dat", b"WARC/1.1\r\n", "warc"),
        ("x.db", b"SQLite format 3\0", "sqlite"),
        ("x.png", b"\x89PNG\r\n", None),
    ],
)
def test_a_format_is_known_by_content_and_only_then_by_name(name: str, head: bytes, kind: str | None) -> None:
    assert recognise(name, head) == kind
