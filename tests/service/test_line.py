"""Checks that wait together see one state of the store; what happens to one of them happens to no other."""

import asyncio
from collections.abc import Callable
from contextlib import closing
from threading import Event
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from service.line import Line
from service.store import Store


class _Counting:
    """Followers of the line that count the transactions."""

    def __init__(self) -> None:
        self.begun = 0

    def before(self, _connection: Connection) -> None:
        self.begun += 1

    def written(self, _connection: Connection) -> None: ...

    def committed(self) -> None: ...

    def undone(self, _connection: Connection) -> None: ...


def _in_line(address: str, checks: list[Callable[[Connection], Any]]) -> tuple[list[Any], int]:
    """What checks give that wait together, and in how many transactions they were made."""

    async def run() -> tuple[list[Any], int]:
        followers, held = _Counting(), Event()
        line = Line(store, followers)
        try:
            first = asyncio.create_task(line.check(lambda _connection: held.wait(20)))
            while not followers.begun:
                await asyncio.sleep(0.01)
            waiting = [asyncio.create_task(line.check(check)) for check in checks]
            await asyncio.sleep(0.05)
            held.set()
            assert await first
            return await asyncio.gather(*waiting, return_exceptions=True), followers.begun
        finally:
            held.set()
            line.close()

    with closing(Store.open(address)) as store:
        return asyncio.run(run())


def test_checks_that_wait_share_a_transaction_eight_at_most(address: str) -> None:
    found, begun = _in_line(address, [lambda _connection, n=n: n for n in range(17)])  # type: ignore[misc]
    assert found == list(range(17))
    assert begun == 3, "the first with seven others, then eight, then two"


def test_a_check_that_fails_costs_no_other_its_answer(address: str) -> None:
    def one(connection: Connection) -> Any:
        return connection.scalar(text("SELECT 1"))

    def wrong(connection: Connection) -> Any:
        return connection.scalar(text("SELECT nothing FROM nowhere"))

    def broken(_connection: Connection) -> Any:
        raise ValueError("no")

    before, first, between, second, after = _in_line(address, [one, wrong, one, broken, one])[0]
    assert (before, between, after) == (1, 1, 1)
    assert isinstance(first, DBAPIError)
    with pytest.raises(ValueError, match="no"):
        raise second
