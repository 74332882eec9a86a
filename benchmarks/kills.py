"""Kill the desk again and again (SIGKILL), and look at what is in the store: nothing lost, doubled or half there.

    python -m benchmarks.kills --rounds 200

Each round forks a process that opens the same SQLite store and admits items one by one, or a batch of them, and is
killed: by a clock that it does not see, or by itself at a named point of a transaction. Then the store is opened, and
every item that was acknowledged must be there once, with its sketch, its verdict and one event. Exit status 1 if not.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from detector import Detector, Item, Sketching
from service import judging
from service.batches import Batches
from service.desk import Desk
from service.messages import ItemIn
from service.metrics import Metrics
from service.policies import Policies
from service.store import Store, checks, events, items, jobs, making
from service.store.records import now
from service.tables import items as items_table
from service.tables import job_lines, outbox
from service.tables import jobs as jobs_table
from service.workers import Examination

POINTS = ("by the clock", "after the item's rows", "after its event", "before the commit", "after the commit")
_BATCH = 40
_KEY = "kills"  # of the sketches


class _Here:
    """Examines in this process."""

    def __init__(self) -> None:
        self._detector = Detector(sketching=Sketching(secret=_KEY))

    async def examine(self, item: Item, *, html: bool = False, **_: bool) -> Examination:
        examined = self._detector.examine(item)
        return Examination(examined, examined.text.html() if html else None, 0.0)

    async def examine_all(self, given: Sequence[Item]) -> list[Examination]:
        return [await self.examine(item, html=True) for item in given]


def _item(round_: int, number: int) -> dict[str, Any]:
    place = round_ * 1_000 + number
    body = (
        f"Scart council voted {place + 11} to {place % 7 + 2} on Tuesday to sell plot {place + 301} to Firm{place}."
        f" The buyer paid {place * 17 + 240},000 crowns and will employ {place + 12} people, clerk P{place} said."
    )
    return {"id": f"{round_}-{number}", "source": "harbour-post", "body": body}


def _die_at(point: str, calls: int) -> None:
    """Have this process kill itself within a transaction, at the ``calls``-th time that it comes to a point."""
    owner, name = {
        "after the item's rows": (items, "note_change"),
        "after its event": (events, "emit"),
        "before the commit": (judging.Bench, "written"),
        "after the commit": (judging.Bench, "committed"),
    }[point]
    original, left = getattr(owner, name), [calls]

    def deadly(*arguments: Any, **named: Any) -> Any:
        result = original(*arguments, **named)
        left[0] -= 1
        if left[0] <= 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(owner, name, deadly)


async def _admit(database: Path, round_: int, tell: int | None) -> None:
    """Admit items until killed; without ``tell`` only finish the batches that are there."""
    store = Store.open(database)
    sketching = Sketching(secret=_KEY)
    number = store.write(making.require, sketching.header, making.cleaner_version())
    examiners: Any = _Here()
    desk = Desk(store, examiners, Policies(), 500, sketching, number, Metrics())
    await desk.line.check(desk.bench.index.fill)
    batches = Batches(store, desk, examiners)
    batches.start()
    if tell is not None and round_ % 2:
        job = store.write(jobs.create, "kills", now())
        lines = [jobs.Line(number + 1, json.dumps(_item(round_, number))) for number in range(_BATCH)]
        store.write(jobs.append, job, lines)
        store.write(jobs.queue, job, len(lines))
        batches.wake()
        os.write(tell, f"job {job}\n".encode())
    elif tell is not None:
        for number in range(1_000):
            await desk.admit(ItemIn(**_item(round_, number)))
            os.write(tell, f"item {round_}-{number}\n".encode())
    while store.read(_unfinished):
        await asyncio.sleep(0.01)
    await batches.stop()
    desk.close()
    store.close()


def _unfinished(connection: Any) -> int:
    waiting = select(func.count()).select_from(jobs_table).where(jobs_table.c.state.in_(("queued", "running")))
    return int(connection.scalar(waiting))


def play(database: Path, round_: int, chance: random.Random) -> set[str]:
    """One round; the ids, and the jobs, that were acknowledged in it."""
    point = POINTS[round_ // 2 % len(POINTS)]
    read, write = os.pipe()
    child = os.fork()
    if not child:
        os.close(read)
        if point != "by the clock":
            _die_at(point, chance.randint(1, 12))
        asyncio.run(_admit(database, round_, write))
        os._exit(0)
    os.close(write)
    if point == "by the clock":
        time.sleep(chance.uniform(0.1, 0.6))
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with os.fdopen(read) as told:
        return set(told.read().splitlines())


def faults(database: Path, told: set[str]) -> list[str]:
    """What is wrong with the store, once every batch is done."""
    child = os.fork()
    if not child:
        asyncio.run(_admit(database, 0, None))
        os._exit(0)
    os.waitpid(child, 0)
    store = Store.open(database)
    try:
        with store.reading() as connection:
            ids = {row.id for row in connection.execute(select(items_table.c.id))}
            counted = Counter(row.item_id for row in connection.execute(select(outbox.c.item_id)))
            states = Counter(row.state for row in connection.execute(select(job_lines.c.state)))
            found = checks.examine(connection, Sketching(secret=_KEY))
    finally:
        store.close()
    wrong = [f"lost: {one}" for one in sorted(told) if one.startswith("item ") and one.split(" ")[1] not in ids]
    wrong += [f"{count} events of {item_id}" for item_id, count in counted.items() if count != 1]
    wrong += [f"{count} lines {state}" for state, count in states.items() if state != "done"]
    accepted = sum(one.startswith("job ") for one in told) * _BATCH
    wrong += [f"{states['done']} lines done of {accepted}"] if states["done"] < accepted else []
    return wrong + [f"{one.what}: {one.said}" for one in found if not one.fine]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    chance = random.Random(arguments.seed)
    warm = Detector(sketching=Sketching(secret=_KEY))
    for number in range(3):  # so that each child finds the kernels loaded
        warm.admit(Item(**_item(0, number)))
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "items.db"
        told: set[str] = set()
        for round_ in range(arguments.rounds):
            told |= play(database, round_, chance)
        wrong = faults(database, told)
    acknowledged = sum(one.startswith("item ") for one in told)
    batches = sum(one.startswith("job ") for one in told)
    print(f"{arguments.rounds} kills, {acknowledged} items and {batches} batches acknowledged, {len(wrong)} faults")
    for fault in wrong:
        print(f"  {fault}")
    return int(bool(wrong) or not told)


if __name__ == "__main__":
    sys.exit(main())
