"""Lines of an archive: read, or set aside with line number and reason; never a reason to stop."""

import gzip
import json
import os
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from detector.archive.formats import Quarantined, RawRow, Row, cuts, find_sources, parse, read, read_shard
from detector.archive.formats.jsonl import JsonLayout
from detector.errors import ArchiveError

BAD = Path(__file__).parents[3] / "fixtures" / "bad_archive.jsonl"


def rows_of(*files: Path) -> list[RawRow]:
    return list(read(find_sources(files)))


def row_of(fields: dict[str, Any]) -> Row | Quarantined:
    return parse(RawRow(0, 1, "line 1", json.dumps(fields).encode(), JsonLayout()))


def error_of(data: bytes) -> str:
    found = parse(RawRow(0, 5, "line 5", data, JsonLayout()))
    assert isinstance(found, Quarantined)
    assert found.number == 5
    return found.error


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b'{"id": "a", "body": "cut', "not JSON"),
        (b"id,title,body", "not JSON"),
        (b'["an", "array"]', "a list where an object"),
        (b"null", "NoneType"),
        (b'{"id": "a"}', "no body"),
        (b'{"body": "x"}', "no id"),
        (b'{"id": "a", "body": 42}', "'body' is 42 (int)"),
        (b'{"id": "a", "body": ["x"]}', "'body'"),
        (b'{"id": "a", "body": "x", "title": ["t"]}', "'title'"),
        (b'{"id": "", "body": "x"}', "'id' is ''"),
        (b'{"id": true, "body": "x"}', "'id' is True"),
        (b'{"id": "a", "body": "x", "media_type": "application/pdf"}', "application/pdf"),
        (b'{"id": "a", "body": "x\x00y"}', "not JSON"),
        (b'{"id": "a", "body": "x\\u0000y"}', "NUL character at position 2"),
        (b'{"id": "a", "body": "\\ud83d"}', "half of a surrogate pair"),
        (b'{"uri": "a\\ud800", "body": "x"}', "half of a surrogate pair"),
        (b'{"id": "a", "body": "x", "headline": "\\ud800"}', "half of a surrogate pair"),
        (b'{"id": "a", "body": "caf\xe9"}', "not UTF-8"),
        (b"[" * 100_000, "not JSON"),
    ],
)
def test_a_bad_line_is_set_aside_with_its_number_and_the_reason(data: bytes, reason: str) -> None:
    assert reason in error_of(data)


@pytest.mark.parametrize(
    ("fields", "media_type"),
    [
        ({"id": "a", "html": "<p>x</p>"}, "text/html"),
        ({"id": "a", "text": "a <b> c"}, "text/plain"),
        ({"id": "a", "body": "<p>x</p>"}, "text/html"),
        ({"id": 1704, "content": "x"}, "text/plain"),
        ({"url": "https://example.org/1", "body": "x"}, "text/plain"),
    ],
)
def test_the_fields_that_archives_use_are_understood(fields: dict[str, Any], media_type: str) -> None:
    row = row_of(fields)
    assert isinstance(row, Row)
    assert row.item.id in {"a", "1704", "https://example.org/1"}
    assert row.item.media_type == media_type


def test_an_item_with_an_unreadable_date_is_kept_as_undated_and_says_so() -> None:
    row = row_of({"id": "a", "body": "x", "published": "next Tuesday"})
    assert isinstance(row, Row)
    assert row.item.published is None
    assert "next Tuesday" in row.notes[0]


def test_an_overlong_line_is_set_aside_and_the_next_one_read(tmp_path: Path) -> None:
    file = tmp_path / "archive.jsonl"
    long = json.dumps({"id": "long", "body": "x" * 30_000_000}).encode()
    file.write_bytes(long + b'\n{"id": "b", "body": "y"}\n')
    first, second = (parse(raw) for raw in rows_of(file))
    assert isinstance(first, Quarantined)
    assert first.error == "the line is longer than the 16777216 bytes that are read of one"
    assert isinstance(second, Row)
    assert second.number == 2


@pytest.mark.parametrize("rows", [1, 7, 400])
@pytest.mark.parametrize("size", [1 << 12, 1 << 30])
def test_pieces_of_so_many_bytes_or_rows_hold_each_line_once_under_its_own_number(
    rows: int, size: int, tmp_path: Path
) -> None:
    """With a byte order mark, empty lines, a line that is longer than many pieces, and no line end at the end."""
    lines = [
        json.dumps({"id": f"{n}", "body": f"Ferry {n} sailed. " * (n % 300)}) + "\n" * (1 + n % 3) for n in range(900)
    ]
    lines[450] = json.dumps({"id": "long", "body": "x" * (17 << 20)}) + "\n"
    (tmp_path / "a.jsonl").write_text("\ufeff" + "".join(lines).rstrip(), encoding="utf-8")
    sources = find_sources([tmp_path / "a.jsonl"])
    pieces = cuts(sources, size, rows)
    assert [raw for piece in pieces for raw in read_shard(piece)] == rows_of(tmp_path / "a.jsonl")
    assert len(pieces) > 3
    assert all(piece.before < following.before for piece, following in pairwise(pieces))


def test_a_small_file_and_a_packed_one_are_one_piece(tmp_path: Path) -> None:
    line = json.dumps({"id": "a", "body": "Ferry"}) + "\n"
    (tmp_path / "a.jsonl").write_text(line * 5)
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(line.encode() * 5_000))
    assert [piece.is_whole for piece in cuts(find_sources([tmp_path]), 1 << 20, 100)] == [True, True]


def test_gzip_is_known_by_its_content_and_empty_lines_are_skipped(tmp_path: Path) -> None:
    file = tmp_path / "archive.jsonl"
    file.write_bytes(gzip.compress(b'{"id": "a", "body": "x"}\n\n  \n{"id": "b", "body": "y"}'))
    assert [raw.number for raw in rows_of(file)] == [1, 4]


def test_a_gzip_file_that_ends_early_gives_what_it_has_and_an_error(tmp_path: Path) -> None:
    file = tmp_path / "archive.jsonl.gz"
    lines = b"".join(json.dumps({"id": str(n), "body": f"{n} {n * n} {n**3}"}).encode() + b"\n" for n in range(5000))
    packed = gzip.compress(lines)
    file.write_bytes(packed[: len(packed) // 2])
    found = rows_of(file)
    assert len(found) > 1000
    assert "damaged from here on" in found[-1].error


def test_an_empty_folder_holds_nothing_to_read(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="nothing to read"):
        rows_of(tmp_path)


def test_every_line_of_the_bad_archive_is_either_an_item_or_set_aside() -> None:
    found = [parse(raw) for raw in rows_of(BAD)]
    good = [row.item.id for row in found if isinstance(row, Row)]
    assert {"good-slipway", "good-tide-gauge", "good-lifeboat", "good-allotments"} <= set(good)
    assert {"bad-body-number", "bad-title-list", "bad-nul-escape", "bad-surrogate", "bad-utf8"}.isdisjoint(good)
    assert all(row.error for row in found if isinstance(row, Quarantined))


def test_what_comes_from_a_pipe_is_refused_for_it_could_not_be_read_again(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(ArchiveError, match="no regular file"):
        rows_of(pipe)
