"""The review page with 10,000 held items: first paint, the server's time for a long diff, the weight of pages.

    python -m benchmarks.review [--items 10000] [--write]

Real uvicorn over loopback and a real Chromium (COPYTASTER_TEST_CHROMIUM, or /usr/bin/chromium). Items are written
straight into a throw-away store, as admission writes them; ``--write`` writes benchmarks/results/review.md.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

from detector import Item
from service.comparing import passages_between
from service.messages import CleanedOut, QualityOut, ReasonOut, TimingOut, VerdictOut
from service.review.sides import folded, rows
from service.store import NewText, Store, items
from service.store.records import now

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "review.md"
CHROMIUM = os.environ.get("COPYTASTER_TEST_CHROMIUM", "/usr/bin/chromium")
_PORT = 18_765
_SEED = 20261125
_LONG = 5_000  # words of each text that is compared
_ROUNDS = 9
_FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")
_PAINTED = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
_CODES = ("padding", "possible_duplicate", "thin", "contains_earlier", "promotion")

Row = tuple[str, str, str]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=10_000, help="held items")
    parser.add_argument("--write", action="store_true", help="write the table to benchmarks/results")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="copytaster-review-") as folder:
        database = Path(folder, "items.db")
        fill(database, options.items)
        measured = [*_pages(database, options.items), _diff()]
    table = "\n".join(
        ["| measure | wanted | measured |", "|---|---|---|", *(f"| {' | '.join(row)} |" for row in measured)]
    )
    machine = f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} processors, seed {_SEED}"
    print(f"{table}\n\n{machine}")
    if options.write:
        RESULTS.write_text(
            f"# The review page\n\nWritten by `python -m benchmarks.review --write`; {machine}.\n\n{table}\n"
        )
    return 0


def fill(database: Path, count: int) -> None:
    """Write so many held items, as admission writes them, but unread."""
    store = Store.open(database)
    for start in range(0, count, 1_000):
        with store.writing() as connection:
            for number in range(start, min(start + 1_000, count)):
                items.insert_item(connection, held(number))
    store.close()


def held(number: int) -> NewText:
    """An item that waits, with a score and reasons drawn from its number."""
    chance = random.Random(f"{_SEED}-{number}")
    text = (
        f"Council {number} voted {number * 7} to {number * 3} on Monday. " + "The fees rise by 12 crowns in June. " * 8
    )
    source, score = f"paper-{number % 40}", round(chance.random(), 4)
    codes = chance.sample(_CODES, chance.randint(1, 2))
    answer = VerdictOut(
        id=f"held-{number}",
        action="review",
        reasons=[ReasonOut(code=code, text=code) for code in codes],
        matches=[],
        truncated=False,
        quality=QualityOut(score=score, label="review", language="en", sentences=9, filler=[]),
        cleaned=CleanedOut(title=f"Story {number}", text=text, language="en", complete=True, dropped=[], notes=[]),
        policy="",
        models={},
        sketch="",
        text_digest="",
        timing_ms=TimingOut(examine=1, judge=1, total=2),
    )
    return NewText(
        item=Item(f"held-{number}", text, source=source, section=f"section-{number % 9}", language="en"),
        content=b"",
        received=now(),
        status="held",
        title=f"Story {number}",
        text=text,
        html="",
        repeated=(),
        action="review",
        policy="",
        answer=answer.model_dump(mode="json", exclude={"matches"}),
        matches=(),
        sketch=None,
        bands=b"",
        making=1,
    )


def _pages(database: Path, count: int) -> list[Row]:
    command = [sys.executable, "-m", "service", "--port", str(_PORT), "--database", str(database)]
    server = subprocess.Popen(command, cwd=HERE.parent, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603
    address = f"http://127.0.0.1:{_PORT}"
    try:
        _wait(address)
        again, first = (statistics.median(_paints(f"{address}/review", fresh=fresh)) for fresh in (False, True))
        served = [_seconds(f"{address}/review?order=riskiest&reason=padding") for _ in range(_ROUNDS)]
        found = [_seconds(f"{address}/review?q=voted") for _ in range(_ROUNDS)]
        weight = sum(
            _bytes(f"{address}{path}") for path in ("/review", "/review/static/review.css", "/review/static/review.js")
        )
    finally:
        server.terminate()
        server.wait(30)
    return [
        (f"first contentful paint of the queue, {count:,} held items, in an open tab", "200 ms", f"{again:.0f} ms"),
        ("the same in a browser context that was just made, with nothing cached", "", f"{first:.0f} ms"),
        ("the queue by risk with one reason, answered in", "", f"{1000 * statistics.median(served):.0f} ms"),
        ("a search, answered in", "", f"{1000 * statistics.median(found):.0f} ms"),
        ("weight of the queue with style and script, not packed", "100 KB", f"{weight / 1000:.0f} KB"),
    ]


def _wait(address: str) -> None:
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"{address}/readyz").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    raise TimeoutError(f"{address} did not become ready in 300 s")


def _paints(address: str, *, fresh: bool) -> list[float]:
    """Milliseconds from the beginning of a navigation to the first paint: each in a new context, or all in one tab."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  # tests import this file without it

    found = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(_FLAGS))
        page = browser.new_page()
        for _ in range(_ROUNDS):
            if fresh:
                page.context.close()
                page = browser.new_page()
            page.goto(address)
            while not (painted := page.evaluate(_PAINTED)):  # waiting in the page is eval, which its policy forbids
                time.sleep(0.02)
            found.append(float(painted))
        browser.close()
    return found


def _seconds(address: str) -> float:
    started = time.perf_counter()
    httpx.get(address).raise_for_status()
    return time.perf_counter() - started


def _bytes(address: str) -> int:
    return len(httpx.get(address).raise_for_status().content)


def _diff() -> Row:
    """The server's work for two texts of 5,000 words, one edited in each fiftieth word."""
    chance = random.Random(_SEED)
    words = [f"word{chance.randint(0, 4_000)}" for _ in range(_LONG)]
    edited = [f"other{at}" if at % 50 == 0 else word for at, word in enumerate(words)]
    later, earlier = (". ".join(" ".join(side[at : at + 20]) for at in range(0, _LONG, 20)) for side in (edited, words))
    taken = []
    for _ in range(_ROUNDS):
        started = time.perf_counter()
        folded(rows(passages_between(later, earlier), later, earlier))
        taken.append(time.perf_counter() - started)
    return ("side by side of two texts of 5,000 words", "100 ms", f"{1000 * statistics.median(taken):.0f} ms")


if __name__ == "__main__":
    sys.exit(main())
