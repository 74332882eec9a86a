"""A page that hangs or kills its worker costs that page its verdict, and nothing else."""

import asyncio
import multiprocessing
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from threadpoolctl import threadpool_limits

from detector import Detector, Item, Sketching
from service import workers
from service.workers import Examination, Examiners, WorkerLostError

ITEM = Item("short", "The harbour office at Aldwick opened at 9 am on Monday, and closes at five.")


def _with_one_worker(
    work: Callable[[Examiners], Awaitable[None]], seconds: float = 20, megabytes: int = 512, count: int = 1
) -> None:
    async def run() -> None:
        examiners = Examiners(count, seconds, Sketching(), megabytes)
        await examiners.start()
        try:
            await work(examiners)
        finally:
            examiners.stop()

    asyncio.run(run())


def _signal_the_worker(what: signal.Signals) -> None:
    (worker,) = (process for process in multiprocessing.active_children() if process.name == "copytaster-worker")
    os.kill(worker.pid or 0, what)


def _is_unreadable(examination: Examination, why: str) -> bool:
    text = examination.examined.text
    return not text.complete and examination.examined.sketch is None and why in text.notes[0].detail


def test_an_item_that_takes_too_long_is_unreadable_and_the_next_one_is_read() -> None:
    async def work(examiners: Examiners) -> None:
        _signal_the_worker(signal.SIGSTOP)
        assert _is_unreadable(await examiners.examine(ITEM), "longer than 2 seconds")
        assert (await examiners.examine(ITEM)).examined.sketch is not None

    _with_one_worker(work, seconds=2)


def test_an_item_that_kills_its_worker_is_unreadable_and_the_next_one_is_read() -> None:
    async def work(examiners: Examiners) -> None:
        _signal_the_worker(signal.SIGSTOP)
        fatal, waiting = (asyncio.create_task(examiners.examine(ITEM)) for _ in range(2))
        await asyncio.sleep(0.5)  # the first has the worker, the second waits for it
        _signal_the_worker(signal.SIGKILL)
        assert _is_unreadable(await fatal, "ended the process")
        assert (await waiting).examined.sketch is not None

    _with_one_worker(work)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system does not count it")
def test_an_item_that_takes_too_much_memory_is_unreadable_and_the_next_one_is_read() -> None:
    async def work(examiners: Examiners) -> None:
        large = Item("large", "The council of Aldwick voted 9 to 3 on Monday.\n\n" * 80_000)
        assert _is_unreadable(await examiners.examine(large), "more than 8 MB of memory")
        assert (await examiners.examine(ITEM)).examined.sketch is not None

    _with_one_worker(work, megabytes=8)


def test_a_line_that_kills_its_worker_costs_its_neighbours_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines travel together; when their worker is lost each of them is read by itself."""

    async def work(examiners: Examiners) -> None:
        examine = workers.Worker.examine

        def deadly(worker: workers.Worker, given: Sequence[Item], html: bool, seconds: float) -> Any:
            if any(item.id == "deadly" for item in given):
                worker.end()
                raise WorkerLostError("reading it ended the process that tried")
            return examine(worker, given, html, seconds)

        monkeypatch.setattr(workers.Worker, "examine", deadly)
        given = [replace(ITEM, id=name) for name in ("before", "deadly", "after")]
        before, lost, after = await examiners.examine_all(given)
        assert _is_unreadable(lost, "ended the process")
        assert [one.examined.item.id for one in (before, lost, after)] == ["before", "deadly", "after"]
        assert before.examined.sketch is not None
        assert after.examined.sketch is not None
        assert before.html is not None

    _with_one_worker(work)


def test_items_travel_together_while_they_are_short_and_in_their_order() -> None:
    short, long = replace(ITEM, id="s"), Item("l", "word " * 3_200)
    given = [*[short] * 17, long, short, long]
    parts = list(workers._parts(given))
    assert [len(part) for part in parts] == [16, 1, 1, 1, 1]
    assert [item for part in parts for item in part] == given
    assert list(workers._parts([])) == []


def test_a_request_that_is_given_up_does_not_lose_its_worker() -> None:
    async def work(examiners: Examiners) -> None:
        _signal_the_worker(signal.SIGSTOP)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(examiners.examine(ITEM), 0.1)
        _signal_the_worker(signal.SIGCONT)
        assert (await examiners.examine(ITEM)).examined.sketch is not None

    _with_one_worker(work)


def test_who_cannot_wait_goes_before_who_can_and_who_gave_up_is_not_read() -> None:
    async def work(examiners: Examiners) -> None:
        _signal_the_worker(signal.SIGSTOP)
        read: list[str] = []

        async def ask(name: str) -> None:
            await examiners.examine(ITEM, batch=name.startswith("batch"))
            read.append(name)

        tasks = [asyncio.create_task(ask(name)) for name in ("being read", "batch 1", "a", "given up", "b")]
        await asyncio.sleep(0.1)
        tasks[3].cancel()
        _signal_the_worker(signal.SIGCONT)
        await asyncio.gather(*tasks, return_exceptions=True)
        assert read == ["being read", "a", "b", "batch 1"]

    _with_one_worker(work)


def test_an_item_whose_worker_had_ended_waits_for_no_other_one_to_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process may take long to start, or for ever; the other one is free meanwhile."""

    async def work(examiners: Examiners) -> None:
        monkeypatch.setattr(workers.Worker, "_receive", _never_starts)
        first, *_ = multiprocessing.active_children()
        os.kill(first.pid or 0, signal.SIGKILL)
        first.join()
        tasks = [asyncio.create_task(examiners.examine(ITEM)) for _ in range(6)]
        read = await asyncio.wait_for(asyncio.gather(*tasks), 20)
        assert all(one.examined.sketch is not None for one in read)

    receive = workers.Worker._receive

    def _never_starts(worker: workers.Worker, seconds: float, what: str) -> Any:
        if what == "starting":
            os.kill(worker._process.pid or 0, signal.SIGSTOP)
        return receive(worker, seconds, what)

    _with_one_worker(work, count=2)
    assert not multiprocessing.active_children(), "one that is starting is ended with the others"


class _Pipe:
    """The worker's end of a pipe whose other end has gone after these items."""

    def __init__(self, *given: tuple[list[Item], bool]) -> None:
        self._given, self.sent = list(given), list[Any]()

    def recv(self) -> tuple[list[Item], bool]:
        if not self._given:
            raise EOFError
        return self._given.pop(0)

    def send(self, answer: Any) -> None:
        self.sent.append(answer)


def test_a_worker_says_how_it_sketches_answers_each_item_and_ends_with_its_server(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(signal, "signal", lambda *_arguments: None)
    pipe: Any = _Pipe(([ITEM, ITEM], False), ([ITEM], True))
    with threadpool_limits():  # what the worker limits is its own process elsewhere
        workers._work(pipe, Sketching(secret="s"))
    header, (plain, _again), (with_html,) = pipe.sent
    assert header == Sketching(secret="s").header
    assert plain.html is None
    assert "harbour office" in with_html.html
    assert plain.examined.item is ITEM


def test_a_worker_that_does_not_start_in_time_is_ended_and_another_one_is_started(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def work(examiners: Examiners) -> None:
        assert examiners.alive == 1
        monkeypatch.setattr(workers, "_START_SECONDS", 0.01)
        (worker,) = multiprocessing.active_children()
        _signal_the_worker(signal.SIGKILL)
        worker.join()
        waiting = asyncio.create_task(examiners.examine(ITEM))
        while "starting took longer than 0.01 seconds" not in caplog.text:
            await asyncio.sleep(0.05)
        assert examiners.alive == 0
        monkeypatch.setattr(workers, "_START_SECONDS", 60)
        assert (await waiting).examined.sketch is not None

    _with_one_worker(work)


def test_what_an_item_raises_is_told_by_its_type_and_place_and_not_in_its_words() -> None:
    class Failing(Detector):
        def examine(self, item: Item) -> Any:
            raise ValueError(f"cannot read {item.body!r}")

    failure = workers._answer(Failing(), ITEM, html=False)
    assert isinstance(failure, workers._Failure)
    assert failure.error == "ValueError"
    assert "in examine" in failure.trace
    assert "harbour" not in failure.trace
