"""Tables of SQLite and PostgreSQL: read by key in one read-only transaction, marked and unmarked."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy

from detector.archive.formats import FieldMapping, Row, find_sources, fingerprint, parse, read
from detector.archive.formats.sql_marks import mark, unmark
from detector.archive.write import distribute
from detector.errors import ArchiveError

POSTGRES = "COPYTASTER_TEST_POSTGRES"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "cms.db"
    connection = sqlite3.connect(path)
    with connection:
        connection.execute(
            "create table articles (id integer primary key, headline text, body text, date datetime, gone text)"
        )
        rows = [(n, f"Story {n}", f"The ferry made {n} crossings.", "2026-03-02 10:00:00") for n in range(1, 1204)]
        connection.executemany("insert into articles (id, headline, body, date) values (?, ?, ?, ?)", rows)
        connection.execute("update articles set body = null where id = 7")
        connection.execute("update articles set body = cast(x'636166e9' as text) where id = 8")
        connection.execute("update articles set body = x'3c703e636166e93c2f703e' where id = 9")
    connection.close()
    return path


def url_of(file: Path, table: str = "articles") -> str:
    return f"sqlite:///{file}#{table}"


def content(file: Path) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(file)
    connection.text_factory = bytes
    found = [
        *connection.execute("select * from articles order by id"),
        *connection.execute("select name from sqlite_master"),
    ]
    connection.close()
    return found


def test_every_row_is_read_once_in_the_order_of_its_key(file: Path, reads: Any) -> None:
    items, bad = reads(url_of(file))
    assert [int(item.id) for item in items] == [n for n in range(1, 1204) if n not in (7, 8)]
    assert items[0].title == "Story 1"
    assert items[0].published is not None
    assert items[6].body == b"<p>caf\xe9</p>"
    reasons = {row.place: row.error for row in bad}
    assert "no body" in reasons["id=7"]
    assert "no text" in reasons["id=8"]


def test_reading_leaves_the_database_as_it_is(file: Path) -> None:
    before = file.read_bytes()
    sources = find_sources([url_of(file)])
    fingerprint(sources[0])
    list(read(sources))
    assert file.read_bytes() == before


@pytest.mark.parametrize("column", [None, "gone"])
def test_marks_are_made_in_one_go_and_taken_away_without_a_trace(
    column: str | None, file: Path, tmp_path: Path, writes: Any
) -> None:
    before = content(file)
    out = writes(url_of(file), remove={"3", "900"})
    keys = out / "marks" / "articles.jsonl"
    for _ in range(2):  # marking again changes nothing
        mark(url_of(file), "plan-1", keys, column)
    connection = sqlite3.connect(file)
    if column is None:
        marked = connection.execute("select table_name, key, plan from copytaster_removed order by key").fetchall()
        assert marked == [("articles", "3", "plan-1"), ("articles", "900", "plan-1")]
    else:
        assert connection.execute("select id from articles where gone = 'plan-1'").fetchall() == [(3,), (900,)]
    connection.close()
    unmark(url_of(file), "plan-1", column)
    assert content(file) == before


def test_a_column_that_holds_something_is_not_written_over_and_nothing_is_marked(file: Path, writes: Any) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute("update articles set gone = 'mine' where id = 900")
    connection.close()
    before = content(file)
    out = writes(url_of(file), remove={"3", "900"})
    with pytest.raises(ArchiveError, match="holds another value; nothing was marked"):
        mark(url_of(file), "plan-1", out / "marks" / "articles.jsonl", "gone")
    assert content(file) == before


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        ("#nothing", "it has articles"),
        ("", "names no table"),
        ("#articles:headlines", "no column 'headlines'"),
        ("#articles:date", "1 distinct values in 1203 rows"),
    ],
)
def test_what_cannot_be_read_is_explained(end: str, reason: str, file: Path, reads: Any) -> None:
    with pytest.raises(ArchiveError, match=reason):
        reads(f"sqlite:///{file}{end}")


def test_a_database_without_a_table_or_with_a_password_is_refused(file: Path, tmp_path: Path, reads: Any) -> None:
    with pytest.raises(ArchiveError, match="name a table of it"):
        reads(file)
    with pytest.raises(ArchiveError, match="is no file"):
        reads(f"sqlite:///{tmp_path}/none.db#articles")
    assert not (tmp_path / "none.db").exists()
    with pytest.raises(ArchiveError, match="leave the password out"):
        reads("postgresql://editor:secret@127.0.0.1/cms#articles")
    with pytest.raises(ArchiveError, match="mysql is not read"):
        reads("mysql://127.0.0.1/cms#articles")


@pytest.fixture
def postgres() -> Iterator[tuple[str, Any]]:
    url = os.environ.get(POSTGRES)
    if not url:
        if os.environ.get("CI"):
            pytest.fail(f"{POSTGRES} is not set, and CI must test on PostgreSQL")
        pytest.skip(f"{POSTGRES} names no database to test on")
    engine = sqlalchemy.create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("create schema archive_test")
        connection.exec_driver_sql(
            "create table archive_test.items (paper text, number int, body text, published timestamptz, tags jsonb,"
            " primary key (paper, number))"
        )
        connection.exec_driver_sql(
            "insert into archive_test.items select p, n, 'The ferry made ' || n || ' crossings for ' || p,"
            " '2026-03-02 10:00+01', '{\"a\": 1}' from unnest(array['Post', 'émile', 'post']) p,"
            " generate_series(1, 700) n"
        )
    yield url, engine
    with engine.begin() as connection:
        connection.exec_driver_sql("drop schema archive_test cascade")
    engine.dispose()


def test_a_table_of_postgresql_with_a_key_of_two_columns_is_read_and_marked(
    postgres: tuple[str, Any], tmp_path: Path
) -> None:
    url, engine = postgres
    address = f"{url}#archive_test.items"
    sources = find_sources([address], FieldMapping.parse(["source=paper"]))
    rows = [parse(raw) for raw in read(sources)]
    items = [row.item for row in rows if isinstance(row, Row)]
    assert len({item.id for item in items}) == len(rows) == 2100
    assert {item.source for item in items} == {"Post", "émile", "post"}
    assert fingerprint(sources[0]) == fingerprint(sources[0])
    distribute(sources, lambda raw: "removed" if raw.number in (1, 1400) else "kept", tmp_path)
    (keys,) = (tmp_path / "marks").iterdir()
    mark(address, "plan-1", keys, None)
    mark(address, "plan-1", keys, None)
    with engine.connect() as connection:
        assert len(connection.exec_driver_sql("select * from archive_test.copytaster_removed").all()) == 2
    unmark(address, "plan-1", None)
    with engine.connect() as connection:
        assert not sqlalchemy.inspect(connection).has_table("copytaster_removed", "archive_test")
