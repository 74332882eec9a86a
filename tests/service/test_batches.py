"""A batch at work: its lines go in together, and one that cannot costs no other anything."""

import asyncio
import json
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
from sqlalchemy import Connection, func, select

from service.batches import Batches
from service.desk import Desk
from service.store import Store, jobs
from service.store.jobs import Line, Outcome
from service.store.records import now
from service.tables import items, job_lines, outbox


def _line(number: int, item: dict[str, Any]) -> Line:
    return Line(number, json.dumps(item))


def _news(item_id: str, day: str = "Monday") -> dict[str, Any]:
    text = f"The council of {item_id} voted 9 to 3 on {day} to close pier {item_id}, said its mayor, Ida Moss."
    return {"id": item_id, "source": "post", "body": text}


def _queued(connection: Connection, lines: list[Line]) -> int:
    job = jobs.create(connection, "me", now())
    jobs.append(connection, job, lines)
    jobs.queue(connection, job, len(lines))
    return job


async def _work_off(desk: Desk, store: Store, lines: list[Line]) -> list[Outcome]:
    examiners: Any = desk._examiners
    batches = Batches(store, desk, examiners, most_bytes=1_000)
    job = store.write(_queued, lines)
    assert store.write(jobs.claim, batches.node, now()) == job
    await batches._run(job)
    assert store.read(jobs.of_seq, job).state == "done"
    return store.read(jobs.outcomes, job, 0, 99)


def test_a_stop_that_comes_with_a_new_batch_is_a_stop(address: str, with_desks: Callable[..., Any]) -> None:
    async def stop(desk: Desk) -> None:
        examiners: Any = desk._examiners
        batches = Batches(store, desk, examiners)
        batches.start()
        while not batches._wake._waiters:  # type: ignore[attr-defined]
            await asyncio.sleep(0.01)
        batches.wake()
        stopped, _ = await asyncio.wait([asyncio.create_task(batches.stop())], timeout=5)
        assert stopped

    with closing(Store.open(address)) as store:
        with_desks(stop, store)


def test_a_line_that_cannot_be_placed_costs_no_other_its_place(
    address: str, with_desks: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Desk.place

    def failing(desk: Desk, *arguments: Any, **named: Any) -> Any:
        admitted = place(desk, *arguments, **named)  # its rows are there by then, and must go again
        if admitted.item.id == "bad":
            raise ValueError("no")
        return admitted

    monkeypatch.setattr(Desk, "place", failing)
    ids = ["a", "b", "bad", "c", "d"]

    async def work(desk: Desk) -> list[Outcome]:
        outcomes = await _work_off(desk, store, [_line(n, _news(item_id)) for n, item_id in enumerate(ids, 1)])
        assert len(desk.bench.index) == 4
        return outcomes

    with closing(Store.open(address)) as store:
        outcomes = with_desks(work, store)
        rows = store.read(lambda c: c.execute(select(items.c.id).order_by(items.c.seq)).scalars().all())
        events = store.read(lambda c: c.execute(select(outbox.c.item_id).order_by(outbox.c.seq)).scalars().all())
    assert [outcome.state for outcome in outcomes] == ["done", "done", "failed", "done", "done"]
    assert outcomes[2].answer["problem"]["type"].endswith("internal-error")
    assert rows == events == ["a", "b", "c", "d"]


def test_lines_of_one_id_and_lines_that_are_no_items_are_told_apart(
    address: str, with_desks: Callable[..., Any]
) -> None:
    lines = [
        _line(1, _news("a")),
        _line(2, _news("a")),
        _line(3, _news("a", day="Tuesday")),
        Line(4, "no JSON"),
        _line(5, _news("b") | {"published": "0001-01-01T00:00:00+05:00"}),
        _line(6, _news("c") | {"body": "word " * 200}),
        _line(7, _news("b")),
    ]

    async def work(desk: Desk) -> list[Outcome]:
        return await _work_off(desk, store, lines)

    with closing(Store.open(address)) as store:
        first, again, other, no_json, undated, long, last = with_desks(work, store)
        waiting = store.read(lambda c: c.scalar(select(func.count()).where(job_lines.c.state == "waiting")))
    assert (first.answer["new"], again.answer["new"], last.answer["new"]) == (True, False, True)
    problems = [one.answer["problem"] for one in (other, no_json, undated, long)]
    assert [problem["status"] for problem in problems] == [409, 422, 422, 413]
    assert "published" in problems[2]["detail"]
    assert waiting == 0
