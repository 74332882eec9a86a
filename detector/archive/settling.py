"""Verdicts that hang on one another: an item is compared with earlier ones *that stay*.

The engine goes over the blocks of the order again and again, several at a time. At each item it looks up the candidates
among what stays by present knowledge; where they are the same as before the verdict stands, else the item is compared
anew. An item that shares no key with any whose flag is another than the pass before saw has the same candidates still
and is passed over. When a whole pass has changed nothing, every verdict follows from the verdicts before it, and by
induction over the order there is just one such plan: the one that the service would have come to, one item after the
other.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from detector.archive import steps
from detector.archive.buckets import NOTHING_NEAR, Buckets, Flags, Ints, Nearest, Since, sharing
from detector.archive.job import Job
from detector.archive.order import ORDER
from detector.archive.shards import Prepared, ShardReader, write_bytes
from detector.archive.steps import Outcome
from detector.archive.tally import BLOCK, Tally
from detector.dedup import Entry
from detector.policy import Policy

CHANGED = "changed"  # the places whose flag is another than the pass before began with


@dataclass(frozen=True, slots=True)
class Settling:
    """A block of the order to settle, or to tally."""

    job: Job
    shards: Path
    folder: Path
    start: int
    turn: int


class _Desk:
    """What a worker needs to settle blocks; opened once a pass."""

    def __init__(self, shards: Path, folder: Path) -> None:
        with np.load(folder / ORDER) as order:
            self.shard, self.row = order["shard"].tolist(), order["row"].tolist()
            self.moments, sizes = order["moments"], order["passages"]
        self.latest = np.maximum.accumulate(self.moments)
        self.reader = ShardReader(shards, singly=True)
        self.kept: Flags = np.memmap(folder / "kept", np.uint8, "r")
        self.buckets = Buckets(folder / "bands.kept", folder / "passages.kept", sizes)
        self.folder = folder
        self.affected = np.zeros(len(self.row), np.bool_)
        self.affected[self.sharing(np.fromfile(folder / CHANGED, np.int64).tolist())] = True

    def sharing(self, places: Sequence[int]) -> Ints:
        """The places of all items that share a key with those at ``places``."""
        found = [(self.reader[self.shard[place]], self.row[place]) for place in places]
        by_band = sharing(self.folder / "bands.postings", [shard.bands(row) for shard, row in found])
        by_passage = sharing(self.folder / "passages.postings", [shard.passages(row) for shard, row in found])
        return np.concatenate([by_band, by_passage])

    def prepared(self, place: int, *, sentences: bool = True) -> Prepared:
        return self.reader[self.shard[place]].prepared(self.row[place], sentences=sentences)

    def nearest(self, policy: Policy, place: int, kept: Flags) -> Nearest:
        """The earlier items that stay to compare an item with; what it says is not read unless the policy asks."""
        shard, row = self.reader[self.shard[place]], self.row[place]
        if not shard.shingles(row).size:
            return NOTHING_NEAR
        limit, since = policy.candidates, None
        if policy.rules or policy.look_back_days is not None:
            one = shard.prepared(row, sentences=False)
            limit, earliest = steps.candidate_limit(one, policy), steps.earliest_of(one, policy)
            since = None if earliest == -math.inf else Since.at(earliest, self.moments, self.latest)
        return self.buckets.nearest(shard.bands(row), shard.passages(row), place, kept, limit, since)


@lru_cache(maxsize=1)
def _desk(shards: Path, folder: Path, turn: int) -> _Desk:  # noqa: ARG001  # a new one each pass: the files changed
    return _Desk(shards, folder)


def settle_block(work: Settling) -> tuple[list[bool], int]:
    """The flags of a block's items, and how many of them had other candidates than before."""
    desk = _desk(work.shards, work.folder, work.turn)
    lines = _lines(work.folder, work.start)
    kept = np.array(desk.kept)
    places = slice(work.start, min(work.start + BLOCK, len(desk.row)))
    affected, different = desk.affected[places].copy(), 0
    for at, place in enumerate(range(places.start, places.stop)):
        if work.turn and not affected[at]:
            continue  # the pass before has written what it comes to
        known = Outcome.from_json(lines[at]) if at < len(lines) else None
        outcome = _settle_item(work.job.policy, desk, place, kept, known)
        if outcome is not known:
            lines[at : at + 1] = [outcome.as_json()]
            different += 1
        if outcome.kept != kept[place]:
            kept[place] = outcome.kept
            if work.turn:
                others = desk.sharing([place]) - places.start
                affected[others[(others >= 0) & (others < affected.size)]] = True
    if different:
        write_bytes(_block(work.folder, work.start), (line + b"\n" for line in lines))
    return kept[places].astype(bool).tolist(), different


def _settle_item(policy: Policy, desk: _Desk, place: int, kept: Flags, known: Outcome | None) -> Outcome:
    near = desk.nearest(policy, place, kept)
    if known and known.near == near.places and known.cut == near.truncated:
        return known
    others = {at: _Stored(desk, at) for at in near.places}
    one = desk.prepared(place, sentences=bool(near.places))  # those that are filler do not count against a match
    return steps.settled(one, near.places, near.truncated, others, policy)


@dataclass(frozen=True, slots=True)
class _Stored:
    """An earlier item, in its shard."""

    desk: _Desk
    place: int

    @property
    def entry(self) -> Entry | None:
        return self.desk.reader.entry(self.desk.shard[self.place], self.desk.row[self.place])

    def prepared(self) -> Prepared:
        return self.desk.prepared(self.place)


def _block(folder: Path, start: int) -> Path:
    return folder / f"{start:09d}.jsonl"


def _lines(folder: Path, start: int) -> list[bytes]:
    path = _block(folder, start)
    return path.read_bytes().splitlines() if path.is_file() else []


def read_block(folder: Path, start: int) -> list[Outcome]:
    """The outcomes of a block; none before its first pass."""
    return [Outcome.from_json(line) for line in _lines(folder, start)]


def tally_block(work: Settling) -> Tally:
    """The totals over a block."""
    desk = _desk(work.shards, work.folder, work.turn)
    tally = Tally()
    for place, outcome in enumerate(read_block(work.folder, work.start), work.start):
        tally.add(outcome.row, desk.reader[desk.shard[place]], desk.row[place])
    return tally.trimmed()
