"""``copytaster reindex`` beside a server that answers and admits, killed in the middle, on both databases."""

import asyncio
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, func, select, update
from sqlalchemy.exc import DBAPIError
from typer.testing import CliRunner

from detector import Sketching
from detector.cli import app
from service.desk import Desk
from service.editors import Editors, Order
from service.messages import ItemIn
from service.shelf import SupersededError
from service.store import Store, checks, items, making, postings, reindexing
from service.tables import rereadings, sketches, versions


def _item(number: int, name: str = "plot") -> ItemIn:
    body = (
        f"Scart council voted {number + 11} to {number % 7 + 2} on Tuesday to sell plot {number + 301} to Firm{number}."
        f" The buyer paid {number * 17 + 240},000 crowns and will employ {number + 12} people, clerk P{number} said."
    )
    return ItemIn(id=f"{name}-{number}", body=body)


async def _action(desk: Desk, number: int) -> str:
    return (await desk.check(_item(number, "copy"), html=False)).action


def _hide(store: Store, item_id: str) -> None:
    """As if the index had been made wrong: an item is not found by it, and its text was read otherwise."""
    with store.writing() as connection:
        seq = items.seq_of(connection, item_id)
        connection.execute(update(sketches).where(sketches.c.item_seq == seq).values(bands=bytes(64), passages=b""))
        connection.execute(update(versions).where(versions.c.item_seq == seq).values(text="Read wrongly.", html=""))


def _sketching(store: Store) -> Sketching:
    return Sketching(secret=store.read(making.known_secret))


def _faults(store: Store) -> list[str]:
    found = store.read(checks.examine, _sketching(store))
    return [f"{one.what}: {one.said}" for one in found if not one.fine]


def _leftovers(connection: Connection) -> tuple[int, int]:
    """Rows that no making needs: sketches of another one, and what a finished run had noted."""
    old = select(func.count()).select_from(sketches).where(sketches.c.making != making.NUMBER)
    return connection.scalar(old) or 0, connection.scalar(select(func.count()).select_from(rereadings)) or 0


async def _settled(desk: Desk, before: object) -> None:
    """Ask until the index that was made again is in use in place of the one before."""
    async with asyncio.timeout(60):
        while desk.bench.index is before:
            await _action(desk, 900)
            await asyncio.sleep(0.01)


def test_a_server_answers_and_admits_while_the_index_is_made_again_and_switches_at_once(
    address: str, with_desks: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reindexing, "_AT_ONCE", 3)
    with closing(Store.open(address)) as store:

        async def admit(desk: Desk) -> None:
            for number in range(10):
                await desk.admit(_item(number))

        async def beside(desk: Desk) -> None:
            with closing(Store.open(address, claim=False)) as other:
                run = reindexing.begin(other, _sketching(store), everything=True)
                assert run is not None
                assert reindexing.step(other, run) == 3
                assert (await desk.admit(_item(20))).item.status == "published"
                assert (await desk.admit(_item(20, "again"))).item.status == "rejected"
                await desk.revise(_item(30).model_copy(update={"id": "plot-1"}), allowed=lambda _: None)
                await Editors(desk).delete(Order("plot-2", "Ines", ""))
                await Editors(desk).retract(Order("plot-3", "Ines", ""))
                while reindexing.step(other, run):
                    assert await _action(desk, 4) == "publish", "the index in use is the one before, to the end"
                    assert await _action(desk, 5) == "reject"
                before = desk.bench.index
                assert reindexing.finish(other, run)
                await desk.admit(_item(40))  # before the new one is in memory, as a rule
                await _settled(desk, before)
                reindexing.tidy(other)
            found = [await _action(desk, number) for number in (4, 5, 20, 30, 40)]
            assert found == ["reject"] * 5
            assert [await _action(desk, number) for number in (1, 2, 3)] == ["publish", "publish", "review"]
            assert len(desk.bench.index) == store.read(postings.count_kept)

        with_desks(admit, store)
        _hide(store, "plot-4")
        with_desks(beside, store)
        assert _faults(store) == []
        assert store.read(_leftovers) == (0, 0)
        item = store.read(items.find, "plot-4")
        assert item is not None
        assert item.text == _item(4).body


def test_a_server_of_another_version_stops_answering_once_the_index_is_not_its_own(
    address: str, with_desks: Callable[..., Any]
) -> None:
    with closing(Store.open(address)) as store:

        async def superseded(desk: Desk) -> None:
            await desk.admit(_item(1))
            with closing(Store.open(address, claim=False)) as other:
                run = reindexing.begin(other, Sketching(secret="of a later version"), everything=False)
                assert run is not None
                assert reindexing.step(other, run) == 1
                assert await _action(desk, 1) == "reject"
                assert reindexing.finish(other, run)
            for work in (_action(desk, 1), desk.admit(_item(2))):
                with pytest.raises(SupersededError, match="restart the server"):
                    await work
            assert store.read(items.count) == 1

        with_desks(superseded, store)


_KILLED = """
import os, signal, sys
from detector import Sketching
from service.store import Store, making, reindexing

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

reindexing._AT_ONCE = 4
store = Store.open(sys.argv[1], claim=False)
run = reindexing.begin(store, Sketching(secret=store.read(making.known_secret)), everything=True)
reindexing.step(store, run)
reindexing.step(store, run)
if sys.argv[2] == "in the middle of a step":
    original = reindexing.insert
    reindexing.insert = lambda table: die() if table.name == "sketches" else original(table)
while reindexing.step(store, run):
    pass
if sys.argv[2] == "in the last transaction":
    reindexing.store_items.note_change = die
assert reindexing.finish(store, run)
die()
"""


@pytest.mark.parametrize("point", ["in the middle of a step", "in the last transaction", "before it is tidy"])
def test_a_run_that_was_killed_goes_on_where_it_was(address: str, point: str, with_desks: Callable[..., Any]) -> None:
    store = Store.open(address)

    async def admit(desk: Desk) -> list[str]:
        for number in range(14):
            await desk.admit(_item(number))
        return [await _action(desk, number) for number in range(14)]

    found = with_desks(admit, store)
    script = [sys.executable, "-c", textwrap.dedent(_KILLED), address, point]
    killed = subprocess.run(script, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False)  # noqa: S603
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert with_desks(admit, store) == found
    store.close()
    said = CliRunner().invoke(app, ["reindex", "--database", address]).output
    expected = {"in the middle of a step": "6 items reindexed", "in the last transaction": "0 items reindexed"}
    assert expected.get(point, "the index is of this version") in said
    with closing(Store.open(address)) as again:
        assert with_desks(admit, again) == found
        assert _faults(again) == []
        assert again.read(_leftovers) == (0, 0)


def test_admissions_are_told_when_the_store_is_gone_and_served_when_it_is_back(
    address: str, with_desks: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store.open(address)

    async def gone(desk: Desk) -> list[str]:
        def fails() -> Any:
            raise DBAPIError("begin", None, Exception("the server closed the connection"))

        await desk.admit(_item(1))
        with monkeypatch.context() as patched:
            patched.setattr(store, "admitting", fails)
            for work in (desk.line.admit(lambda _: None), desk.line.admit(lambda _: None)):
                with pytest.raises(DBAPIError):
                    await work
            patched.setattr(store, "reading", fails)
            with pytest.raises(DBAPIError):
                await desk.line.admit(lambda _: None)
            assert desk.line.is_alive
        return [(await desk.admit(_item(1, "copy"))).item.status, (await desk.admit(_item(2))).item.status]

    assert with_desks(gone, store) == ["rejected", "published"]
    store.close()
