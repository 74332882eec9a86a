"""Several servers on one PostgreSQL."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from service.desk import Desk
from service.messages import ItemIn
from service.store import Store, claims, items, jobs, postings
from service.store.records import now


def _item(name: str, number: int) -> ItemIn:
    body = (
        f"Scart council voted {number + 11} to {number % 7 + 2} on Tuesday to sell plot {number + 301} to Firm{number}."
        f" The buyer paid {number * 17 + 240},000 crowns and will employ {number + 12} people, clerk P{number} said."
    )
    return ItemIn(id=f"{name}-{number}", body=body, source="harbour-post")


def test_copies_that_arrive_at_two_nodes_at_once_are_published_once(
    new_postgres: Callable[[], str], with_desks: Callable[..., Any]
) -> None:
    address = new_postgres()
    stores = [Store.open(address) for _ in range(2)]

    async def together(*desks: Desk) -> list[list[str]]:
        calls = [desk.admit(_item(f"node-{k}", number)) for number in range(12) for k, desk in enumerate(desks)]
        statuses = [admitted.item.status for admitted in await asyncio.gather(*calls)]
        return [sorted(statuses[k : k + 2]) for k in range(0, len(statuses), 2)]

    assert with_desks(together, *stores) == [["published", "rejected"]] * 12
    for store in stores:
        store.close()


def test_a_node_knows_what_another_has_changed_before_it_judges(
    new_postgres: Callable[[], str], with_desks: Callable[..., Any]
) -> None:
    address = new_postgres()
    stores = [Store.open(address) for _ in range(2)]

    async def in_turn(one: Desk, other: Desk) -> list[str]:
        said = []
        await one.admit(_item("first", 1))
        said.append((await other.check(_item("copy", 1), html=False)).action)
        await one.revise(_item("first", 1).model_copy(update={"body": _item("first", 2).body}), allowed=lambda _: None)
        said.append((await other.check(_item("copy", 1), html=False)).action)
        said.append((await other.check(_item("copy", 2), html=False)).action)
        return said

    assert with_desks(in_turn, *stores) == ["reject", "publish", "reject"]
    for store in stores:
        store.close()


def test_a_group_that_cannot_be_committed_leaves_nothing_behind(address: str, with_desks: Callable[..., Any]) -> None:
    store = Store.open(address)

    async def failing(desk: Desk) -> tuple[int, int, str]:
        def fail(connection: Any) -> None:
            raise DBAPIError("commit", None, Exception("the disk is full"))

        written, desk.bench.written = desk.bench.written, fail  # type: ignore[method-assign]
        admitted = await asyncio.gather(*(desk.admit(_item("lost", k)) for k in range(5)), return_exceptions=True)
        assert {type(one) for one in admitted} == {DBAPIError}
        desk.bench.written = written  # type: ignore[method-assign]
        held = len(desk.bench.index), store.read(items.count)
        return *held, (await desk.admit(_item("kept", 3))).item.status

    assert with_desks(failing, store) == (0, 0, "published")
    assert store.read(postings.count_kept) == 1
    store.close()


@pytest.fixture
def nodes(new_postgres: Callable[[], str]) -> Iterator[tuple[Store, Store]]:
    address = new_postgres()
    one, other = Store.open(address), Store.open(address)
    yield one, other
    one.close()
    other.close()


def _queued(connection: Connection) -> int:
    seq = jobs.create(connection, "key", now())
    jobs.append(connection, seq, [jobs.Line(1, "{}")])
    jobs.queue(connection, seq, 1)
    return seq


def _meanwhile(store: Store, connection: Connection, *call: Any) -> Any:
    """What a call of another node gives that begins in the middle of a transaction, and waits for its end."""
    with ThreadPoolExecutor(1) as pool:
        waits = pool.submit(store.write, *call)
        with pytest.raises(TimeoutError):
            waits.result(0.3)
        connection.commit()
        return waits.result(10)


def test_a_batch_that_is_cancelled_while_a_node_takes_it_up_stays_cancelled(nodes: tuple[Store, Store]) -> None:
    one, other = nodes
    job = one.write(_queued)
    with one.writing() as connection:
        jobs.cancel(connection, job, now())
        assert _meanwhile(other, connection, jobs.claim, "other", now()) is None
    assert one.read(jobs.of_seq, job).state == "cancelled"


def test_a_batch_is_one_nodes(nodes: tuple[Store, Store]) -> None:
    one, other = nodes
    job = one.write(_queued)
    with one.writing() as connection:
        assert jobs.claim(connection, "one", now()) == job
        assert _meanwhile(other, connection, jobs.claim, "other", now()) is None
    assert one.read(jobs.is_ours, job, "one")


def test_of_two_who_open_an_item_at_once_one_holds_it(
    nodes: tuple[Store, Store], with_desks: Callable[..., Any]
) -> None:
    one, other = nodes

    async def admit(desk: Desk) -> int:
        return int((await desk.admit(_item("held", 1))).item.seq)

    seq = with_desks(admit, one)
    with one.writing() as connection:
        assert claims.claim(connection, seq, "Ann", now()) == "Ann"
        assert _meanwhile(other, connection, claims.claim, seq, "Ben", now()) == "Ann"
    assert other.write(lambda connection: claims.claim(connection, seq, "Ben", now(), take_over=True)) == "Ben"
