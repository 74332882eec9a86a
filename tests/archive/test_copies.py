"""Which stored items copy an earlier one, listed by command."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import pytest

from detector import Policy, find_duplicates
from detector.__main__ import ready_modules
from detector.archive.copies import find_copies
from detector.archive.cutting import cut, pieces
from detector.archive.formats import find_sources, parse, read
from detector.archive.formats.rows import Row
from detector.archive.reading import Reading, parsed_ahead, read_rows
from detector.batch import readiness
from tests.archive.synthetic import archive
from tests.test_cli import FIXTURES, copytaster


def _rows(out: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in out.splitlines()]


@pytest.mark.parametrize("workers", [1, 2])
def test_the_surest_copy_of_each_item_is_listed_and_bad_rows_are_set_aside(tmp_path: Path, workers: int) -> None:
    path = archive(tmp_path / "in.jsonl", 300)
    found = find_copies([path], workers=workers)
    rows = [row for row in map(parse, read(find_sources([path]))) if isinstance(row, Row)]
    first = {row.item.id: row for row in reversed(rows)}
    items = [row.item for row in rows if first[row.item.id] is row]
    surest = {match.item_id: match for match in reversed(find_duplicates(items, copies_only=True))}
    assert {match.item_id: match for match in found.matches} == surest
    assert len(found.matches) == len(surest) > 20
    assert found.items == len(items)
    assert found.quarantined
    assert all(one.place and one.error for one in found.quarantined)


def test_a_row_that_stands_there_twice_is_one_item_and_another_under_its_id_is_set_aside(tmp_path: Path) -> None:
    path, other = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    rows = [{"id": "a", "body": "The mill at Ellory ground 300 sacks of rye for the bakers of Hagg on Monday."}]
    path.write_text("".join(json.dumps(row) + "\n" for row in [*rows, *rows]))
    other.write_text("".join(json.dumps(row) + "\n" for row in [*rows, {"id": "a", "body": "Rain."}]))
    found = find_copies([path, other])
    assert (found.items, found.matches) == (1, [])
    assert [(one.file, one.place) for one in found.quarantined] == [(1, "line 2")]
    assert "make ids unique" in found.quarantined[0].error


def test_the_command_writes_lines_of_json_and_says_how_many(tmp_path: Path) -> None:
    listed = copytaster("archive", "duplicates", FIXTURES / "archive.jsonl", "--workers", "2")
    assert listed.returncode == 0, listed.stderr
    rows = _rows(listed.stdout)
    assert [*rows[0]] == ["id", "of", "kind", "score", "jaccard", "containment", "coverage"]
    assert f"{len(rows)} of " in listed.stderr
    out = tmp_path / "copies.jsonl"
    written = copytaster("archive", "duplicates", FIXTURES / "archive.jsonl", "--workers", "1", "--out", out)
    assert written.stdout == ""
    assert out.read_text(encoding="utf-8") == listed.stdout
    as_is = copytaster("archive", "duplicates", FIXTURES / "archive.jsonl", "--as-is", "--keep", "most_complete")
    assert as_is.returncode == 0, as_is.stderr
    assert as_is.stdout != listed.stdout


def test_rows_that_are_no_items_show_in_the_exit_status_of_the_command() -> None:
    listed = copytaster("archive", "duplicates", FIXTURES / "bad_archive.jsonl")
    assert listed.returncode == 3, listed.stderr
    assert "bad_archive.jsonl, line 2 set aside: " in listed.stderr


def test_a_file_that_cannot_be_written_to_is_refused_before_the_work(tmp_path: Path) -> None:
    listed = copytaster("archive", "duplicates", FIXTURES / "archive.jsonl", "--out", tmp_path / "absent" / "out.jsonl")
    assert listed.returncode == 2
    assert "name another" in listed.stderr
    assert "copy an earlier" not in listed.stderr


def test_the_policys_order_says_which_of_two_is_the_copy(tmp_path: Path) -> None:
    body = "The mill at Ellory ground 300 sacks of rye for the bakers of Hagg on Monday, its owner Ivo Renn said."
    rows = [
        {"id": "a", "body": body, "source": "echo", "published": "2026-01-01"},
        {"id": "b", "body": body, "source": "post", "published": "2026-01-02"},
    ]
    path = tmp_path / "in.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert [match.item_id for match in find_copies([path]).matches] == ["b"]
    ranked = Policy(keep="source_rank", source_rank=("post", "echo"))
    assert [match.item_id for match in find_copies([path], ranked).matches] == ["a"]


def test_copies_of_pages_are_found_by_whoever_reads_them(tmp_path: Path) -> None:
    page = "<html><body><article><p>The mill at Ellory ground 300 sacks of rye on Monday.</p></article></body></html>"
    path = tmp_path / "in.jsonl"
    path.write_text("".join(json.dumps({"id": item_id, "html": page}) + "\n" for item_id in "ab"))
    for workers in (1, 2):
        found = find_copies([path], workers=workers)
        assert [(match.item_id, match.of, match.kind) for match in found.matches] == [("b", "a", "exact")]


def test_rows_that_were_parsed_ahead_are_read_as_others_are(tmp_path: Path) -> None:
    path = archive(tmp_path / "in.jsonl", 60)
    (shard,) = cut(pieces(list(find_sources([path]))))
    work = Reading(shard, Policy(), None, as_is=False)
    here, ahead = read_rows(work), read_rows(parsed_ahead(parsed_ahead(work)))
    assert pickle.dumps(here) == pickle.dumps(ahead)
    assert here.quarantined


def test_the_command_loads_what_its_processes_will_ask_for() -> None:
    reads = read_rows.__module__
    assert ready_modules(["archive", "duplicates", "in.jsonl"]) == (reads, *readiness(as_is=False))
    assert ready_modules(["archive", "duplicates", "in.jsonl", "--as-is"]) == (reads, *readiness(as_is=True))
    assert ready_modules(["archive", "plan", "in.jsonl"]) == ("detector.archive.warm",)
    assert ready_modules(["check", "in.txt"]) == ()
