"""The steps over worker processes of this machine, everything large on disk.

Verdicts hang on one another: an item is compared with earlier ones *that stay*. The engine goes over the blocks of the
order again and again, several at a time. At each item it looks up the candidates among what stays by present
knowledge; where they are the same as before the verdict stands, else the item is compared anew. When a whole pass has
changed nothing, every verdict follows from the verdicts before it, and by induction over the order there is just one
such plan: the one that the service would have come to, one item after the other.
"""

from __future__ import annotations

import itertools
import math
import os
import pickle
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.archive import steps
from detector.archive.buckets import (
    NOTHING_NEAR,
    Buckets,
    Flags,
    Since,
    Spill,
    Wide,
    exact_copies,
    kept_only,
    postings_of,
)
from detector.archive.formats import Quarantined, RawRow, read
from detector.archive.job import Job, Planned
from detector.archive.known import Known, Settled, write_known
from detector.archive.shards import Prepared, ShardReader, write_bytes, write_shard
from detector.archive.steps import Memories, Outcome, Outline
from detector.archive.tally import BLOCK, Tally, total
from detector.archive.work import Stage, key_of
from detector.dedup import Entry
from detector.verdict import Policy
from detector.workers import Workers

_ROWS, _BYTES = 512, 8 << 20  # of a shard, at most
_ORDER = "order.npz"

Numbers = NDArray[np.int32]


class LocalEngine:
    """Worker processes over shards on disk."""

    def __init__(self, workers: int) -> None:
        self.workers = workers

    def plan(self, job: Job) -> Planned:
        """Every item's row in the policy's order; takes up what an interrupted run of the same job has finished."""
        with Workers(self.workers) as pool:
            return _Run(job, pool).planned()


class _Run:
    """One run of the engine."""

    def __init__(self, job: Job, pool: Workers) -> None:
        self.job, self.pool, self.known = job, pool, job.known
        self.examined = Stage(job.work / "examined", job.examined_key)
        self.stripped = Stage(job.work / "stripped", key_of(before=job.examined_key, **job.strip_settings))
        self.settled = Stage(job.work / "settled", key_of(before=job.examined_key, **job.settle_settings))

    def planned(self) -> Planned:
        """Examine, strip, order, settle, and read the plan off."""
        self.known.link_into(self.stripped.folder)
        bad, outlines = self._examine()
        unique = steps.unique(itertools.chain.from_iterable(outlines))
        known = self.known.by_id
        carried = [
            {"digest": o.digest, "action": known[o.item_id].action}
            for o in itertools.chain.from_iterable(outlines)
            if (o.file, o.number) in unique.rows and o.item_id in known and known[o.item_id].digest == o.digest
        ]
        settled = {one["digest"] for one in carried}
        skipped = [[(o.file, o.number) not in unique.rows or o.digest in settled for o in shard] for shard in outlines]
        sources = Counter(
            outline.source
            for shard, gone in zip(outlines, skipped, strict=True)
            for outline, skip in zip(shard, gone, strict=True)
            if not skip
        )
        del outlines
        self._strip(skipped, sources)
        order = self._order(skipped)
        self._settle(order)
        tally, lines = self._finish(order, unique.rows)
        repeated = sum(rows - 1 for rows in unique.rows.values())
        return Planned(lines, [*bad, *unique.quarantined], repeated, carried, tally, self._fetcher(order))

    def _fetcher(self, order: _Order) -> Callable[[Sequence[str]], dict[str, Prepared]]:
        reader = ShardReader(self.stripped.folder)

        def fetch(item_ids: Sequence[str]) -> dict[str, Prepared]:
            wanted = set(item_ids)
            places = {item_id: place for place, item_id in enumerate(order.ids) if item_id in wanted}
            return {i: reader[int(order.shard[at])].prepared(int(order.row[at])) for i, at in places.items()}

        return fetch

    def _examine(self) -> tuple[list[Quarantined], list[list[Outline]]]:
        """Every row of the archive into shards; what was finished before is only looked at."""
        bad: list[Quarantined] = []
        outlines: list[list[Outline]] = []
        self.job.progress("examine:total", sum(1 for _ in read(self.job.sources)))
        folder, policy = self.examined.folder, self.job.policy
        work = (
            _Examining(folder, number, None if self.examined.has(_name(number)) else raws, policy)
            for number, raws in enumerate(_cut(read(self.job.sources)), self.known.shards)
        )
        for quarantined, found in self.pool.map(_examine_shard, work):
            bad += quarantined
            outlines.append(found)
            self.job.progress("examine", len(found) + len(quarantined))
        return bad, outlines

    def _strip(self, skipped: list[list[bool]], sources: Counter[str]) -> None:
        """What each source repeats out of its items, into shards of the same numbers."""
        before = self.known.shards
        numbers = range(before, before + len(skipped))
        memories = steps.merge_memories(self.pool.map(_learn_lot, self._lessons(skipped, sources)))
        book = self.stripped.folder / "memories"
        write_bytes(book, [pickle.dumps(memories)])
        done = {number for number in numbers if self.stripped.has(_name(number))}
        wanted = [
            _Stripping(self.examined.folder, self.stripped.folder, number, book, self.job.spared)
            for number in numbers
            if number not in done
        ]
        self.job.progress("strip:total", sum(map(len, skipped)))
        self.job.progress("strip", sum(len(skipped[number - before]) for number in done))
        for items in self.pool.map(_strip_shard, wanted):
            self.job.progress("strip", items)

    def _lessons(self, skipped: list[list[bool]], sources: Counter[str]) -> Iterator[_Learning]:
        """The items from which memories are learned: the new ones, and those that an earlier plan settled."""
        if self.known.items:
            reader = ShardReader(self.stripped.folder)
            rows: list[set[int]] = [set() for _ in range(self.known.shards)]
            for one in self.known.items:
                rows[one.shard].add(one.row)
                sources[reader[one.shard].meta(one.row)[1][3] or ""] += 1
            gone = [[row not in rows[n] for row in range(reader[n].items)] for n in range(self.known.shards)]
            learnable = steps.learnable(sources.items())
            for lot in _lots(range(self.known.shards)):
                yield _Learning(self.stripped.folder, tuple(lot), [gone[n] for n in lot], learnable)
        learnable = steps.learnable(sources.items())
        for lot in _lots(range(len(skipped))) if learnable else ():
            shards = tuple(n + self.known.shards for n in lot)
            yield _Learning(self.examined.folder, shards, [skipped[n] for n in lot], learnable)

    def _order(self, skipped: list[list[bool]]) -> _Order:
        """All items in the policy's order, those that were settled before in front; their keys in sorted files."""
        before = self.known.shards
        bands, passages = Spill(self.settled.folder, "bands"), Spill(self.settled.folder, "passages")
        found: list[tuple[bytes, int, int, Outline]] = []
        work = [_Outlining(self.stripped.folder, n + before, gone, self.job.policy) for n, gone in enumerate(skipped)]
        for asked, outlines in zip(work, self.pool.map(_outline_shard, work), strict=True):
            found += [(o.key, asked.number, row, o) for row, o in outlines]
        found.sort(key=lambda one: one[:3])
        order = _Order.of(found, self.known)
        del found
        order.write(self.settled.folder / _ORDER)
        places = order.places(before + len(skipped))
        filed = (_Filing(self.stripped.folder, n, rows) for n, rows in enumerate(places))
        for by_band, by_passage in self.pool.map(_file_shard, filed):
            bands.add(by_band)
            passages.add(by_passage)
        bands.sorted()
        passages.sorted()
        return order

    def _blocks(self, order: _Order, turn: int) -> list[_Settling]:
        starts = range(len(self.known.items), len(order.ids), BLOCK)
        return [_Settling(self.job, self.stripped.folder, self.settled.folder, start, turn) for start in starts]

    def _settle(self, order: _Order) -> None:
        """Passes over all blocks until one changes nothing."""
        folder = self.settled.folder
        shared = np.memmap(folder / "kept", np.uint8, "w+", shape=(max(1, len(order.ids)),))
        shared[: len(order.ids)] = order.guess
        self.job.progress("decide:total", len(order.ids) - len(self.known.items))
        for turn in itertools.count():
            for name in ("bands", "passages"):
                kept_only(folder / f"{name}.postings", np.array(shared), folder / f"{name}.kept")
            changed = 0
            blocks = self._blocks(order, turn)
            for block, (flags, different) in zip(blocks, self.pool.map(_settle_block, blocks), strict=True):
                shared[block.start : block.start + len(flags)] = flags
                changed += different
                self.job.progress("decide" if turn == 0 else "confirm", len(flags) if turn == 0 else different)
            if not changed:
                return

    def _finish(self, order: _Order, rows: dict[tuple[int, int], int]) -> tuple[Tally, Iterator[dict[str, Any]]]:
        """The totals, and the plan's rows; what they settle is written down for a later plan."""
        blocks = self._blocks(order, -1)
        tally = total(self.pool.map(_tally_block, blocks))

        def lines() -> Iterator[dict[str, Any]]:
            actions = []
            for block in blocks:
                for place, outcome in enumerate(_read_block(self.settled.folder, block.start), block.start):
                    actions.append(outcome.row["action"])
                    yield {**outcome.row, "rows": rows[int(order.file[place]), int(order.number[place])]}
            write_known(self.job.work, order.settled(self.known, actions))

        return tally, lines()


def _name(number: int) -> str:
    return f"{number:06d}.shard"


def _cut(raws: Iterator[RawRow]) -> Iterator[list[RawRow]]:
    """The rows in shards, which hang on the input alone."""
    shard: list[RawRow] = []
    size = 0
    for raw in raws:
        shard.append(raw)
        size += len(raw.data)
        if len(shard) == _ROWS or size >= _BYTES:
            yield shard
            shard, size = [], 0
    if shard:
        yield shard


def _lots(shards: Sequence[int]) -> Iterator[Sequence[int]]:
    """Shards in lots, each of which learns by itself."""
    return (shards[at : at + 16] for at in range(0, len(shards), 16))


@dataclass(frozen=True, slots=True)
class _Examining:
    folder: Path
    number: int
    raws: list[RawRow] | None  # None: the shard is finished
    policy: Policy


def _examine_shard(work: _Examining) -> tuple[list[Quarantined], list[Outline]]:
    if work.raws is not None:
        items, quarantined = steps.prepare(work.raws)
        write_shard(work.folder / _name(work.number), items, quarantined)
        return quarantined, [steps.outline(one, work.policy) for one in items]
    shard = ShardReader(work.folder)[work.number]
    return shard.quarantined, [steps.outline(shard.prepared(row), work.policy) for row in range(shard.items)]


@dataclass(frozen=True, slots=True)
class _Learning:
    folder: Path
    shards: tuple[int, ...]
    skipped: list[list[bool]]
    sources: set[str]


def _learn_lot(work: _Learning) -> Memories:
    reader = ShardReader(work.folder)
    items = (
        reader[number].prepared(row)
        for number, gone in zip(work.shards, work.skipped, strict=True)
        for row, skip in enumerate(gone)
        if not skip
    )
    return steps.learn(items, work.sources)


@dataclass(frozen=True, slots=True)
class _Stripping:
    examined: Path
    folder: Path
    number: int
    memories: Path
    spared: frozenset[str]


@lru_cache(maxsize=1)
def _read_memories(path: Path, _changed: int) -> Memories:
    # Written by this user's own process a moment ago.
    memories: Memories = pickle.loads(path.read_bytes())  # noqa: S301
    return memories


def _strip_shard(work: _Stripping) -> int:
    shard = ShardReader(work.examined)[work.number]
    memories = _read_memories(work.memories, work.memories.stat().st_mtime_ns)
    before = [shard.prepared(row) for row in range(shard.items)]
    after = [steps.strip(one, memories, work.spared) for one in before]
    target = work.folder / _name(work.number)
    if all(one is other for one, other in zip(before, after, strict=True)):
        os.link(work.examined / target.name, target)
    else:
        write_shard(target, after, shard.quarantined)
    return len(after)


@dataclass(frozen=True, slots=True)
class _Outlining:
    folder: Path
    number: int
    skipped: list[bool]
    policy: Policy


def _outline_shard(work: _Outlining) -> list[tuple[int, Outline]]:
    shard = ShardReader(work.folder)[work.number]
    rows = (row for row, skip in enumerate(work.skipped) if not skip)
    return [(row, steps.outline(shard.prepared(row), work.policy)) for row in rows]


@dataclass(frozen=True, slots=True)
class _Filing:
    folder: Path
    number: int
    places: list[tuple[int, int]]  # row and place


def _file_shard(work: _Filing) -> tuple[Wide, Wide]:
    shard = ShardReader(work.folder)[work.number]
    none = np.zeros(0, np.uint64)
    with_text = [(row, place) for row, place in work.places if shard.shingles(row).size]
    bands = [postings_of(shard.bands[row], place) for row, place in with_text]
    passages = [postings_of(shard.passages(row), place) for row, place in with_text]
    return np.concatenate([none, *bands]), np.concatenate([none, *passages])


@dataclass(frozen=True, slots=True)
class _Order:
    """Where each place's item lies, and what is asked of all at once."""

    ids: list[str]
    shard: Numbers
    row: Numbers
    file: Numbers
    number: NDArray[np.int64]
    moments: NDArray[np.float64]
    passages: Numbers
    guess: Flags  # what stays, before anything was compared: all but filler and exact copies
    digests: list[str]  # of the new items' rows
    sketches: list[str]

    @classmethod
    def of(cls, found: list[tuple[bytes, int, int, Outline]], known: Known) -> _Order:
        """``found``: what is new, in order; known items go first, and one whose id comes again gives way."""
        outlines = [one[3] for one in found]
        again = {o.item_id for o in outlines}
        given_up = [one.action == "reject" or one.item_id in again for one in known.items]
        copies = exact_copies([*(one.sketch for one in known.items), *(o.sketch for o in outlines)])
        fresh = [not (o.rejected or copy) for o, copy in zip(outlines, copies[len(known.items) :], strict=True)]
        settled = known.items
        return cls(
            [*(one.item_id for one in settled), *(o.item_id for o in outlines)],
            np.array([*(one.shard for one in settled), *(one[1] for one in found)], np.int32),
            np.array([*(one.row for one in settled), *(one[2] for one in found)], np.int32),
            np.array([-1] * len(settled) + [o.file for o in outlines], np.int32),
            np.array([-1] * len(settled) + [o.number for o in outlines], np.int64),
            np.array([*(one.moment for one in settled), *(o.moment for o in outlines)], np.float64),
            np.array([*(one.passages for one in settled), *(o.passages for o in outlines)], np.int32),
            np.array([not gone for gone in given_up] + fresh, np.uint8),
            [o.digest for o in outlines],
            [o.sketch for o in outlines],
        )

    def settled(self, known: Known, actions: Sequence[str]) -> Iterator[Settled]:
        """What is known after this plan."""
        first = len(known.items)
        again = set(self.ids[first:])
        yield from (one for one in known.items if one.item_id not in again)
        for at, action in enumerate(actions):
            place = first + at
            yield Settled(
                self.ids[place], self.digests[at], action, int(self.shard[place]), int(self.row[place]),
                float(self.moments[place]), self.sketches[at], int(self.passages[place]),
            )  # fmt: skip

    def write(self, path: Path) -> None:
        """For the workers."""
        with path.open("wb") as file:
            np.savez(file, shard=self.shard, row=self.row, moments=self.moments, passages=self.passages)

    def places(self, shards: int) -> list[list[tuple[int, int]]]:
        """For each shard, its rows and their places."""
        found: list[list[tuple[int, int]]] = [[] for _ in range(shards)]
        for place, (shard, row) in enumerate(zip(self.shard.tolist(), self.row.tolist(), strict=True)):
            found[shard].append((row, place))
        return found


@dataclass(frozen=True, slots=True)
class _Settling:
    job: Job
    shards: Path
    folder: Path
    start: int
    turn: int


class _Desk:
    """What a worker needs to settle blocks; opened once a pass."""

    def __init__(self, shards: Path, folder: Path) -> None:
        with np.load(folder / _ORDER) as order:
            self.shard, self.row = order["shard"].tolist(), order["row"].tolist()
            self.moments, sizes = order["moments"], order["passages"]
        self.latest = np.maximum.accumulate(self.moments)
        self.reader = ShardReader(shards)
        self.kept: Flags = np.memmap(folder / "kept", np.uint8, "r")
        self.buckets = Buckets(folder / "bands.kept", folder / "passages.kept", sizes)

    def prepared(self, place: int) -> Prepared:
        return self.reader[self.shard[place]].prepared(self.row[place])


@lru_cache(maxsize=1)
def _desk(shards: Path, folder: Path, turn: int) -> _Desk:  # noqa: ARG001  # a new one each pass: the files changed
    return _Desk(shards, folder)


def _settle_block(work: _Settling) -> tuple[list[bool], int]:
    """The flags of a block's items, and how many of them had other candidates than before."""
    desk = _desk(work.shards, work.folder, work.turn)
    before = _read_block(work.folder, work.start)
    kept = np.array(desk.kept)
    outcomes, different = [], 0
    for place in range(work.start, min(work.start + BLOCK, len(desk.row))):
        known = before[place - work.start] if before else None
        outcome = _settle_item(work.job.policy, desk, place, kept, known)
        different += outcome is not known
        kept[place] = outcome.kept
        outcomes.append(outcome)
    if different:
        lines = [outcome.as_json().encode("utf-8") + b"\n" for outcome in outcomes]
        write_bytes(_block(work.folder, work.start), lines)
    return [outcome.kept for outcome in outcomes], different


def _settle_item(policy: Policy, desk: _Desk, place: int, kept: Flags, known: Outcome | None) -> Outcome:
    one = desk.prepared(place)
    near = NOTHING_NEAR
    if one.examined.sketch is not None:
        earliest = steps.earliest_of(one, policy)
        since = None if earliest == -math.inf else Since.at(earliest, desk.moments, desk.latest)
        limit = steps.candidate_limit(one, policy)
        near = desk.buckets.nearest(one.bands, one.examined.sketch.passages, place, kept, limit, since)
    if known and known.near == near.places and known.cut == near.truncated:
        return known
    others = {at: _Stored(desk, at) for at in near.places}
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


def _read_block(folder: Path, start: int) -> list[Outcome]:
    path = _block(folder, start)
    return [Outcome.from_json(line) for line in path.read_bytes().splitlines()] if path.is_file() else []


def _tally_block(work: _Settling) -> Tally:
    desk = _desk(work.shards, work.folder, work.turn)
    tally = Tally()
    for place, outcome in enumerate(_read_block(work.folder, work.start), work.start):
        tally.add(desk.prepared(place), outcome.row)
    return tally
