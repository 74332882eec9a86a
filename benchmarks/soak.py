"""Mixed load at a moderate rate for a long time: does memory grow, do files stay open, do answers get slower?

    python -m benchmarks.soak --minutes 30 --rate 8

Checks, items, updates, batches, decisions, feeds and pages of the review are asked of a real server at a steady rate,
over a store of so many items that what the server keeps at hand of the last ones has reached its bound before.
Every five seconds the memory of the server and its workers and the server's open files are read. Where the machine
itself stood still (this process was not run for half a second or more), answers that were under way then are counted
apart, for they measure the machine. Exit status 1: memory grows by 1 MB a minute or more after the warm-up, files pile
up, an answer was wrong, or the last five minutes' 99th percentile is twice the first's or more.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import random
import re
import statistics
import sys
import tempfile
import time
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from benchmarks.faults_load import story
from benchmarks.faults_server import Control, Server

_STILL = 0.5  # seconds that this process was not run, from which on the machine stood still
_LOOK = 5.0  # seconds between two looks at memory and files
_FLOOR = 1.0  # MB a minute
_FILES = 8  # more open files at the end than after the warm-up, at most
_WINDOW = 300.0
_BEFORE, _TOGETHER = 10_000, 1_000  # items that are stored before, and of a batch
_FOOTER = "Printed on Fridays by the Aldwick Press, 4 Mill Lane. All times are local."


@dataclass
class Seen:
    """What was measured; times in seconds since the start."""

    answers: list[tuple[float, float, str]] = field(default_factory=list)  # asked at, took, what
    statuses: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    memory: list[tuple[float, float]] = field(default_factory=list)  # at, MB of all processes
    server: list[tuple[float, float]] = field(default_factory=list)  # at, MB of the server alone
    files: list[tuple[float, int]] = field(default_factory=list)
    stills: list[tuple[float, float]] = field(default_factory=list)  # from, to
    late: int = 0  # requests that were not sent, for too many were under way


class Visitor:
    """Asks one thing after the other, as newsrooms and their machines do."""

    def __init__(self, client: httpx.AsyncClient, seed: int) -> None:
        self._client, self._chance = client, random.Random(seed)
        self._stored: list[tuple[str, str]] = []  # id, text
        self._number = 0
        self._acts = {
            self.check: 36, self.admit: 20, self.admit_a_copy: 6, self.revise: 5, self.batch: 0.4, self.decide: 2.6,
            self.read: 6, self.feed: 8, self.queue: 8, self.page: 8,
        }  # fmt: skip

    async def act(self) -> httpx.Response:
        """One request, drawn by weight."""
        (act,) = self._chance.choices(list(self._acts), weights=list(self._acts.values()))
        return await act()

    async def fill(self, count: int) -> None:
        """Store so many items in batches, each once the one before is done."""
        for start in range(0, count, _TOGETHER):
            rows = [
                {"id": f"before-{start + n}", "body": self._text(), "source": f"paper {self._chance.randint(1, 20)}"}
                for n in range(_TOGETHER)
            ]
            lines = "".join(json.dumps(row) + "\n" for row in rows)
            headers = {"Content-Type": "application/x-ndjson"}
            sent = await self._client.post("/v1/batches", content=lines, headers=headers)
            while (await self._client.get(sent.raise_for_status().headers["location"])).json()["state"] != "done":
                await asyncio.sleep(0.2)

    def _text(self) -> str:
        return f"{story(self._chance)}\n\n{story(self._chance)}\n\n{_FOOTER}"

    def _one(self) -> tuple[str, str]:
        return self._chance.choice(self._stored[-500:])

    async def check(self) -> httpx.Response:
        page = f"<html><body><nav><a href=/>Home</a></nav><article><h1>News</h1><p>{self._text()}</p></article></body>"
        return await self._client.post("/v1/check?html=true", json={"id": "checked", "body": page})

    async def admit(self) -> httpx.Response:
        return await self._store(self._text())

    async def admit_a_copy(self) -> httpx.Response:
        return await self._store(self._one()[1] if self._stored else self._text())

    async def _store(self, text: str) -> httpx.Response:
        self._number += 1
        name = f"item-{self._number}"
        source = f"paper {self._chance.randint(1, 20)}"
        answer = await self._client.post("/v1/items", json={"id": name, "body": text, "source": source})
        if answer.status_code == 201:
            self._stored = [*self._stored[-999:], (name, text)]
        return answer

    async def revise(self) -> httpx.Response:
        if not self._stored:
            return await self.admit()
        return await self._client.put(f"/v1/items/{self._one()[0]}", json={"body": self._text(), "source": "paper 1"})

    async def batch(self) -> httpx.Response:
        self._number += 1
        rows = [{"id": f"batch-{self._number}-{line}", "body": self._text()} for line in range(12)]
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        return await self._client.post("/v1/batches", content=lines, headers={"Content-Type": "application/x-ndjson"})

    async def decide(self) -> httpx.Response:
        if not self._stored:
            return await self.admit()
        decision = {"item_id": self._one()[0], "decision": self._chance.choice(("publish", "review")), "why": "soak"}
        return await self._client.post("/v1/decisions", json=decision)

    async def read(self) -> httpx.Response:
        return await self._client.get(f"/v1/items/{self._one()[0]}" if self._stored else "/v1/items?limit=5")

    async def feed(self) -> httpx.Response:
        return await self._client.get(self._chance.choice(("/feed.atom", "/feed.rss", "/feed.json?source=paper%201")))

    async def queue(self) -> httpx.Response:
        return await self._client.get(self._chance.choice(("/review", "/review/overview", "/review/decisions")))

    async def page(self) -> httpx.Response:
        return await self._client.get("/review/item", params={"id": self._one()[0] if self._stored else "none"})


async def _ask(visitor: Visitor, began: float, seen: Seen) -> None:
    at = time.monotonic() - began
    try:
        answer = await visitor.act()
    except httpx.TransportError as error:
        seen.wrong.append(f"{type(error).__name__} after {at:.0f} s")
        return
    what = f"{answer.request.method} {answer.request.url.path.split('/item')[0]}"
    seen.statuses[str(answer.status_code)] += 1
    seen.answers.append((at, time.monotonic() - began - at, what))
    turned_away = answer.status_code == 503 and "retry-after" in answer.headers  # after a standstill, rightly
    nothing_yet = answer.status_code == 404 and at < _LOOK
    if answer.status_code not in (200, 201, 202) and not turned_away and not nothing_yet:
        seen.wrong.append(f"{what}: {answer.status_code} {answer.text[:200]} after {at:.0f} s")


async def _note_stills(began: float, seen: Seen) -> None:
    last = time.monotonic()
    while True:
        await asyncio.sleep(0.05)
        now = time.monotonic()
        if now - last > _STILL:
            seen.stills.append((last - began, now - began))
        last = now


async def _look(server: Server, began: float, seen: Seen) -> None:
    while True:
        at = time.monotonic() - began
        own = _resident(server.pid)
        seen.server.append((at, own))
        seen.memory.append((at, own + sum(_resident(pid) for pid in server.workers())))
        seen.files.append((at, len(list(Path(f"/proc/{server.pid}/fd").iterdir()))))
        await asyncio.sleep(_LOOK)


def _resident(pid: int) -> float:
    """Memory of its own in MB: what it shares with others, files above all, hangs on who else runs."""
    try:
        found = re.search(r"^RssAnon:\s+(\d+)", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    except OSError:
        return 0.0
    return int(found[1]) / 1000 if found else 0.0


async def soak(server: Server, minutes: float, rate: float, seed: int) -> Seen:
    """``rate`` requests a second for so many minutes, at most 32 under way."""
    seen = Seen()
    limits = httpx.Limits(max_connections=32)
    async with httpx.AsyncClient(base_url=server.url, timeout=60, limits=limits) as client:
        visitor = Visitor(client, seed)
        await visitor.fill(_BEFORE)
        began = time.monotonic()
        beside = [asyncio.create_task(_note_stills(began, seen)), asyncio.create_task(_look(server, began, seen))]
        under_way: set[asyncio.Task[None]] = set()
        following = began
        while time.monotonic() - began < 60 * minutes:
            # After a standstill it goes on at the same rate, and does not make up for what was not sent.
            following = max(following + 1 / rate, time.monotonic() - 1 / rate)
            await asyncio.sleep(max(0.0, following - time.monotonic()))
            if len(under_way) >= 32:
                seen.late += 1
                continue
            task = asyncio.create_task(_ask(visitor, began, seen))
            under_way.add(task)
            task.add_done_callback(under_way.discard)
        await asyncio.gather(*under_way)
        for task in beside:
            task.cancel()
    return seen


def _slope(points: list[tuple[float, float]], since: float) -> float:
    """A minute's growth, by least squares."""
    later = [(at / 60, value) for at, value in points if at >= since]
    return statistics.linear_regression(*zip(*later, strict=True)).slope


def _undisturbed(seen: Seen) -> list[tuple[float, float, str]]:
    """Answers during which the machine did not stand still, nor in the second before."""
    ends = [end for _, end in seen.stills]

    def is_free(at: float, took: float) -> bool:
        place = bisect_right(ends, at - 1)
        return place == len(ends) or seen.stills[place][0] > at + took

    return [(at, took, what) for at, took, what in seen.answers if is_free(at, took)]


def _p99(times: list[float]) -> float:
    ordered = sorted(times)
    return 1000 * ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))] if ordered else float("nan")


def report(seen: Seen, minutes: float, rate: float, stored: int) -> list[str]:
    """Print what was measured; what fails."""
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    sent = f"{len(seen.answers)} answered, {seen.late} not sent, {stored} items in the store"
    print(f"{machine}; {rate:g} requests a second for {minutes:g} minutes, {sent}")
    still = sum(to - since for since, to in seen.stills)
    print(f"the machine stood still {len(seen.stills)} times, {still:.0f} s in all")
    free = _undisturbed(seen)
    headings = ("minutes", "answers", "disturbed", "p50 ms", "p99 ms", "p99 of all", "MB", "files")
    print("".join(f"{heading:>12}" for heading in headings))
    windows = []
    for start in range(0, int(60 * minutes), int(_WINDOW)):
        within = [took for at, took, _ in free if start <= at < start + _WINDOW]
        everything = [took for at, took, _ in seen.answers if start <= at < start + _WINDOW]
        memory = [mb for at, mb in seen.memory if start <= at < start + _WINDOW]
        files = [count for at, count in seen.files if start <= at < start + _WINDOW]
        if not within or not memory:
            continue
        windows.append(_p99(within))
        times = (1000 * statistics.median(within), windows[-1], _p99(everything), statistics.median(memory))
        name = f"{start // 60}-{(start + _WINDOW) / 60:g}"
        cells = (name, len(everything), len(everything) - len(within), *(f"{time:.0f}" for time in times), max(files))
        print("".join(f"{cell:>12}" for cell in cells))
    warm = min(_WINDOW, 60 * minutes / 3)
    slope, own = _slope(seen.memory, warm), _slope(seen.server, warm)
    first = max((count for at, count in seen.files if warm <= at < warm + _WINDOW), default=0)
    last = max(count for at, count in seen.files if at >= seen.files[-1][0] - _WINDOW)
    grows = f"memory grows by {slope:+.2f} MB a minute after {warm / 60:g} minutes, the server's own by {own:+.2f}"
    print(f"{grows}; open files {first} then, {last} at the end")
    print("answers: " + ", ".join(f"{status}: {count}" for status, count in seen.statuses.most_common()))
    failing = [f"memory grows by {slope:.2f} MB a minute"] if slope >= _FLOOR else []
    away = seen.statuses["503"]
    failing += [f"{away} requests were turned away"] if away > 0.01 * len(seen.answers) and not seen.stills else []
    failing += [f"open files went from {first} to {last}"] if last > first + _FILES else []
    failing += [f"p99 went from {windows[0]:.0f} to {windows[-1]:.0f} ms"] if windows[-1] >= 2 * windows[0] else []
    return failing + [f"{one} ({count} times)" for one, count in Counter(seen.wrong).most_common(10)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--rate", type=float, default=8.0, help="requests a second")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--log", type=Path, help="where the server's log goes")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="soak-") as name:
        folder = Path(name)
        control = Control(folder / "control")
        server = Server(folder, str(folder / "items.db"), control, None, examine_seconds="30", queue_seconds="10")
        server.start()
        try:
            seen = asyncio.run(soak(server, arguments.minutes, arguments.rate, arguments.seed))
            metrics = httpx.get(f"{server.url}/metrics", timeout=60).text
        finally:
            server.end()
            if arguments.log:
                arguments.log.write_bytes(server.log.read_bytes())
    stored = sum(
        float(n) for n in re.findall(r'^copytaster_verdicts_total\{.*status="(?!checked).*\} (\S+)$', metrics, re.M)
    )
    failing = report(seen, arguments.minutes, arguments.rate, int(stored))
    for one in failing:
        print(f"  {one}")
    return int(bool(failing))


if __name__ == "__main__":
    sys.exit(main())
