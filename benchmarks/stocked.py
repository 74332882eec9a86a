"""The service over a store that is full: the table of what it must show, beside a bare FastAPI echo of the same bodies.

    python -m benchmarks.stocked --items 1000000

The store is written by ``benchmarks.stock``, or named with --database. Checks are of pages of 1,000 words, made of the
sample archive's sentences; what is ingested has the length of newswire. This process only sends and measures.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
from rich.console import Console
from rich.table import Table

from benchmarks.service import ROOT, Measured, free_port, load, running
from benchmarks.stock import stock

_PER_SECOND = 20
_BATCH = 2_000


def _sentences() -> list[str]:
    lines = (ROOT / "fixtures" / "archive.jsonl").read_text().splitlines()
    bodies = (item["body"] for item in map(json.loads, lines) if "<" not in item["body"])
    return [one for body in bodies for one in re.split(r"(?<=[.!?])\s+", body) if 6 <= len(one.split()) <= 40]


def _text(chance: random.Random, sentences: list[str], words: int, paragraph: str) -> str:
    chosen: list[str] = []
    while sum(len(one.split()) for one in chosen) < words:
        chosen.append(re.sub(r"\d+", lambda _: str(chance.randint(2, 9_999)), chance.choice(sentences)))
    return "".join(paragraph.format(" ".join(chosen[k : k + 3])) for k in range(0, len(chosen), 3))


def _bodies(prefix: str, count: int, words: int, paragraph: str) -> list[bytes]:
    chance, sentences = random.Random(prefix), _sentences()
    frame = "<html><body><nav><a href='/'>Home</a> <a href='/news'>News</a></nav><article>{}</article></body></html>"
    made = []
    for number in range(count):
        text = _text(chance, sentences, words, paragraph)
        body = frame.format(text) if paragraph.startswith("<p>") else text
        made.append(json.dumps({"id": f"{prefix}-{number}", "source": "bench", "body": body}).encode())
    return made


async def _paced(port: int, bodies: list[bytes], seconds: float) -> Measured:
    """So many requests a second, whether the ones before were answered or not."""
    measured = Measured(seconds)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:

        async def one(body: bytes) -> None:
            started = time.perf_counter()
            answer = await client.post("/v1/check", content=body, headers={"Content-Type": "application/json"})
            measured.latencies.append(time.perf_counter() - started)
            measured.statuses[answer.status_code] += 1

        calls = []
        begun = time.perf_counter()
        for number in range(int(seconds * _PER_SECOND)):
            await asyncio.sleep(max(0.0, begun + number / _PER_SECOND - time.perf_counter()))
            calls.append(asyncio.create_task(one(bodies[number % len(bodies)])))
        await asyncio.gather(*calls)
    return measured


def _memory(database: Path) -> float:
    """Gigabytes that the server and its workers have to themselves, and their part of what they share (PSS)."""
    total = 0
    for folder in Path("/proc").iterdir():
        try:
            command = (folder / "cmdline").read_bytes()
            parent = (folder / "stat").read_text().split(") ")[1].split()[1] if folder.name.isdigit() else ""
            if str(database).encode() in command or _is_worker(parent, database):
                total += int(re.findall(r"^Pss:\s+(\d+)", (folder / "smaps_rollup").read_text(), re.MULTILINE)[0])
        except (OSError, IndexError):
            continue
    return total / 1e6


def _is_worker(parent: str, database: Path) -> bool:
    return bool(parent) and str(database).encode() in (Path("/proc") / parent / "cmdline").read_bytes()


def _batch(client: httpx.Client, lines: list[bytes]) -> float:
    """Items a second of a batch, from its first byte to its last line."""
    started = time.perf_counter()
    sent = client.post("/v1/batches", content=b"\n".join(lines), headers={"Content-Type": "application/x-ndjson"})
    with client.stream("GET", sent.raise_for_status().json()["events"]) as events:
        for _ in events.iter_lines():
            pass
    done = client.get(sent.headers["location"]).json()
    if done["done"] != len(lines):
        raise SystemExit(f"the batch was not done: {done}")
    return len(lines) / (time.perf_counter() - started)


def measure(database: Path, seconds: float) -> Iterator[tuple[str, str, str]]:
    """Rows of the table: what, the floor, and what was measured."""
    port, echo = free_port(), free_port()
    pages = _bodies("page", 200, 1_000, "<p>{}</p>\n")
    with running([sys.executable, "-m", "benchmarks.service", "--echo", str(echo)], echo, "/openapi.json"):
        bare = asyncio.run(load(echo, "/echo", pages, seconds / 2, 8))
    echoed = len(bare.latencies) / bare.seconds
    yield "bare echo of the same pages, a second", "", f"{echoed:.0f}"
    started = time.perf_counter()
    command = [sys.executable, "-m", "service", "--port", str(port), "--database", str(database)]
    with running(command, port, "/readyz"), httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=600) as client:
        yield "ready after a restart, s", "≤ 15", f"{time.perf_counter() - started:.1f}"
        client.post("/v1/check", content=pages[0], headers={"Content-Type": "application/json"}).raise_for_status()
        paced = asyncio.run(_paced(port, pages, seconds))
        shown = f"{paced.percentile(0.5):.1f} / {paced.percentile(0.99):.1f}"
        yield f"check, {_PER_SECOND} a second: p50 / p99 ms", "≤ 15 / 60", shown
        full = asyncio.run(load(port, "/v1/check", pages, seconds, 8))
        rate = len(full.latencies) / full.seconds
        yield "saturated checks a second", "≥ 150", f"{rate:.0f} ({rate / echoed:.2f} of the echo)"
        single = asyncio.run(load(port, "/v1/items", _bodies("single", 6_000, 150, "{}\n\n"), seconds, 8))
        yield "durable ingest a second, single", "≥ 60", f"{single.statuses[201] / single.seconds:.0f}"
        yield "durable ingest a second, batch", "≥ 400", f"{_batch(client, _bodies('batch', _BATCH, 150, '{} ')):.0f}"
        yield "memory, GB (PSS, workers included)", "≤ 1.5", f"{_memory(database):.2f}"
        answers = paced.statuses + full.statuses + single.statuses
        yield "answers by status", "no 5xx", ", ".join(f"{status}: {n}" for status, n in sorted(answers.items()))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--items", type=int, default=1_000_000)
    parser.add_argument("--database", type=Path, help="a store that benchmarks.stock has written, to be used again")
    parser.add_argument("--seconds", type=float, default=20.0, help="for each measurement")
    arguments = parser.parse_args()
    table = Table("", "floor", "measured", title=f"{arguments.items:,} stored items")
    with tempfile.TemporaryDirectory() as folder:
        database = arguments.database or Path(folder) / "items.db"
        if not database.exists():
            stock(database, arguments.items)
        for row in measure(database, arguments.seconds):
            print(*row, sep="\t", flush=True)
            table.add_row(*row)
    Console(width=100).print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
