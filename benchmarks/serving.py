"""What the service does with a million stored items, beside a bare FastAPI echo of the same bodies, and under a flood.

Checks are of real news pages, cut to 1,000 words; what is ingested is real newswire (``--data``: pages and archive).
The store is of ``benchmarks.stock``.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import re
import sys
import time
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

import httpx

from benchmarks.loads import Measured, flood, free_port, load, paced, running

Row = tuple[str, str, str, str]  # what, floor, aim, measured

_PER_SECOND = 20
_WORDS = 1_000
_SINGLES, _BATCH = 8_000, 4_000
_CONNECTIONS = 8
_FLOOD = 6_000  # connections, of which some 5,000 wait for an answer at a time
_TIMES = 10
_FLOOD_SECONDS = 60.0


def pages(data: Path) -> list[bytes]:
    """Requests with pages of 1,000 words of news, each under an id of its own."""
    frame = "<html><body><nav><a href='/'>Home</a> <a href='/news'>News</a></nav><article>{}</article></body></html>"
    made = []
    for article in _rows(data / "pages" / "articles.jsonl.gz"):
        left, kept = _WORDS, []
        for paragraph in article["main_content"].splitlines():
            words = paragraph.split()[:left]
            left -= len(words)
            kept.append(f"<p>{escape(' '.join(words))}</p>" if words else "")
        if not left:
            item = {"id": f"page-{len(made)}", "source": "bench", "body": frame.format("\n".join(kept))}
            made.append(json.dumps(item).encode())
    return made


def wire(data: Path, first: int, count: int) -> list[bytes]:
    """Requests with newswire items."""
    made = []
    for number, row in enumerate(_rows(data / "archive" / "reuters.jsonl.gz")):
        if first <= number < first + count:
            item = {"id": f"wire-{number}", "source": "wire", "title": row["title"], "body": row["text"]}
            made.append(json.dumps(item).encode())
    return made


def _rows(file: Path) -> Iterator[dict[str, str]]:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def speed(database: Path, data: Path, seconds: float) -> Iterator[Row]:
    """Latency, throughput, memory and restart over the items in ``database``, which are added to."""
    bodies = pages(data)
    echoed = _echo(bodies, seconds / 2)
    yield "bare FastAPI echo of the same pages, a second", "", "", f"{echoed:.0f}"
    port = free_port()
    started = time.perf_counter()
    with running(_server(port, database), port, "/readyz") as process:
        yield "ready after a restart, s", "≤ 15", "", f"{time.perf_counter() - started:.1f}"
        yield from _checks(port, bodies, seconds, echoed)
        yield from _ingest(port, data, seconds)
        yield "memory, GB (server and workers, PSS)", "≤ 1.5", "0.8", f"{_memory(process):.2f}"


def _checks(port: int, bodies: Sequence[bytes], seconds: float, echoed: float) -> Iterator[Row]:
    asyncio.run(paced(port, "/v1/check", bodies, 2, _PER_SECOND))  # every worker has read one
    slow = asyncio.run(paced(port, "/v1/check", bodies, seconds, _PER_SECOND))
    shown = f"{slow.percentile(0.5):.1f} / {slow.percentile(0.99):.1f}{_unlike_200(slow)}"
    yield f"check of {_WORDS:,} words of HTML, {_PER_SECOND} a second: p50 / p99 ms", "≤ 15 / 60", "6 / 25", shown
    full = asyncio.run(load(port, "/v1/check", bodies, seconds, _CONNECTIONS))
    rate = len(full.latencies) / full.seconds
    ratio = f"{rate:.0f} ({rate / echoed:.3f} of the echo){_unlike_200(full)}"
    yield "saturated checks a second", "≥ 150", "400", ratio


def _ingest(port: int, data: Path, seconds: float) -> Iterator[Row]:
    single = asyncio.run(load(port, "/v1/items", wire(data, 0, _SINGLES), seconds, _CONNECTIONS))
    yield "durable ingest a second, single requests", "≥ 60", "200", f"{single.statuses[201] / single.seconds:.0f}"
    yield "durable ingest a second, a batch", "≥ 400", "1,000", f"{_batch(port, wire(data, _SINGLES, _BATCH)):.0f}"


def overload(database: Path, data: Path) -> Iterator[Row]:
    """Ten times as many checks as it can do, for a minute: nobody waits as Retry-After asks."""
    bodies, port = pages(data), free_port()
    with running(_server(port, database), port, "/readyz"):
        asyncio.run(load(port, "/v1/check", bodies, 5, _CONNECTIONS))  # so that the gate has seen how fast it goes
        peak = asyncio.run(load(port, "/v1/check", bodies, 15, _CONNECTIONS))
        most = peak.statuses[200] / peak.seconds
        flooded = asyncio.run(flood(port, "/v1/check", bodies, _FLOOD_SECONDS, _TIMES * most, _FLOOD))
    through = flooded.statuses[200] / flooded.seconds
    sent = flooded.statuses.total() / flooded.seconds
    statuses = ", ".join(f"{status}: {number:,}" for status, number in sorted(flooded.statuses.items()))
    what = f"{_TIMES}× overload for {_FLOOD_SECONDS:g} s: goodput, share of the peak"
    yield what, "≥ 80%", "90%", f"{through / most:.0%} ({through:.0f} of {most:.0f} a second; {sent:.0f} sent)"
    said = f"{statuses}; {flooded.broken} broken; p99 of those let in {flooded.percentile(0.99):.0f} ms"
    yield "answers under overload", "no 5xx but 503", "", said


def _echo(bodies: Sequence[bytes], seconds: float) -> float:
    port = free_port()
    with running([sys.executable, "-m", "benchmarks.loads", str(port)], port, "/openapi.json"):
        bare = asyncio.run(load(port, "/echo", bodies, seconds, _CONNECTIONS))
    return len(bare.latencies) / bare.seconds


def _server(port: int, database: Path) -> list[str]:
    return [sys.executable, "-m", "service", "--port", str(port), "--database", str(database)]


def _unlike_200(measured: Measured) -> str:
    others = {status: number for status, number in measured.statuses.items() if status != 200}
    return f"; beside 200: {others}" if others else ""


def _batch(port: int, lines: list[bytes]) -> float:
    """Items a second of a batch, from its first byte to its last line."""
    started = time.perf_counter()
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=600) as client:
        sent = client.post("/v1/batches", content=b"\n".join(lines), headers={"Content-Type": "application/x-ndjson"})
        with client.stream("GET", sent.raise_for_status().json()["events"]) as events:
            for _ in events.iter_lines():
                pass
        done = client.get(sent.headers["location"]).json()
    if done["done"] != len(lines):
        raise SystemExit(f"the batch was not done: {done}")
    return len(lines) / (time.perf_counter() - started)


def _memory(process: int) -> float:
    """Gigabytes that a server and its workers have to themselves, and their part of what they share (PSS)."""
    total = 0
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and (int(folder.name) == process or _parent(folder) == process):
            total += int(re.findall(r"^Pss:\s+(\d+)", (folder / "smaps_rollup").read_text(), re.MULTILINE)[0])
    return total / 1e6


def _parent(folder: Path) -> int:
    try:
        return int((folder / "stat").read_text().rpartition(") ")[2].split()[1])
    except OSError:  # it ended meanwhile
        return 0
