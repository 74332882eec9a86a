"""Disks, workers, clocks and databases that fail under load; ``benchmarks.faults`` has them fail hundreds of times."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, OperationalError

from benchmarks.faults_server import AbsentError, Cluster, compiled_shim, small_disk
from service.line import Line
from service.messages import ItemIn
from service.rates import Buckets, Rate
from service.sqlite import driver
from service.store import Store, deliveries, items, webhooks
from tests.conftest import absent

CALLS = ("no space (ENOSPC)", "read-only (EROFS)", "EIO at writing", "EIO at syncing", "EIO at reading")
OTHERS = ("worker dies", "worker hangs", "clock jumps")


def _play(rounds: int, *kinds: str) -> str:
    command = [sys.executable, "-m", "benchmarks.faults", "--rounds", str(rounds), "--threads", "3", "--kinds", *kinds]
    done = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_after_twenty_faults_nothing_is_lost_doubled_or_half_there_and_no_answer_is_a_500(tmp_path: Path) -> None:
    try:
        compiled_shim(tmp_path)
    except AbsentError as why:
        absent(str(why))
    kinds = [*CALLS, *OTHERS]
    try:
        with small_disk(tmp_path):
            kinds.append("disk full")
    except AbsentError:
        pass  # where nothing can be mounted, ENOSPC from the shim is what there is
    told = _play(20, *kinds)
    assert "503 store-unavailable" in told, "a disk that fails must be seen by somebody"


def test_postgres_that_stops_and_crashes_under_load_is_waited_out() -> None:
    try:
        Cluster().remove()
    except AbsentError as why:
        absent(str(why))
    assert "503 store-unavailable" in _play(2, "PostgreSQL stopped", "PostgreSQL crashed")


class _Followers:
    """Counts how often it was told to look."""

    def __init__(self) -> None:
        self.looks = 0

    def before(self, connection: Connection) -> None: ...
    def written(self, connection: Connection) -> None: ...
    def committed(self) -> None: ...

    def undone(self, _connection: Connection) -> None:
        self.looks += 1


class _Failing:
    """A store whose transactions fail while ``gone``."""

    def __init__(self, store: Store) -> None:
        self._store, self.gone = store, False

    @contextmanager
    def _open(self, transaction: Callable[[], Any]) -> Iterator[Connection]:
        if self.gone:
            raise OperationalError("BEGIN", None, driver.OperationalError("gone"))
        with transaction() as connection:
            yield connection

    def reading(self) -> Any:
        return self._open(self._store.reading)

    def admitting(self) -> Any:
        return self._open(self._store.admitting)


def test_a_line_whose_store_goes_away_tells_everybody_and_looks_again_when_it_is_back(tmp_path: Path) -> None:
    async def run() -> None:
        failing, followers = _Failing(store), _Followers()
        given: Any = failing
        line = Line(given, followers)
        try:
            assert await line.admit(lambda _connection: 1) == 1
            failing.gone = True
            told = await asyncio.gather(*(line.admit(lambda _connection: 1) for _ in range(5)), return_exceptions=True)
            assert {type(one) for one in told} == {OperationalError}, "those who wait for a store that is gone are told"
            with pytest.raises(OperationalError):
                await line.check(lambda _connection: 1)
            assert followers.looks == 0
            failing.gone = False
            assert await line.check(lambda _connection: 2) == 2
            assert followers.looks == 1, "what could not be looked up then is looked up before anything else"
            assert await line.admit(lambda _connection: 3) == 3
            assert followers.looks == 1
        finally:
            line.close()

    with closing(Store.open(tmp_path / "items.db")) as store:
        asyncio.run(run())


def test_what_sqlite_has_undone_by_itself_is_not_committed_as_if_nothing_had_happened(tmp_path: Path) -> None:
    with closing(Store.open(tmp_path / "items.db")) as store:

        def lose(connection: Connection) -> None:
            connection.exec_driver_sql("INSERT INTO meta VALUES ('a', 'b')")
            connection.exec_driver_sql("ROLLBACK")  # as SQLite does after some errors of the disk

        with pytest.raises(DBAPIError, match="undone after an error"):
            store.write(lose)

        def lose_and_go_on(connection: Connection) -> None:
            lose(connection)
            with connection.begin_nested():  # would be a transaction of its own, and committed
                connection.exec_driver_sql("INSERT INTO meta VALUES ('c', 'd')")

        with pytest.raises(DBAPIError, match="undone after an error"):
            store.write(lose_and_go_on)
        count = store.read(lambda connection: connection.exec_driver_sql(
            "SELECT count(*) FROM meta WHERE name IN ('a', 'c')").scalar())  # fmt: skip
        assert count == 0


def test_while_the_keys_cannot_be_read_what_takes_one_is_closed_and_the_rest_answers(
    start_server: Any, tmp_path: Path
) -> None:
    """The table of keys goes away under the server."""
    server = start_server(tmp_path / "items.db")
    with closing(driver.connect(tmp_path / "items.db")) as connection:
        connection.execute("ALTER TABLE keys RENAME TO hidden")
        connection.commit()
    with server.client() as client:
        answers = {}
        for _ in range(60):  # the keys are read every two seconds
            answers = {path: client.get(path) for path in ("/livez", "/v1/items", "/metrics")}
            if answers["/v1/items"].status_code == 503:
                break
            asyncio.run(asyncio.sleep(0.1))
        assert answers["/livez"].status_code == 200
        for path in ("/v1/items", "/metrics"):
            assert answers[path].status_code == 503
            assert answers[path].json()["type"] == "urn:copytaster:problem:store-unavailable"
            assert answers[path].headers["retry-after"] == "5"
        with closing(driver.connect(tmp_path / "items.db")) as connection:
            connection.execute("ALTER TABLE hidden RENAME TO keys")
            connection.commit()
        assert client.get("/v1/items").status_code == 200


def test_an_item_whose_worker_had_ended_before_is_read_by_another(
    start_server: Any, tmp_path: Path, archive: dict[str, dict[str, Any]]
) -> None:
    server = start_server(tmp_path / "items.db", workers="1")
    children = Path(f"/proc/{server.process.pid}/task").glob("*/children")
    for pid in (pid for listed in children for pid in listed.read_text().split()):
        if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes():
            os.kill(int(pid), signal.SIGKILL)
            while ") Z" not in Path(f"/proc/{pid}/stat").read_text():
                time.sleep(0.01)  # it is dying, and could still be given the item
    with server.client() as client:
        answer = client.post("/v1/items", json=archive["ferry-fire"])
    assert (answer.status_code, answer.json()["status"]) == (201, "published")


def test_a_clock_that_is_put_back_keeps_no_new_event_waiting_and_doubles_none(
    with_desks: Callable[..., Any], tmp_path: Path
) -> None:
    lease, later = timedelta(seconds=50), datetime.now(UTC) + timedelta(hours=5)

    async def admit(desk: Any) -> None:
        await desk.admit(ItemIn(id="a", body="The pier at Aldwick was closed on Monday for 9 days, said Ida Moss."))

    with closing(Store.open(tmp_path / "items.db")) as store:
        store.write(webhooks.add_webhook, "hook", "https://cms.example/", (), "secret", "test", later)
        with_desks(admit, store)
        assert store.write(deliveries.spread, later) == 1
        now = later - timedelta(hours=4)  # the clock is put right
        assert store.read(deliveries.has_work, now)
        (due,) = store.write(deliveries.claim_due, now, lease, 8)
        assert store.write(deliveries.claim_due, now, lease, 8) == [], "who attempts it has it for the lease"
        store.write(deliveries.settle, due, "delivered", now, 204, None)
        assert not store.read(deliveries.has_work, later)


def test_a_bucket_does_not_look_at_the_clock_of_day() -> None:
    """Its clock is the monotonic one by default, and one that goes back takes nothing and gives nothing."""
    now = [100.0]
    buckets = Buckets(clock=lambda: now[0])
    rate = Rate(per_second=1.0, burst=2)
    assert [buckets.take("a", rate).allowed for _ in range(3)] == [True, True, False]
    now[0] += 1
    grant = buckets.take("a", rate)
    assert (grant.allowed, grant.retry_after) == (True, 1)
    assert "monotonic" in repr(Buckets()._clock)


def test_what_other_nodes_changed_is_asked_for_again_when_the_store_went_away_in_between(
    with_desks: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = (
        "The pier at Aldwick was closed on Monday for 9 days after 3 of its piles broke, said harbour master Ida Moss."
    )

    async def work(desk: Any) -> None:
        await desk.admit(ItemIn(id="a", body=body))
        index = desk.bench.index
        index.follow_own(0)  # as if another node had admitted it
        refresh = index.refresh

        def fail(*_arguments: Any) -> None:
            raise OperationalError("SELECT", None, driver.OperationalError("gone"))

        monkeypatch.setattr(index, "refresh", fail)
        with pytest.raises(OperationalError):
            await desk.check(ItemIn(id="b", body=body), html=False)
        monkeypatch.setattr(index, "refresh", refresh)
        seen: list[int] = []
        monkeypatch.setattr(index, "refresh", lambda _connection, seq: seen.append(seq))
        await desk.check(ItemIn(id="b", body=body), html=False)
        assert seen, "the change that was not followed is followed now"

    with closing(Store.open(tmp_path / "items.db")) as store:
        with_desks(work, store)
        assert store.read(items.count) == 1
