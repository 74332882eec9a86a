"""How the store is opened, and what it refuses."""

import sqlite3
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from service import sqlite
from service.sqlite import StoreError, wal_is_safe
from service.store import Store, making
from service.tables import metadata


@pytest.mark.parametrize(
    ("version", "safe"),
    [((3, 6, 23), True), ((3, 7, 0), False), ((3, 40, 1), False), ((3, 51, 2), False), ((3, 51, 3), True)],
)
def test_wal_is_refused_on_builds_that_lose_pages(version: tuple[int, ...], safe: bool) -> None:
    assert wal_is_safe(version) is safe


@pytest.mark.parametrize(("version", "journal", "synchronous"), [((3, 53, 4), "wal", 2), ((3, 40, 1), "delete", 3)])
def test_every_commit_is_synced(tmp_path: Path, version: tuple[int, ...], journal: str, synchronous: int) -> None:
    library: Any = SimpleNamespace(**vars(sqlite3) | {"sqlite_version_info": version})
    engine = sqlite.writer(tmp_path / "items.db", library)
    with engine.begin() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == journal
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == synchronous
    engine.dispose()


def test_a_second_opening_is_refused(tmp_path: Path) -> None:
    first = Store.open(tmp_path / "items.db")
    with pytest.raises(StoreError, match="in use"):
        Store.open(tmp_path / "items.db")
    first.close()
    Store.open(tmp_path / "items.db").close()


def test_sketches_of_another_making_are_refused(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "items.db")
    assert store.write(making.require, "made so", "cleaner 1") == store.write(making.require, "made so", "cleaner 1")
    for sketch, cleaner in (("made otherwise", "cleaner 1"), ("made so", "cleaner 2")):
        with pytest.raises(StoreError, match=r"made by 'made so' .* run: copytaster reindex"):
            store.write(making.require, sketch, cleaner)
    store.close()


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "items.db"
    path.write_text("This is a letter to the editor, not a database. " * 100)
    with pytest.raises(StoreError, match="cannot be used as a database"):
        Store.open(path)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="is no folder"):
        Store.open(tmp_path / "absent" / "items.db")


def test_a_store_has_a_secret_of_its_own_and_keeps_it(tmp_path: Path) -> None:
    secrets = []
    for name in ("one.db", "one.db", "other.db"):
        store = Store.open(tmp_path / name)
        secrets.append(store.write(making.secret))
        store.close()
    assert secrets[0] == secrets[1] != secrets[2]
    assert len(secrets[0]) >= 32


def test_the_migrations_make_the_tables_that_the_code_knows(address: str) -> None:
    store = Store.open(address)
    with store.writing() as connection:
        opts = {"compare_type": True, "include_object": _is_known}
        context = MigrationContext.configure(connection, opts=opts)
        assert compare_metadata(context, metadata) == []
    store.close()
    Store.open(address).close()  # and are not run again


def _is_known(_thing: object, name: str | None, kind: str, _reflected: bool, _compared: object) -> bool:
    """Not the words to search by: each database keeps them in its own way, and the migration alone makes them."""
    return not (name or "").startswith(("item_fts", "item_words", "ix_item_words"))


def test_a_store_of_an_earlier_layout_is_refused(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "items.db") as connection:
        connection.execute("CREATE TABLE items (seq INTEGER PRIMARY KEY, id TEXT)")
    connection.close()
    with pytest.raises(StoreError, match="use a new database and post the items again"):
        Store.open(tmp_path / "items.db")


def test_a_store_of_a_later_layout_is_refused(address: str) -> None:
    store = Store.open(address)
    with store.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    store.close()
    with pytest.raises(StoreError, match="use a newer copytaster"):
        Store.open(address)


@pytest.mark.parametrize("database", ["mysql://editor:word@localhost/news", "http://x.example"])
def test_another_kind_of_database_is_refused_without_its_password(database: str) -> None:
    with pytest.raises(StoreError, match="is no database that copytaster knows") as refusal:
        Store.open(database)
    assert "word" not in str(refusal.value)
