"""A desk in the test's own process over either database; a server that asks for keys; somebody who is told."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, get_args

import httpx
import pytest

from detector import Detector, Item, Sketching
from service.client import Client
from service.desk import Desk
from service.keys import SCOPES, Scope, make_key
from service.metrics import Metrics
from service.policies import Policies
from service.review.passwords import hashed
from service.store import Store, making, people
from service.store.keys import add_key, revoke_key
from service.workers import Examination

REVIEWER, PASSWORD = "Ann Reed", "harbour-lantern-42"


class HereExaminers:
    """Examines in this process: what these tests look at comes after that."""

    def __init__(self, sketching: Sketching) -> None:
        self._detector = Detector(sketching=sketching)

    async def examine(self, item: Item, *, html: bool = False, **_: bool) -> Examination:
        examined = self._detector.examine(item)
        return Examination(examined, examined.text.html() if html else None, 0.0)

    async def examine_all(self, given: Sequence[Item]) -> list[Examination]:
        return [await self.examine(item, html=True) for item in given]


async def _open_desk(store: Store) -> Desk:
    sketching = Sketching(secret=store.write(making.secret))
    number = store.write(making.require, sketching.header, making.cleaner_version())
    examiners: Any = HereExaminers(sketching)
    desk = Desk(store, examiners, Policies(), 500, sketching, number, Metrics())
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


class Guarded:
    """A server with a key for each scope, policy files that may change, and webhooks to this machine."""

    def __init__(self, folder: Path, server_class: type[Any], url: str | None) -> None:
        """``url``: of a database elsewhere than in ``folder``."""
        self.database = url or str(folder / "items.db")
        self.policy, self.shadow = folder / "policy.toml", folder / "shadow.toml"
        self.policy.write_text("duplicate_score = 0.8\n")
        self.shadow.write_text("reject_score = 0.0\nreview_score = 0.0\n")
        self.tokens: dict[str, str] = {}
        made = datetime.now(UTC)
        with closing(Store.open(self.database)) as store:
            for name in get_args(Scope):
                self.tokens[name] = self._key(store, name, frozenset({name}), made)
            self.tokens["expired"] = self._key(store, "expired", SCOPES, made, lifetime=timedelta(0))
            self.tokens["slow"] = self._key(store, "slow", SCOPES, made, rate=0.01, burst=2)
            self.tokens["revoked"] = self._key(store, "revoked", SCOPES, made)
            store.write(revoke_key, self.tokens["revoked"].split("_")[1], made)
            store.write(people.set_reviewer, REVIEWER, "reviewer", hashed(PASSWORD), made)
            self.tokens["leaving"] = self._key(store, "leaving", SCOPES, made)
        self.server = server_class(
            folder / "items.db",
            url,
            policy=str(self.policy),
            shadow_policy=str(self.shadow),
            webhooks_private="true",
            webhook_retry_seconds="0.1",
            feed_items="3",
            burst="100000",
        )

        self.url, self.log = self.server.url, self.server.log

    @staticmethod
    def _key(store: Store, name: str, scopes: frozenset[Scope], made: datetime, **more: Any) -> str:
        token, key = make_key(name, scopes, made, **more)
        store.write(add_key, key)
        return token

    def client(self) -> httpx.Client:
        """Calls without a key."""
        client: httpx.Client = self.server.client()
        return client

    def as_(self, name: str) -> httpx.Client:
        """Calls with the key of this name."""
        return httpx.Client(base_url=self.url, headers={"Authorization": f"Bearer {self.tokens[name]}"}, timeout=60)

    def everything(self) -> Client:
        """The typed client, with a key for everything."""
        return Client(self.url, self.tokens["admin"])


@pytest.fixture(scope="session", params=["sqlite", "postgres"])
def guarded(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, server_class: type[Any]
) -> Iterator[Guarded]:
    """One guarded server on each database for all tests that need one."""
    url = request.getfixturevalue("new_postgres")() if request.param == "postgres" else None
    running = Guarded(tmp_path_factory.mktemp("guarded"), server_class, url)
    yield running
    running.server.stop()


class Receiver:
    """Somebody who is told: an HTTP server that keeps what came, and answers as it is told to."""

    def __init__(self, statuses: Iterable[int] = ()) -> None:
        self.calls: list[tuple[dict[str, str], bytes]] = []
        self._statuses = list(statuses)
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.calls.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(receiver._statuses.pop(0) if receiver._statuses else 204)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_arguments: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"
        Thread(target=self._server.serve_forever, daemon=True).start()

    def wait_for(self, count: int, seconds: float = 60.0) -> list[tuple[dict[str, str], bytes]]:
        """The calls, once there are so many."""
        deadline = time.monotonic() + seconds
        while len(self.calls) < count and time.monotonic() < deadline:
            time.sleep(0.02)
        assert len(self.calls) >= count, f"{len(self.calls)} calls came where {count} were expected"
        return list(self.calls)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def receiver() -> Iterator[Callable[..., Receiver]]:
    """Makes receivers that do not outlive the test: ``receiver([500, 204])`` answers so, and 204 from then on."""
    made: list[Receiver] = []

    def make(statuses: Iterable[int] = ()) -> Receiver:
        made.append(Receiver(statuses))
        return made[-1]

    yield make
    for one in made:
        one.close()
