"""All verified matches among the items of a collection, over any number of processes.

Texts are read in the workers; what looks like what is settled here, in order; and the pairs are verified in the workers
again, each chunk of later items by itself.
"""

from __future__ import annotations

import pickle  # nosec B403  # what is read was written by this run, in a folder of its own
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from detector.dedup import Entry, MemoryIndex, Sketching, matches
from detector.dedup.neighbours import neighbours
from detector.pipeline import candidates_of, examined_for_matching, later_entry_of, look_back, read_text
from detector.records import CleanText, Examined, Item, Match, Sketch
from detector.verdict import Policy
from detector.workers import Workers, chunks

_Wanted = tuple[int, list[int]]  # the place of an item, and of those that it is compared with


def find_duplicates(items: Iterable[Item], policy: Policy | None = None, *, workers: int = 1) -> list[Match]:
    """Verified matches of every kind among ``items``, the later item of each pair first.

    Items are gone through in the policy's order, and each is compared with all earlier ones, whatever would be
    decided of those; ``Match.is_duplicate`` tells which matches a verdict acts on. Besides what an index proposes, the
    nearest by rare shingles are looked at: only so is a text found that was told again in other words (``related``).
    With several ``workers``, processes share the work; what is found is the same.
    """
    policy = policy or Policy()
    with Workers(workers, _start) as pool:
        ordered = sorted(_examined(items, pool), key=policy.order)
        entries = [later_entry_of(one, one.sketch) for one in ordered if one.sketch is not None]
        wanted = _wanted([one.item for one in ordered if one.sketch is not None], entries, policy)
        with _shared(entries, workers) as book:
            work = ((book, some) for some in chunks(wanted, lambda _: 0))
            return [match for some in pool.map(_verified, work) for match in some]


def _start() -> None:
    """Nothing: finding this function brings what the work needs."""


def _examined(items: Iterable[Item], pool: Workers) -> Iterator[Examined]:
    given = chunks(items, lambda item: len(item.body))
    if pool.number == 1:
        yield from (examined_for_matching(item) for some in given for item in some)
        return
    waiting: list[list[Item]] = []

    def remembered() -> Iterator[list[Item]]:
        for some in given:
            waiting.append(some)
            yield some

    for read in pool.map(_read, remembered()):
        for item, (title, text) in zip(waiting.pop(0), read, strict=True):
            yield examined_for_matching(item, CleanText(title, (text,)))


def _read(items: list[Item]) -> list[tuple[str, str]]:
    return [(clean.title, clean.text) for clean in map(read_text, items)]


def _wanted(items: Sequence[Item], entries: Sequence[Entry], policy: Policy) -> Iterator[_Wanted]:
    """Which earlier items each one is to be compared with, in order."""
    index = MemoryIndex(warm=sys.maxsize)  # the entries are in memory already
    places = {id(entry): place for place, entry in enumerate(entries)}
    near = neighbours([entry.sketch.shingles for entry in entries])
    for place, (item, others) in enumerate(zip(items, near.tolist(), strict=True)):
        here, entry = policy.applied_to(item), entries[place]
        by_key = candidates_of(entry, index, here).entries
        known = {one.item_id for one in by_key}
        since = look_back(entry, here)
        told_again = (
            other
            for other in others
            if other >= 0 and entries[other].item_id not in known and _is_since(entries[other], since)
        )
        yield place, [*(places[id(one)] for one in by_key), *told_again]
        index.add(entry)


def _is_since(entry: Entry, since: datetime | None) -> bool:
    return since is None or entry.published is None or entry.published >= since


class _Bare(NamedTuple):
    """An entry without its shingles, which lie elsewhere with those of all others."""

    item_id: str
    text: str
    title: str
    url: str | None
    source: str | None
    published: datetime | None
    digest: str
    tokens: int


@contextmanager
def _shared(entries: list[Entry], workers: int) -> Iterator[list[Entry] | Path]:
    """The entries as each process can have them: as they are, or in a file that each reads once."""
    if workers == 1:
        yield entries
        return
    bare = [
        _Bare(e.item_id, e.text, e.title, e.url, e.source, e.published, e.sketch.digest, e.sketch.tokens)
        for e in entries
    ]
    sets = [entry.sketch.shingles for entry in entries] or [_NOTHING]
    ends = np.cumsum([shingles.size for shingles in sets])
    with tempfile.TemporaryDirectory(prefix="copytaster-") as folder:
        path = Path(folder, "entries")
        path.write_bytes(pickle.dumps((bare, np.concatenate(sets), ends), pickle.HIGHEST_PROTOCOL))
        yield path


@lru_cache(maxsize=1)
def _read_entries(path: Path) -> list[Entry]:
    # Written by this user's own process a moment ago, in a folder that nobody else may enter.
    bare, shingles, ends = pickle.loads(path.read_bytes())  # noqa: S301  # nosec B301
    sets = np.split(shingles, ends[:-1])
    return [_entry(one, own) for one, own in zip(bare, sets[: len(bare)], strict=True)]


def _entry(bare: _Bare, shingles: NDArray[np.uint32]) -> Entry:
    """An entry to verify, which is a matter of its text and its shingles: it was looked up before."""
    sketch = Sketch(Sketching().header, bare.digest, bare.tokens, shingles, signature=_NOTHING, passages=_NOTHING)
    return Entry(bare.item_id, bare.text, sketch, True, bare.title, bare.url, bare.source, bare.published)


_NOTHING = np.zeros(0, np.uint32)


def _verified(work: tuple[list[Entry] | Path, list[_Wanted]]) -> list[Match]:
    book, wanted = work
    entries = _read_entries(book) if isinstance(book, Path) else book
    return [
        match
        for place, others in wanted
        for match in matches(entries[place], [entries[other] for other in others], related=True)
    ]
