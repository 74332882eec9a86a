"""A real server in its own process, called over a socket."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from secrets import token_hex
from typing import Any, NoReturn

import httpx
import pytest
from sqlalchemy import create_engine, make_url

ROOT = Path(__file__).parents[1]
CHROMIUM = os.environ.get("COPYTASTER_TEST_CHROMIUM", "/usr/bin/chromium")
_FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
)
START_SECONDS = 400  # the first start of all compiles the kernels


class Server:
    """``python -m service`` on a free port."""

    def __init__(self, database: Path, url: str | None = None, **settings: str) -> None:
        """``url``: of a database elsewhere; ``database`` then only says where the log goes."""
        self.database = database
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        environment = {f"COPYTASTER_{name.upper()}": value for name, value in settings.items()}
        self.log = database.with_suffix(".log")
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-m", "service", "--port", str(self.port), "--database", url or str(database)],
                cwd=ROOT,
                env=os.environ | {"COPYTASTER_WORKERS": "1"} | environment,
                stdout=log,
                stderr=log,
            )
        self._wait_until_ready()

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(self.log.read_text())
            try:
                if httpx.get(f"{self.url}/readyz").status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.1)
        raise TimeoutError(self.log.read_text())

    def client(self) -> httpx.Client:
        return httpx.Client(base_url=self.url, timeout=60)

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(30)

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(30)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def archive() -> dict[str, dict[str, Any]]:
    """The sample archive by id; a test that stores items takes stories that no other test takes."""
    lines = (ROOT / "fixtures" / "archive.jsonl").read_text().splitlines()
    return {item["id"]: item for item in map(json.loads, lines)}


@pytest.fixture(scope="session")
def server_class() -> type[Server]:
    """For fixtures that start servers; a test takes ``start_server``."""
    return Server


@pytest.fixture
def start_server() -> Iterator[Callable[..., Server]]:
    """Starts a server of the test's own, ``start_server(database, setting="value")``, that does not outlive it."""
    started: list[Server] = []

    def start(database: Path, **settings: str) -> Server:
        started.append(Server(database, **settings))
        return started[-1]

    yield start
    for server in started:
        server.kill()


@pytest.fixture(scope="session")
def new_postgres() -> Iterator[Callable[[], str]]:
    """Makes empty PostgreSQL databases of these tests' own; each call gives the URL of one."""
    given = os.environ.get("COPYTASTER_TEST_POSTGRES")
    if not given:
        if os.environ.get("CI"):
            pytest.fail("COPYTASTER_TEST_POSTGRES names no PostgreSQL, and in CI these tests must run")
        pytest.skip("COPYTASTER_TEST_POSTGRES names no PostgreSQL")
    engine = create_engine(make_url(given).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    made: list[str] = []

    def make() -> str:
        made.append(f"copytaster_{token_hex(4)}")
        with engine.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {made[-1]}")
        return make_url(given).set(drivername="postgresql", database=made[-1]).render_as_string(hide_password=False)

    yield make
    with engine.connect() as connection:
        for name in made:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    engine.dispose()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all tests that do not stop it."""
    running = Server(tmp_path_factory.mktemp("service") / "items.db")
    yield running
    running.stop()


@pytest.fixture
def client(server: Server) -> Iterator[httpx.Client]:
    with server.client() as client:
        yield client


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A real Chromium, for one module: Playwright's event loop must not outlive it in a process that has others."""
    try:
        from playwright.sync_api import sync_playwright  # noqa: PLC0415  # a user need not have it
    except ModuleNotFoundError:
        absent("playwright is not installed: pip install playwright")
    if shutil.which(CHROMIUM) is None:
        absent(f"there is no Chromium at {CHROMIUM}; COPYTASTER_TEST_CHROMIUM names another")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=list(_FLAGS))
        yield running
        running.close()


def absent(why: str) -> NoReturn:
    """Skip where a component is absent; in CI that is a failure."""
    if os.environ.get("CI"):
        pytest.fail(f"{why}; in CI these tests must run")
    pytest.skip(why)
