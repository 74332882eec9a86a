"""A desk in the test's own process, over either database."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from detector import Detector, Item, Policy, Sketching
from service.desk import Desk
from service.store import Store, making
from service.workers import Examination


class HereExaminers:
    """Examines in this process: what these tests look at comes after that."""

    def __init__(self, sketching: Sketching) -> None:
        self._detector = Detector(sketching=sketching)

    async def examine(self, item: Item, *, html: bool = False) -> Examination:
        examined = self._detector.examine(item)
        return Examination(examined, examined.text.html() if html else None, 0.0)


async def _open_desk(store: Store) -> Desk:
    sketching = Sketching(secret=store.write(making.secret))
    number = store.write(making.require, sketching.header, making.cleaner_version())
    examiners: Any = HereExaminers(sketching)
    desk = Desk(store, examiners, Policy(), 500, sketching, number)
    await desk.line.check(desk.bench.index.fill)
    return desk


@pytest.fixture
def with_desks() -> Callable[..., Any]:
    """``with_desks(work, store, …)``: what ``await work(desk, …)`` gives, with a desk for each store."""

    def run(work: Callable[..., Awaitable[Any]], *stores: Store) -> Any:
        async def working() -> Any:
            desks = [await _open_desk(store) for store in stores]
            try:
                return await work(*desks)
            finally:
                for desk in desks:
                    desk.close()

        return asyncio.run(working())

    return run


@pytest.fixture(params=["sqlite", "postgres"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a new store is: once in a file, once in PostgreSQL."""
    made: str = request.getfixturevalue("new_postgres")() if request.param == "postgres" else str(tmp_path / "items.db")
    return made
