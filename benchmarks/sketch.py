"""Texts to signatures, and an archive to its duplicates, beside the usual libraries in one run.

    python benchmarks/sketch.py [signatures|archive] [--data DIR] [--articles N] [--write]

One core, but where two workers are named. The libraries take turns, so that a busy machine slows all alike. The
archive's texts are taken as they are: no cleaning, no judging of quality. The others come with the extra bench.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import platform
import random
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from benchmarks import recipes  # noqa: E402  # the repo's root must be found first
from detector import Entry, Item, MemoryIndex, find_duplicates  # noqa: E402
from detector.dedup import matches, sketch, tokenise  # noqa: E402
from detector.dedup.sketching import signature  # noqa: E402

RESULTS = {"signatures": HERE / "results" / "sketch.md", "archive": HERE / "results" / "archive_duplicates.md"}
_SEED = 20261122
_ROUNDS = 5

Row = tuple[str, str, str]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=[*RESULTS, []], help="what to measure; both by default")
    parser.add_argument("--data", type=Path, default=HERE.parent.parent / "shared" / "data")
    parser.add_argument("--articles", type=int, default=200)
    parser.add_argument("--write", action="store_true", help="write the tables to benchmarks/results")
    options = parser.parse_args()
    if not (options.data / "archive").is_dir():
        print(f"no archive in {options.data}: nothing was measured; name its folder with --data")
        return 2
    for part in options.parts or RESULTS:
        if part == "signatures":
            rows = _signatures(options.data / "pages" / "articles.jsonl.gz", options.articles)
            heading = ["| text → signature | µs an article | copytaster is faster by |", "|---|---|---|"]
        else:
            rows = _archive(options.data / "archive" / "reuters.jsonl.gz")
            heading = ["| archive → duplicates | s | |", "|---|---|---|"]
        _report(part, "\n".join([*heading, *map(_line, rows)]), write=options.write)
    return 0


def _report(part: str, table: str, *, write: bool) -> None:
    libraries = ", ".join(f"{name} {version(name)}" for name in ("datasketch", "rensa", "scikit-learn", "numba"))
    machine = f"Python {platform.python_version()}, {libraries}, {os.cpu_count()} processors, seed {_SEED}"
    print(f"{table}\n\n{machine}")
    if write:
        RESULTS[part].parent.mkdir(exist_ok=True)
        head = f"# Duplicates: {part}\n\nWritten by `python benchmarks/sketch.py {part} --write`; {machine}."
        RESULTS[part].write_text(f"{head}\n\n{table}\n")


def _line(row: Row) -> str:
    return f"| {' | '.join(row)} |"


def _rows(path: Path, field: str) -> list[str]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [text for line in file if (text := json.loads(line)[field]).strip()]


def _signatures(articles: Path, count: int) -> list[Row]:
    texts = random.Random(_SEED).sample(_rows(articles, "main_content"), count)
    ways: dict[str, Callable[[str], object]] = {
        "copytaster, the signature alone": signature,
        "copytaster, a whole sketch, and tokens to align": lambda text: sketch(tokenise(text)),
        "Python's word 5-grams + rensa": recipes.rensa_signature,
        "datasketch as its manual says, update in a loop": recipes.datasketch_signature,
        "datasketch, update_batch": recipes.datasketch_batch_signature,
    }
    spent = _seconds(ways, texts)
    ours = spent["copytaster, the signature alone"]
    rows = [(name, f"{seconds / count * 1e6:.0f}", f"{seconds / ours:.1f}×") for name, seconds in spent.items()]
    size = sum(map(len, texts)) // count
    return [(f"{rows[0][0]} ({size:,} characters on average)", rows[0][1], ""), *rows[1:]]


def _seconds(ways: dict[str, Callable[[str], object]], texts: list[str]) -> dict[str, float]:
    """The time for all texts, of each its best round, for what disturbs a round only makes it longer.

    The ways take turns.
    """
    best = {name: [float("inf")] * len(texts) for name in ways}
    for _ in range(_ROUNDS):
        for name, way in ways.items():
            way(texts[0])  # compiled, and back in the machine's caches
            for place, text in enumerate(texts):
                started = time.perf_counter()
                way(text)
                best[name][place] = min(best[name][place], time.perf_counter() - started)
    return {name: sum(seconds) for name, seconds in best.items()}


def _archive(archive: Path) -> list[Row]:
    texts = _rows(archive, "text")
    _ours(texts[:500])
    items = [Item(str(place), text, "text/plain") for place, text in enumerate(texts)]
    find_duplicates(items[:500])
    ways: dict[str, Callable[[], object]] = {
        "copytaster: sketched, looked up, aligned, verified": lambda: _ours(texts),
        "copytaster: find_duplicates, which cleans first and looks for retold stories": lambda: find_duplicates(items),
        "copytaster: the same with two workers, their start included": lambda: find_duplicates(items, workers=2),
        "datasketch, LSH at 0.5, nothing verified": lambda: recipes.datasketch_lsh(texts),
        "rensa, LSH at 0.5, Jaccard estimated": lambda: recipes.rensa_lsh(texts),
        "TF-IDF cosine from 0.7, all pairs": lambda: recipes.tfidf_at(0.7)(texts),
    }
    rows = []
    for name, way in ways.items():
        started = time.perf_counter()
        way()
        rows.append((name, f"{time.perf_counter() - started:.1f}", ""))
    return [(f"{rows[0][0]} ({len(texts):,} items)", *rows[0][1:]), *rows[1:]]


def _ours(texts: list[str]) -> int:
    index = MemoryIndex()
    found = 0
    for place, text in enumerate(texts):
        tokens = tokenise(text)
        if not len(tokens):
            continue
        entry = Entry(str(place), text, sketch(tokens), kept=True)
        found += len(matches(entry, index.candidates(entry.sketch, limit=33).entries))
        index.add(entry)
    return found


if __name__ == "__main__":
    sys.exit(main())
