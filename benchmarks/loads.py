"""Load on a server in a process of its own, and what came of it; a bare FastAPI echo to hold it beside.

python -m benchmarks.loads 8080     # the echo
"""

from __future__ import annotations

import asyncio
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
            started = time.perf_counter()
            writer.write(_request(path, body))
            status = await answer(reader)
            into.latencies.append(time.perf_counter() - started)
            into.statuses[status] += 1
    except (ConnectionError, asyncio.IncompleteReadError):
        into.broken += 1
    finally:
        writer.close()


def _request(path: str, body: bytes) -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


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
def running(command: Sequence[str], port: int, ready: str) -> Iterator[int]:
    """A server for as long as the block lasts; its process id."""
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)  # noqa: S603
        try:
            while not _is_ready(f"http://127.0.0.1:{port}{ready}"):
                if process.poll() is not None:
                    log.seek(0)
                    raise SystemExit(f"{' '.join(command)} ended with status {process.returncode}\n{log.read()}")
                time.sleep(0.1)
            yield process.pid
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


async def paced(port: int, path: str, bodies: Sequence[bytes], seconds: float, rate: float) -> Measured:
    """``rate`` requests a second, whether the ones before were answered or not."""
    measured = Measured(seconds)
    idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def one(body: bytes) -> None:
        reader, writer = idle.pop() if idle else await asyncio.open_connection("127.0.0.1", port)
        started = time.perf_counter()
        writer.write(_request(path, body))
        status = await answer(reader)
        measured.latencies.append(time.perf_counter() - started)
        measured.statuses[status] += 1
        idle.append((reader, writer))

    calls = []
    begun = time.perf_counter()
    for number in range(int(seconds * rate)):
        await asyncio.sleep(max(0.0, begun + number / rate - time.perf_counter()))
        calls.append(asyncio.create_task(one(bodies[number % len(bodies)])))
    await asyncio.gather(*calls)
    for _, writer in idle:
        writer.close()
    return measured


async def flood(
    port: int, path: str, bodies: Sequence[bytes], seconds: float, rate: float, connections: int
) -> Measured:
    """``rate`` requests a second over so many connections, on each one after the other; only 200s are timed."""
    measured = Measured(seconds)
    until = time.perf_counter() + seconds
    gap = connections / rate
    await asyncio.gather(*(_flooding(port, path, bodies, gap, until, measured, n) for n in range(connections)))
    return measured


async def _flooding(
    port: int, path: str, bodies: Sequence[bytes], gap: float, until: float, into: Measured, turn: int
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    following = time.perf_counter() + gap * (turn % 97) / 97
    try:
        while time.perf_counter() < until:
            await asyncio.sleep(max(0.0, following - time.perf_counter()))
            following += gap
            body = bodies[turn % len(bodies)]
            turn += 1
            started = time.perf_counter()
            writer.write(_request(path, body))
            status = await answer(reader)
            into.statuses[status] += 1
            if status == 200:
                into.latencies.append(time.perf_counter() - started)
    except (ConnectionError, asyncio.IncompleteReadError):
        into.broken += 1
    finally:
        writer.close()


def serve_echo(port: int) -> None:
    """A FastAPI app that gives back the JSON that it gets."""
    app = FastAPI()

    @app.post("/echo")
    async def echo(body: dict[str, Any]) -> dict[str, Any]:
        return body

    uvicorn.run(app, port=port, log_level="warning")


if __name__ == "__main__":
    serve_echo(int(sys.argv[1]))
