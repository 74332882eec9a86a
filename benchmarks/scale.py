"""The index at 1, 10 and 56 times the size of an archive: memory, growth, the check of one new item, a flood.

    python benchmarks/scale.py [--items N ...] [--flood N] [--only-add] [--data DIR] [--write]

A million items are made by varying the archive's with a fixed seed: half the words of each give way to words drawn
from the archive at large, and every number to another. So most of them have only phrases in common, as in life. Each
is sketched, looked up, aligned with its candidates and added, all in this one process; the memory is what the process
has grown by, everything included. Nothing of the texts is kept in the repository.
"""

from __future__ import annotations

import argparse
import gc
import gzip
import json
import os
import platform
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from detector import Entry, MemoryIndex  # noqa: E402  # the repo's root must be found first
from detector.dedup import matches, sketch, tokenise  # noqa: E402

RESULTS = HERE / "results" / "scale.md"
_SEED = 20261122
_CANDIDATES = 33  # as the default policy asks for
_CHECKS = 400


class Variations:
    """Endless items in the archive's manner, the same ones for a seed."""

    def __init__(self, archive: Path, seed: int) -> None:
        with gzip.open(archive, "rt", encoding="utf-8") as file:
            texts = [json.loads(line)["text"] for line in file]
        self.words = [np.array(text.split(), dtype=object) for text in texts if len(text.split()) > 5]
        self._pool = np.concatenate(self.words)
        self._numeric = [np.array([word[0].isdigit() for word in words]) for words in self.words]
        self._draw = np.random.default_rng(seed)

    def text(self) -> str:
        """A new item's text."""
        which = int(self._draw.integers(len(self.words)))
        words, numeric = self.words[which], self._numeric[which]
        drawn = self._pool[self._draw.integers(self._pool.size, size=words.size)]
        changed = np.where(self._draw.random(words.size) < 0.5, drawn, words)
        numbers = self._draw.integers(1, 100_000, size=int(numeric.sum()))
        changed[numeric] = [f"{number:,}" for number in numbers.tolist()]
        return " ".join(changed.tolist())

    def copy_of(self, text: str) -> str:
        """The text as another desk would print it: a twentieth of the words changed, a sentence of its own."""
        words = np.array(text.split(), dtype=object)
        drawn = self._pool[self._draw.integers(self._pool.size, size=words.size)]
        changed = np.where(self._draw.random(words.size) < 0.05, drawn, words)
        return "Our correspondent reports . " + " ".join(changed.tolist())


@dataclass(frozen=True, slots=True)
class Stage:
    """What was measured when the index had reached a size."""

    items: int
    seconds: float  # since the start, the making of the texts left out
    bytes_an_item: float
    resident: int
    median: float  # milliseconds to check one new item, text to matches
    slowest: float  # the 99th percentile
    found: float  # share of the copies whose original was among the matches


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, nargs="+", default=[18_000, 180_000, 1_000_000])
    parser.add_argument("--flood", type=int, default=50_000, help="near-copies that come in at the end")
    parser.add_argument("--only-add", action="store_true", help="compare no item with those before it")
    parser.add_argument("--data", type=Path, default=HERE.parent.parent / "shared" / "data")
    parser.add_argument("--write", action="store_true", help="write the table to benchmarks/results")
    options = parser.parse_args()
    archive = options.data / "archive" / "reuters.jsonl.gz"
    if not archive.is_file():
        print(f"no archive at {archive}: nothing was measured; name its folder with --data")
        return 2
    lines = [
        _row(stage)
        for stage in _grow(Variations(archive, _SEED), options.items, options.flood, only_add=options.only_add)
    ]
    heading = "| items | s in all | bytes an item | process, MB | check p50, ms | check p99, ms | copies found |"
    table = "\n".join([heading, "|---|---|---|---|---|---|---|", *lines])
    machine = f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} processors, seed {_SEED}"
    print(f"{table}\n\n{machine}")
    if options.write:
        RESULTS.parent.mkdir(exist_ok=True)
        how = "no item was compared before it was added" if options.only_add else "each is compared before it is added"
        note = (
            f"One process; {how}. Seconds and milliseconds of processor time. The last row is the same index after"
            f" {options.flood:,} near-copies of one item came in."
        )
        RESULTS.write_text(
            f"# Scale\n\nWritten by `python benchmarks/scale.py --write`; {machine}.\n{note}\n\n{table}\n"
        )
    return 0


def _row(stage: Stage) -> str:
    row = (
        f"| {stage.items:,} | {stage.seconds:.0f} | {stage.bytes_an_item:.0f} | {stage.resident / 1e6:.0f}"
        f" | {stage.median:.2f} | {stage.slowest:.2f} | {stage.found:.3f} |"
    )
    print(row, file=sys.stderr)
    return row


def _grow(variations: Variations, sizes: list[int], flood: int, *, only_add: bool) -> Iterator[Stage]:
    index = MemoryIndex()
    _check(variations.text(), index)  # compiled and warm
    before = _resident()
    chosen = random.Random(_SEED)
    originals: dict[str, str] = {}
    seconds = 0.0
    for number in range(max(sizes)):
        text = variations.text()
        if chosen.random() < 1000 / max(sizes):
            originals[str(number)] = text
        started = time.thread_time()
        _admit(str(number), text, index, compared=not only_add)
        seconds += time.thread_time() - started
        if number + 1 in sizes:
            yield _measured(index, variations, originals, seconds, before)
    target = next(reversed(originals))
    for number in range(flood):
        text = originals[target].rsplit(" ", 3)[0] + f" bulletin {number} of the flood"
        started = time.thread_time()
        index.add(Entry(f"flood {number}", text, sketch(tokenise(text)), kept=True))
        seconds += time.thread_time() - started
    if flood:
        yield _measured(index, variations, {target: originals[target]}, seconds, before)


def _admit(item_id: str, text: str, index: MemoryIndex, *, compared: bool) -> None:
    tokens = tokenise(text)
    entry = Entry(item_id, text, sketch(tokens), kept=True)
    if compared:
        matches(entry, index.candidates(entry.sketch, limit=_CANDIDATES).entries)
    index.add(entry)


def _check(text: str, index: MemoryIndex) -> tuple[float, list[str]]:
    """Milliseconds from a text to its matches, and the ids of these."""
    started = time.thread_time()
    entry = Entry("new", text, sketch(tokenise(text)), kept=True)
    found = matches(entry, index.candidates(entry.sketch, limit=_CANDIDATES).entries)
    return (time.thread_time() - started) * 1000, [match.of for match in found]


def _measured(
    index: MemoryIndex, variations: Variations, originals: dict[str, str], seconds: float, before: int
) -> Stage:
    """Half of the items that are checked are new, half are copies of items long admitted."""
    gc.collect()
    resident = _resident()
    ids = list(originals)
    times, found = [], []
    for number in range(_CHECKS // 2):
        times.append(_check(variations.text(), index)[0])
        original = ids[number % len(ids)]
        milliseconds, matched = _check(variations.copy_of(originals[original]), index)
        times.append(milliseconds)
        found.append(original in matched)
    median, slowest = np.percentile(times, [50, 99])
    grown = (resident - before) / len(index)
    return Stage(len(index), seconds, grown, resident, float(median), float(slowest), float(np.mean(found)))


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    sys.exit(main())
