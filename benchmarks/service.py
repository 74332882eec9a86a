"""Load on the service: checks of the sample archive over several connections, beside a bare FastAPI echo.

    python benchmarks/service.py --seconds 30

This process only sends and measures; the service and the echo run in processes of their own. Exit status 1 means
that an answer was a server error, or that a connection broke.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[1]


@dataclass
class Measured:
    """What one target did under load."""

    seconds: float
    statuses: Counter[int] = field(default_factory=Counter)
    latencies: list[float] = field(default_factory=list)  # seconds
    broken: int = 0  # connections that ended in the middle of an answer

    def percentile(self, share: float) -> float:
        """Milliseconds within which this share of the requests was answered."""
        ordered = sorted(self.latencies)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")

    @property
    def failed(self) -> bool:
        """Whether anything went wrong on the server's side."""
        return self.broken > 0 or any(status >= 500 for status in self.statuses)


async def _connection(port: int, path: str, bodies: Sequence[bytes], until: float, into: Measured, offset: int) -> None:
    """Send one request after the other over one connection; plain sockets, for a client library costs more than it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    turn = offset
    try:
        while time.perf_counter() < until:
            body = bodies[turn % len(bodies)]
            turn += 1
            head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            started = time.perf_counter()
            writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
            status = await answer(reader)
            into.latencies.append(time.perf_counter() - started)
            into.statuses[status] += 1
    except (ConnectionError, asyncio.IncompleteReadError):
        into.broken += 1
    finally:
        writer.close()


async def answer(reader: asyncio.StreamReader) -> int:
    """The status of the answer that comes next, which is read to its end."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    length = int(head.partition("content-length:")[2].partition("\r\n")[0])
    await reader.readexactly(length)
    return int(head.split(" ", 2)[1])


async def load(port: int, path: str, bodies: Sequence[bytes], seconds: float, connections: int) -> Measured:
    """Keep ``connections`` busy for ``seconds``."""
    measured = Measured(seconds)
    until = time.perf_counter() + seconds
    starts = (number * len(bodies) // connections for number in range(connections))
    await asyncio.gather(*(_connection(port, path, bodies, until, measured, start) for start in starts))
    return measured


@contextmanager
def running(command: Sequence[str], port: int, ready: str) -> Iterator[None]:
    """A server for as long as the block lasts."""
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)  # noqa: S603
        try:
            while not _is_ready(f"http://127.0.0.1:{port}{ready}"):
                if process.poll() is not None:
                    log.seek(0)
                    raise SystemExit(f"{' '.join(command)} ended with status {process.returncode}\n{log.read()}")
                time.sleep(0.1)
            yield
        finally:
            process.terminate()
            process.wait(30)


def _is_ready(url: str) -> bool:
    try:
        return httpx.get(url).status_code == 200
    except httpx.TransportError:
        return False


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def measure_service(items: Sequence[dict[str, Any]], arguments: argparse.Namespace) -> Measured:
    """Admit the archive, then check every item of it under another id, so that most have something to match."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "service", "--port", str(port), "--database", f"{folder}/items.db"]
        with running([*command, "--workers", str(arguments.workers)], port, "/readyz"):
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
                for item in items:
                    client.post("/v1/items", json=item).raise_for_status()
            bodies = [json.dumps(item | {"id": f"again-{item['id']}"}).encode() for item in items]
            return asyncio.run(load(port, "/v1/check", bodies, arguments.seconds, arguments.connections))


def measure_echo(items: Sequence[dict[str, Any]], arguments: argparse.Namespace) -> Measured:
    """What the framework costs on the same bodies."""
    port = free_port()
    bodies = [json.dumps(item).encode() for item in items]
    with running([sys.executable, __file__, "--echo", str(port)], port, "/openapi.json"):
        return asyncio.run(load(port, "/echo", bodies, min(5.0, arguments.seconds), arguments.connections))


def serve_echo(port: int) -> None:
    """A FastAPI app that gives back the JSON that it gets."""
    app = FastAPI()

    @app.post("/echo")
    async def echo(body: dict[str, Any]) -> dict[str, Any]:
        return body

    uvicorn.run(app, port=port, log_level="warning")


def report(results: dict[str, Measured]) -> None:
    """Print the table."""
    table = Table(title=f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    for heading in ("", "seconds", "requests", "a second", "p50 ms", "p99 ms", "max ms", "by status", "broken"):
        table.add_column(heading, justify="right")
    for name, measured in results.items():
        count = len(measured.latencies)
        shares = [f"{measured.percentile(share):.1f}" for share in (0.5, 0.99, 1.0)]
        statuses = ", ".join(f"{status}: {number}" for status, number in sorted(measured.statuses.items()))
        rate = f"{count / measured.seconds:.0f}"
        table.add_row(name, f"{measured.seconds:g}", str(count), rate, *shares, statuses, str(measured.broken))
    Console(width=110).print(table)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--workers", type=int, default=2, help="the service's processes that examine items")
    parser.add_argument("--archive", type=Path, default=ROOT / "fixtures" / "archive.jsonl")
    parser.add_argument("--echo", type=int, metavar="PORT", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.echo is not None:
        serve_echo(arguments.echo)
        return 0
    items = [json.loads(line) for line in arguments.archive.read_text().splitlines()]
    results = {"echo": measure_echo(items, arguments), "POST /v1/check": measure_service(items, arguments)}
    report(results)
    return int(any(measured.failed for measured in results.values()))


if __name__ == "__main__":
    sys.exit(main())
