"""What worker processes do to a shard: examine it, learn from it, strip it, and file its items."""

from __future__ import annotations

import pickle  # nosec B403  # what is read was written by this run
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from detector.archive import steps
from detector.archive.buckets import Wide, postings_of
from detector.archive.formats import Quarantined, RawRow, Shard, read_shard
from detector.archive.shards import Prepared, ShardFile, ShardReader, link_or_copy, write_shard
from detector.archive.steps import Memories, Outline
from detector.policy import Policy


def shard_name(number: int) -> str:
    """The file of a shard."""
    return f"{number:06d}.shard"


def lots(shards: Sequence[int]) -> Iterator[Sequence[int]]:
    """Shards in lots, each of which learns by itself."""
    return (shards[at : at + 16] for at in range(0, len(shards), 16))


@dataclass(frozen=True, slots=True)
class Examining:
    """A shard of rows to examine; without them it is finished."""

    folder: Path
    number: int
    raws: Shard | list[RawRow] | None  # None: the shard is finished
    policy: Policy


def examine_shard(work: Examining) -> tuple[list[Quarantined], list[Outline]]:
    """What of a shard is no item, and the outlines of the others; written unless it is finished."""
    if work.raws is not None:
        raws = read_shard(work.raws) if isinstance(work.raws, Shard) else work.raws
        items, quarantined = steps.prepare(raws)
        write_shard(work.folder / shard_name(work.number), items, quarantined)
        return quarantined, [steps.outline(one, work.policy) for one in items]
    shard = ShardReader(work.folder)[work.number]
    outlines = [steps.outline(shard.prepared(row, sentences=False), work.policy) for row in range(shard.items)]
    return shard.quarantined, outlines


@dataclass(frozen=True, slots=True)
class Learning:
    """Shards from which to learn what sources repeat."""

    folder: Path
    shards: tuple[int, ...]
    skipped: list[list[bool]]
    sources: set[str]


def learn_lot(work: Learning) -> Memories:
    """What the sources of some shards print on their items."""
    reader = ShardReader(work.folder)
    lessons = (
        reader[number].lesson(row)
        for number, gone in zip(work.shards, work.skipped, strict=True)
        for row, skip in enumerate(gone)
        if not skip
    )
    return steps.learn(lessons, work.sources)


@dataclass(frozen=True, slots=True)
class Stripping:
    """A shard to strip of what its sources repeat."""

    examined: Path
    folder: Path
    number: int
    memories: Path
    spared: frozenset[str]


@lru_cache(maxsize=1)
def _read_memories(path: Path, _changed: int) -> Memories:
    # Written by this very run: ``local`` writes it anew before it has any shard stripped, whatever lay there.
    memories: Memories = pickle.loads(path.read_bytes())  # noqa: S301  # nosec B301
    return memories


def strip_shard(work: Stripping) -> int:
    """How many items a shard has, which is written without what their sources repeat."""
    shard = ShardReader(work.examined)[work.number]
    memories = _read_memories(work.memories, work.memories.stat().st_mtime_ns)
    after = _stripped(shard, memories, work.spared)
    target = work.folder / shard_name(work.number)
    if after is None:
        link_or_copy(work.examined / target.name, target)
    else:
        write_shard(target, after, shard.quarantined)
    return shard.items


def _stripped(shard: ShardFile, memories: Memories, spared: frozenset[str]) -> list[Prepared] | None:
    """A shard's items without what their sources repeat; None where that changes none of them."""
    changed: dict[int, Prepared] = {}
    for row in range(shard.items):
        source, lines = shard.lesson(row)
        memory = memories.get(source or "")
        if memory and any(map(memory.repeats, lines)):
            before = shard.prepared(row)
            after = steps.strip(before, memories, spared)
            if after is not before:
                changed[row] = after
    return [changed.get(row) or shard.prepared(row) for row in range(shard.items)] if changed else None


@dataclass(frozen=True, slots=True)
class Outlining:
    """A shard whose items are to be put in order."""

    folder: Path
    number: int
    skipped: list[bool]
    policy: Policy


def outline_shard(work: Outlining) -> list[tuple[int, Outline]]:
    """Row and outline of each item of a shard."""
    shard = ShardReader(work.folder)[work.number]
    rows = (row for row, skip in enumerate(work.skipped) if not skip)
    return [(row, steps.outline(shard.prepared(row, sentences=False), work.policy)) for row in rows]


@dataclass(frozen=True, slots=True)
class Filing:
    """A shard whose items are to be filed by their keys."""

    folder: Path
    number: int
    places: list[tuple[int, int]]  # row and place


def file_shard(work: Filing) -> tuple[Wide, Wide]:
    """The postings of a shard's items, by band and by passage."""
    shard = ShardReader(work.folder)[work.number]
    none = np.zeros(0, np.uint64)
    with_text = [(row, place) for row, place in work.places if shard.shingles(row).size]
    bands = [postings_of(shard.bands(row), place) for row, place in with_text]
    passages = [postings_of(shard.passages(row), place) for row, place in with_text]
    return np.concatenate([none, *bands]), np.concatenate([none, *passages])


@dataclass(frozen=True, slots=True)
class Fetching:
    """Some rows of a shard."""

    folder: Path
    number: int
    rows: list[int]


def fetch_rows(work: Fetching) -> list[Prepared]:
    """The items in some rows of a shard."""
    shard = ShardReader(work.folder)[work.number]
    return [shard.prepared(row) for row in work.rows]
