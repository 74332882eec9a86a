"""What each attack costs, and what the neighbours of an attacker notice.

    python -m benchmarks.hostile [pages|files|neighbours] [--seconds 20] [--write]

``pages``, ``files``: every page and text, every feed and packed file of fixtures/attacks in its known form and ten
times as large, each in a process of its own that is warm as a worker of the service is: seconds of that process, and by
how many MB it grew beyond what it had with the attack in hand. A body of more than 4 MiB never reaches a worker of the
service (413).
``neighbours``: the 99th percentile of ordinary checks over four connections, without an attacker, and with one who
sends every attack that the service takes, one after the other. Exit status 1: more than 2 s or 400 MB for a body that a
worker gets, an attack without an answer, or a server error.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks import tables
from benchmarks.loads import ROOT, Measured, free_port, load, running
from detector import ArchiveError, Detector, Item
from detector.archive.formats import find_sources, parse, read
from fixtures import attacks

SECONDS, MEGABYTES = 2.0, 400
MAX_BODY = 4 << 20


@dataclass(frozen=True, slots=True)
class Cost:
    """What one attack cost a process of its own."""

    seconds: float
    grown: float  # MB beyond what the process had
    peak: float  # MB in all
    size: int  # bytes of the attack
    said: str  # the verdict, or how many rows were read


def _alone(work: Callable[[], Callable[[], tuple[int, str]]]) -> Cost | None:
    """What ``work`` costs in a fork of this warm process; None where it ended without an answer."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        run = work()
        before, started = _resident(), time.process_time()
        size, said = run()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
        cost = [time.process_time() - started, max(0.0, peak - before), peak, size, said]
        os.write(writing, json.dumps(cost).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        answer = pipe.read()
    os.waitpid(child, 0)
    return Cost(*json.loads(answer)) if answer else None


def _resident() -> float:
    """MB of this process now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def _item(detector: Detector, make: Callable[[int], str], media_type: str, times: int) -> Callable[[], tuple[int, str]]:
    body = make(times)
    item = Item("attack", body, media_type)

    def run() -> tuple[int, str]:
        verdict = detector.check(item)
        reasons = ", ".join(str(reason) for reason in verdict.reasons)
        return len(body.encode()), f"{verdict.action} ({reasons})" if reasons else verdict.action

    return run


def _file(make: Callable[[int], bytes], ending: str, times: int, folder: Path) -> Callable[[], tuple[int, str]]:
    path = folder / f"attack{ending}"
    path.write_bytes(make(times))

    def run() -> tuple[int, str]:
        size = path.stat().st_size
        try:
            rows = [type(parse(raw)).__name__ for raw in read(find_sources([path]))]
        except ArchiveError as error:
            return size, str(error)[:60]
        return size, f"{rows.count('Row'):,} rows, {rows.count('Quarantined'):,} set aside"

    return run


def costs(folder: Path, part: str) -> tuple[list[list[str]], bool]:
    """A row for each attack and size, and whether all kept to the bounds of a worker."""
    detector = Detector()
    detector.admit(Item("known", f"<html><body>{attacks.STORY}</body></html>"))
    detector.check(Item("text", f"{attacks.INSIDE}\n\n{attacks.AFTER}", "text/plain"))
    bait = attacks.Bait()
    works: list[tuple[str, str, Callable[[int], Callable[[], tuple[int, str]]]]] = []
    for name, page in attacks.PAGES.items() if part == "pages" else ():
        works.append(("page", name, lambda n, make=page: _item(detector, make, "text/html", n)))
    for name, text in attacks.TEXTS.items() if part == "pages" else ():
        works.append(("text", name, lambda n, make=text: _item(detector, make, "text/plain", n)))
    for name, xml in attacks.XML.items() if part == "files" else ():
        works.append(("xml", name, lambda n, make=xml: _file(lambda k: make(k, bait), ".xml", n, folder)))
    for name, bomb in attacks.BOMBS.items() if part == "files" else ():
        ending = name[name.index(".") :]
        works.append(("file", name, lambda n, make=bomb, ending=ending: _file(make, ending, n, folder)))
    rows, kept = [], True
    for kind, name, work in works:
        for times in (1, 10):
            cost = _alone(lambda work=work, times=times: work(times))
            if cost is None:
                rows.append([kind, name, f"{times}×", "–", "–", "–", "ended without an answer"])
                kept = False
            else:
                taken = kind in ("page", "text") and cost.size <= MAX_BODY
                kept &= not taken or (cost.seconds <= SECONDS and cost.peak <= MEGABYTES)
                figures = [f"{cost.size / 1e6:.1f}", f"{cost.seconds:.2f}", f"{cost.grown:.0f}"]
                rows.append([kind, name, f"{times}×", *figures, cost.said])
            print(" ".join(rows[-1]), flush=True)
    return rows, kept


def neighbours(folder: Path, seconds: float) -> tuple[list[list[str]], bool]:
    """How ordinary checks fare without an attacker and beside one; whether the service went on throughout."""
    items = [json.loads(line) for line in (ROOT / "fixtures" / "archive.jsonl").read_text().splitlines()]
    ordinary = [json.dumps(item | {"id": f"again-{item['id']}"}).encode() for item in items]
    hostile = []
    for media_type, makes in (("text/html", attacks.PAGES), ("text/plain", attacks.TEXTS)):
        for name, make in makes.items():
            item = {"id": name, "body": make(1).replace("\0", ""), "media_type": media_type}
            hostile.append(json.dumps(item, ensure_ascii=False).encode())
    hostile = [body for body in hostile if len(body) <= MAX_BODY]
    port = free_port()
    command = [sys.executable, "-m", "service", "--port", str(port), "--database", f"{folder}/items.db"]
    with running(command, port, "/readyz"):
        asyncio.run(load(port, "/v1/check", ordinary, 5.0, 4))
        alone = asyncio.run(load(port, "/v1/check", ordinary, seconds, 4))
        beside, attacker = asyncio.run(_both(port, ordinary, hostile, seconds))
    rows = [_row("ordinary checks, no attacker", alone), _row("the same beside an attacker", beside)]
    rows.append(_row(f"the attacker's {len(hostile)} bodies in turn", attacker))
    return rows, not (alone.failed or beside.failed or attacker.failed)


async def _both(port: int, ordinary: list[bytes], hostile: list[bytes], seconds: float) -> tuple[Measured, Measured]:
    beside, attacker = await asyncio.gather(
        load(port, "/v1/check", ordinary, seconds, 4), load(port, "/v1/check", hostile, seconds, 1)
    )
    return beside, attacker


def _row(name: str, measured: Measured) -> list[str]:
    statuses = ", ".join(f"{status}: {count:,}" for status, count in sorted(measured.statuses.items()))
    return [name, *(f"{measured.percentile(share):.0f}" for share in (0.5, 0.99)), statuses, str(measured.broken)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=["pages", "files", "neighbours", []], help="all by default")
    parser.add_argument("--seconds", type=float, default=20.0, help="of each load")
    parser.add_argument("--write", action="store_true", help="write the tables to benchmarks/results")
    options = parser.parse_args()
    kept = True
    with tempfile.TemporaryDirectory() as folder:
        for part in ("pages", "files"):
            if part in (options.parts or [part]):
                rows, within = costs(Path(folder), part)
                kept &= within
                header = ["kind", "attack", "form", "MB", "s", "MB grown", "verdict"]
                _say(tables.table(header, rows), f"hostile_{part}.md", "What attacks cost", part, write=options.write)
        if "neighbours" in (options.parts or ["neighbours"]):
            rows, went_on = neighbours(Path(folder), options.seconds)
            kept &= went_on
            header = ["", "p50 ms", "p99 ms", "answers by status", "broken"]
            table = tables.table(header, rows)
            _say(table, "hostile_neighbours.md", "Beside an attacker", "neighbours", write=options.write)
    return int(not kept)


def _say(table: str, name: str, title: str, part: str, *, write: bool) -> None:
    print(f"\n{table}\n")
    if write:
        tables.write(table, name, title, f"hostile {part}")


if __name__ == "__main__":
    sys.exit(main())
