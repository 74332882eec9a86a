"""The steps over worker processes of this machine, everything large on disk: the shards first, then the order.

What the workers do to a shard is in ``sharding``, and how verdicts that hang on one another are found in ``settling``.
"""

from __future__ import annotations

import itertools
import pickle  # nosec B403  # writes only
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from detector.archive import steps
from detector.archive.buckets import Spill, kept_only
from detector.archive.cutting import count, cut, pieces
from detector.archive.formats import Quarantined
from detector.archive.job import Job, Planned
from detector.archive.kernels import load_kernels
from detector.archive.known import write_known
from detector.archive.order import ORDER, Order
from detector.archive.settling import CHANGED, Settling, read_block, settle_block, tally_block
from detector.archive.sharding import (
    Examining,
    Fetching,
    Filing,
    Learning,
    Outlining,
    Stripping,
    examine_shard,
    fetch_rows,
    file_shard,
    learn_lot,
    lots,
    outline_shard,
    shard_name,
    strip_shard,
)
from detector.archive.shards import Prepared, ShardReader, write_bytes
from detector.archive.steps import Outline
from detector.archive.tally import BLOCK, Tally, total
from detector.archive.work import Stage, key_of
from detector.workers import Workers


class LocalEngine:
    """Worker processes over shards on disk."""

    def __init__(self, workers: int) -> None:
        self.workers = workers

    @contextmanager
    def plan(self, job: Job) -> Iterator[Planned]:
        """Every item's row in the policy's order; takes up what an interrupted run of the same job has finished."""
        with Workers(self.workers, load_kernels, preload=("detector.archive.warm",)) as pool:
            yield _Run(job, pool).planned()


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
        self._strip(skipped, sources)
        order = self._order(skipped, outlines)
        del outlines
        self._settle(order)
        tally, lines = self._finish(order, unique.rows)
        repeated = sum(rows - 1 for rows in unique.rows.values())
        quarantined = [*bad, *unique.quarantined]
        return Planned(lines, quarantined, repeated, carried, tally, self._fetcher(order), self.pool.map)

    def _fetcher(self, order: Order) -> Callable[[Sequence[str]], dict[str, Prepared]]:
        def fetch(item_ids: Sequence[str]) -> dict[str, Prepared]:
            wanted = set(item_ids)
            rows: dict[int, list[int]] = {}
            for place, item_id in enumerate(order.ids):
                if item_id in wanted:
                    rows.setdefault(int(order.shard[place]), []).append(int(order.row[place]))
            asked = [Fetching(self.stripped.folder, shard, some) for shard, some in rows.items()]
            found = itertools.chain.from_iterable(self.pool.map(fetch_rows, asked))
            return {one.examined.item.id: one for one in found}

        return fetch

    def _examine(self) -> tuple[list[Quarantined], list[list[Outline]]]:
        """Every row of the archive into shards; what was finished before is only looked at."""
        bad: list[Quarantined] = []
        outlines: list[list[Outline]] = []
        parts = pieces(self.job.sources)
        self.job.progress("examine:total", count(parts))
        folder, policy = self.examined.folder, self.job.policy
        work = (
            Examining(folder, number, None if self.examined.has(shard_name(number)) else raws, policy)
            for number, raws in enumerate(cut(parts), self.known.shards)
        )
        for quarantined, found in self.pool.map(examine_shard, work):
            bad += quarantined
            outlines.append(found)
            self.job.progress("examine", len(found) + len(quarantined))
        return bad, outlines

    def _strip(self, skipped: list[list[bool]], sources: Counter[str]) -> None:
        """What each source repeats out of its items, into shards of the same numbers."""
        before = self.known.shards
        numbers = range(before, before + len(skipped))
        memories = steps.merge_memories(self.pool.map(learn_lot, self._lessons(skipped, sources)))
        book = self.stripped.folder / "memories"
        write_bytes(book, [pickle.dumps(memories)])
        done = {number for number in numbers if self.stripped.has(shard_name(number))}
        wanted = [
            Stripping(self.examined.folder, self.stripped.folder, number, book, self.job.spared)
            for number in numbers
            if number not in done
        ]
        self.job.progress("strip:total", sum(map(len, skipped)))
        self.job.progress("strip", sum(len(skipped[number - before]) for number in done))
        for items in self.pool.map(strip_shard, wanted):
            self.job.progress("strip", items)

    def _lessons(self, skipped: list[list[bool]], sources: Counter[str]) -> Iterator[Learning]:
        """The items from which memories are learned: the new ones, and those that an earlier plan settled."""
        if self.known.items:
            reader = ShardReader(self.stripped.folder)
            rows: list[set[int]] = [set() for _ in range(self.known.shards)]
            for one in self.known.items:
                rows[one.shard].add(one.row)
                sources[reader[one.shard].meta(one.row)[1][3] or ""] += 1
            gone = [[row not in rows[n] for row in range(reader[n].items)] for n in range(self.known.shards)]
            learnable = steps.learnable(sources.items())
            for lot in lots(range(self.known.shards)):
                yield Learning(self.stripped.folder, tuple(lot), [gone[n] for n in lot], learnable)
        learnable = steps.learnable(sources.items())
        for lot in lots(range(len(skipped))) if learnable else ():
            shards = tuple(n + self.known.shards for n in lot)
            yield Learning(self.examined.folder, shards, [skipped[n] for n in lot], learnable)

    def _order(self, skipped: list[list[bool]], examined: list[list[Outline]]) -> Order:
        """All items in the policy's order, those that were settled before in front; their keys in sorted files."""
        before = self.known.shards
        bands, passages = Spill(self.settled.folder, "bands"), Spill(self.settled.folder, "passages")
        found: list[tuple[bytes, int, int, Outline]] = []
        work: list[Outlining] = []
        for number, (outlines, gone) in enumerate(zip(examined, skipped, strict=True), before):
            if self._is_as_examined(number):
                rows = enumerate(zip(outlines, gone, strict=True))
                found += [(o.key, number, row, o) for row, (o, skip) in rows if not skip]
            else:
                work.append(Outlining(self.stripped.folder, number, gone, self.job.policy))
        for asked, anew in zip(work, self.pool.map(outline_shard, work), strict=True):
            found += [(o.key, asked.number, row, o) for row, o in anew]
        found.sort(key=lambda one: one[:3])
        order = Order.of(found, self.known)
        del found
        order.write(self.settled.folder / ORDER)
        places = order.places(before + len(skipped))
        filed = (Filing(self.stripped.folder, n, rows) for n, rows in enumerate(places))
        for by_band, by_passage in self.pool.map(file_shard, filed):
            bands.add(by_band)
            passages.add(by_passage)
        bands.sorted()
        passages.sorted()
        return order

    def _is_as_examined(self, number: int) -> bool:
        """Whether nothing was stripped from a shard: it is the same file."""
        name = shard_name(number)
        return (self.stripped.folder / name).samefile(self.examined.folder / name)

    def _blocks(self, order: Order, turn: int) -> list[Settling]:
        starts = range(len(self.known.items), len(order.ids), BLOCK)
        return [Settling(self.job, self.stripped.folder, self.settled.folder, start, turn) for start in starts]

    def _settle(self, order: Order) -> None:
        """Passes over all blocks until one changes nothing."""
        folder = self.settled.folder
        whole = np.memmap(folder / "kept", np.uint8, "w+", shape=(max(1, len(order.ids)),))
        shared = whole[: len(order.ids)]
        shared[:] = order.guess
        self.job.progress("decide:total", len(order.ids) - len(self.known.items))
        seen = order.guess
        for turn in itertools.count():
            flags = np.array(shared)
            write_bytes(folder / CHANGED, [np.flatnonzero(flags != seen).tobytes()])
            seen = flags
            for name in ("bands", "passages"):
                kept_only(folder / f"{name}.postings", flags, folder / f"{name}.kept")
            changed = 0
            blocks = self._blocks(order, turn)
            for block, (found, different) in zip(blocks, self.pool.map(settle_block, blocks), strict=True):
                shared[block.start : block.start + len(found)] = found
                changed += different
                self.job.progress("decide" if turn == 0 else "confirm", len(found) if turn == 0 else different)
            # Verdicts that an interrupted run left may all stand and yet follow from other flags than they give.
            if not changed and np.array_equal(shared, flags):
                return

    def _finish(self, order: Order, rows: dict[tuple[int, int], int]) -> tuple[Tally, Iterator[dict[str, Any]]]:
        """The totals, and the plan's rows; what they settle is written down for a later plan."""
        blocks = self._blocks(order, -1)
        tally = total(self.pool.map(tally_block, blocks))

        def lines() -> Iterator[dict[str, Any]]:
            actions = []
            for block in blocks:
                for place, outcome in enumerate(read_block(self.settled.folder, block.start), block.start):
                    actions.append(outcome.row["action"])
                    yield {**outcome.row, "rows": rows[int(order.file[place]), int(order.number[place])]}
            write_known(self.job.work, order.settled(self.known, actions))

        return tally, lines()
