"""Speed as ratios against the usual libraries, measured in one run on one machine.

    python benchmarks/speed.py [sketch|cleaner|quality|hostile|archive] [--data DIR] [--write] [--pages N] [--turns N]

Absolute times change from machine to machine and from hour to hour; the ratios hold. ``archive`` runs the whole
command in its own process. ``cleaner`` alone stands beside other extractors, and ``--write`` writes that to
benchmarks/results/cleaner_speed.md. Without the data this says so and ends with status 2.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import platform
import random
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from datasketch import MinHash

from detector import Detector, Item, assess
from detector.dedup import sketch, tokenise

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from benchmarks import cleaner_speed, tables  # noqa: E402  # the repo's root must be found first
from fixtures import attacks  # noqa: E402

RESULTS = HERE / "results" / "speed.md"
_ROUNDS = 5
_SEED = 20261122

Row = tuple[str, str]


def main() -> int:
    parts = {
        "sketch": _sketch,
        "cleaner": cleaner_speed.rows,
        "quality": _quality,
        "hostile": _hostile,
        "archive": _archive,
    }
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=[*parts, []], help="what to measure; all by default")
    parser.add_argument("--data", type=Path, default=HERE.parent.parent / "shared" / "data")
    parser.add_argument("--pages", type=int, help="so many pages beside other extractors, instead of all")
    parser.add_argument("--turns", type=int, default=10, help="extractors take turns after so many pages")
    parser.add_argument("--write", action="store_true", help="write the table to benchmarks/results")
    options = parser.parse_args()
    if not options.data.is_dir():
        print(f"no data at {options.data}: nothing was measured; name its folder with --data")
        return 2
    if options.parts == ["cleaner"]:
        return _cleaner(options.data, options.pages, options.turns, write=options.write)
    rows = [row for part in options.parts or parts for row in parts[part](options.data)]
    machine = f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} processors, seed {_SEED}"
    table = "\n".join(["| measure | value |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)])
    print(f"{table}\n\n{machine}")
    if options.write:
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(f"# Speed\n\nWritten by `python benchmarks/speed.py --write`; {machine}.\n\n{table}\n")
    return 0


def _cleaner(data: Path, pages: int | None, turns: int, *, write: bool) -> int:
    beside = cleaner_speed.report(data, pages, turns)
    print(beside)
    if write:
        title = "The cleaner's speed beside other extractors"
        tables.write(beside, "cleaner_speed.md", title, "speed.py cleaner")
    return 0


def _rows(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def _median_seconds(work: Callable[[], object]) -> float:
    work()  # compiled and warm
    times = []
    for _ in range(_ROUNDS):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def _as_the_manual_says(text: str) -> MinHash:
    """datasketch as its documentation shows it: word 3-grams as bytes, the default hash."""
    words = re.findall(r"\w+", text.lower())
    minhash = MinHash(num_perm=128)
    minhash.update_batch([" ".join(words[i : i + 3]).encode() for i in range(max(1, len(words) - 2))])
    return minhash


def _sketch(data: Path) -> list[Row]:
    texts = [row["main_content"] for row in _rows(data / "pages" / "articles.jsonl.gz")]
    texts = random.Random(_SEED).sample([text for text in texts if text.strip()], 100)
    ours = _median_seconds(lambda: [sketch(tokenise(text)) for text in texts])
    theirs = _median_seconds(lambda: [_as_the_manual_says(text) for text in texts])
    return [
        ("text → sketch, µs an article", f"{ours / len(texts) * 1e6:.0f}"),
        ("the same by datasketch as its manual says, µs", f"{theirs / len(texts) * 1e6:.0f}"),
        ("ratio", f"{theirs / ours:.0f}×"),
    ]


def _quality(data: Path) -> list[Row]:
    texts = [row["text"] for row in _rows(data / "quality" / "news_human.jsonl.gz")]
    texts = random.Random(_SEED).sample(texts, 300)
    seconds = _median_seconds(lambda: [assess(text) for text in texts])
    words = sum(len(text.split()) for text in texts)
    return [(f"quality of {words // len(texts)} words on average, ms for 1,000 words", f"{seconds / words * 1e6:.1f}")]


def _hostile(_data: Path) -> list[Row]:
    """Pages and texts made to stop a parser, from the body to the verdict."""
    detector = Detector()
    detector.check(Item("warm", "<html><body><p>Warm.</p></body></html>"))
    times = []
    for media_type, bodies in (("text/html", attacks.PAGES), ("text/plain", attacks.TEXTS)):
        for name, make in bodies.items():
            body = make(1)
            started = time.perf_counter()
            verdict = detector.check(Item(name, body, media_type))
            times.append((time.perf_counter() - started, name, verdict.action))
    slowest = max(times)
    return [
        (f"{len(times)} hostile pages and texts → a verdict, the slowest ({slowest[1]}), s", f"{slowest[0]:.2f}"),
        ("of these held for review", str(sum(action == "review" for _, _, action in times))),
    ]


def _archive(data: Path) -> list[Row]:
    archive = data / "archive" / "reuters.jsonl.gz"
    with tempfile.TemporaryDirectory() as folder:
        first, seconds, megabytes = _plan(archive, Path(folder, "first"))
        again, again_seconds, _ = _plan(archive, Path(folder, "again"))
        shuffled = Path(folder, "shuffled.jsonl")
        with gzip.open(archive, "rb") as file:
            lines = file.read().splitlines(keepends=True)
        random.Random(_SEED).shuffle(lines)
        shuffled.write_bytes(b"".join(lines))
        other, _, _ = _plan(shuffled, Path(folder, "other"))
    return [
        (f"plan of {first.count(10):,} newswire items, first run, s", f"{seconds:.1f}"),
        ("the same again, s", f"{again_seconds:.1f}"),
        ("peak memory of the largest process, MB", f"{megabytes:.0f}"),
        ("the same plan, byte for byte, on a second run", str(first == again)),
        ("and with shuffled input", str(first == other)),
    ]


def _plan(archive: Path, out: Path) -> tuple[bytes, float, float]:
    command = [sys.executable, "-m", "detector"]
    started = time.perf_counter()
    subprocess.run([*command, "archive", "plan", str(archive), "--out", str(out)], check=True, capture_output=True)  # noqa: S603
    seconds = time.perf_counter() - started
    megabytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1000
    return (out / "plan.jsonl").read_bytes(), seconds, megabytes


if __name__ == "__main__":
    sys.exit(main())
