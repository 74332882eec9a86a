"""``copytaster backup``, ``doctor`` and ``reindex``."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, update
from typer.testing import CliRunner

from detector.cli import app
from detector.errors import DetectorError
from service.desk import Desk
from service.messages import ItemIn
from service.store import Store, items, making, postings
from service.tables import items as items_table
from service.tables import sketches


def _admit(with_desks: Callable[..., Any], store: Store, given: list[dict[str, Any]]) -> list[str]:
    """Admit items; the actions of checks of the same texts afterwards."""

    async def run(desk: Desk) -> list[str]:
        for item in given:
            await desk.admit(ItemIn(**item))
        return [(await desk.check(ItemIn(**item | {"id": "again"}), html=False)).action for item in given]

    actions: list[str] = with_desks(run, store)
    return actions


@pytest.fixture
def stocked(address: str, with_desks: Callable[..., Any], archive: dict[str, dict[str, Any]]) -> str:
    store = Store.open(address)
    _admit(with_desks, store, list(archive.values())[:12])
    store.close()
    return address


def _run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(arguments))
    if isinstance(result.exception, DetectorError):
        raise result.exception
    return result.exit_code, result.output


def test_a_whole_store_is_fine_and_one_that_is_not_is_told_where(stocked: str) -> None:
    code, said = _run("doctor", "--database", stocked)
    assert (code, "WRONG" in said) == (0, False), said
    store = Store.open(stocked)
    with store.writing() as connection:
        first = connection.scalar(sketches.select().with_only_columns(sketches.c.item_seq).limit(1))
        connection.execute(delete(sketches).where(sketches.c.item_seq == first))
        connection.execute(update(items_table).where(items_table.c.status == "published").values(status="rejected"))
    store.close()
    code, said = _run("doctor", "--database", stocked)
    assert code == 1
    assert "WRONG  texts that the index does not have" in said
    assert "WRONG  items whose posting says otherwise than their status" in said


def test_an_index_of_another_making_is_refused_and_made_again(
    stocked: str, with_desks: Callable[..., Any], archive: dict[str, dict[str, Any]]
) -> None:
    given = list(archive.values())[:12]
    store = Store.open(stocked)
    before = [json.dumps(item.answer) for item in store.read(items.page)]
    found = _admit(with_desks, store, given)
    with store.writing() as connection:  # as an older version would have left it
        other = making.add(connection, "another sketch", "another cleaner")
        connection.execute(update(sketches).values(making=other, bands=bytes(64), passages=b""))
        making.adopt(connection, other)
    with pytest.raises(Exception, match="run: copytaster reindex"):
        _admit(with_desks, store, given)
    store.close()
    said = _run("reindex", "--prepare", "--database", stocked)[1]
    assert said.endswith("12 items reindexed; the next copytaster reindex lets the new index count\n")
    store = Store.open(stocked)
    with pytest.raises(Exception, match="run: copytaster reindex"):
        _admit(with_desks, store, given)
    store.close()
    assert _run("reindex", "--database", stocked)[1].endswith("\n0 items reindexed\n")
    assert "is of this version" in _run("reindex", "--database", stocked)[1]
    store = Store.open(stocked)
    assert _admit(with_desks, store, given) == found
    assert [json.dumps(item.answer) for item in store.read(items.page)] == before
    store.close()


def test_a_backup_is_taken_while_the_store_is_in_use(
    tmp_path: Path, with_desks: Callable[..., Any], archive: dict[str, dict[str, Any]]
) -> None:
    store = Store.open(tmp_path / "items.db")
    _admit(with_desks, store, list(archive.values())[:3])
    code, said = _run("backup", str(tmp_path / "copy.db"), "--database", str(tmp_path / "items.db"))
    assert (code, said.endswith("pages, whole\n")) == (0, True)
    copy = Store.open(tmp_path / "copy.db")
    assert copy.read(items.page) == store.read(items.page)
    assert copy.read(postings.count_kept) == store.read(postings.count_kept)
    for opened in (copy, store):
        opened.close()
    with pytest.raises(DetectorError, match="is there already"):
        _run("backup", str(tmp_path / "copy.db"), "--database", str(tmp_path / "items.db"))


def test_a_postgres_store_is_not_copied_by_us(tmp_path: Path) -> None:
    with pytest.raises(DetectorError, match="use pg_dump"):
        _run("backup", str(tmp_path / "copy.db"), "--database", "postgresql://editor:word@localhost/news")
