"""The steps over Spark: what is large is a DataFrame on shared storage, and the driver holds little that grows with it.

Verdicts hang on one another, as ``local`` tells; here they are found in rounds over the whole order. A crowded bucket
is cut into chunks of representatives, and a join brings an item two of them at most, however crowded the bucket; an
item's comparisons are spread by its place, so that none of this is skewed. What a stage has written is counted before
the next one reads it. The only file that imports pyspark.
"""

from __future__ import annotations

import json
import math
import os
import pickle  # nosec B403  # between our own driver and workers
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import count, groupby
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyspark.sql import DataFrame, Observation, Row, SparkSession, Window
from pyspark.sql import functions as fn

from detector.archive import steps
from detector.archive.buckets import REPRESENTATIVES, Since
from detector.archive.formats import Quarantined, Shard, read_shard, shards
from detector.archive.job import Job, Planned
from detector.archive.shards import Prepared, ShardFile, shard_pieces
from detector.archive.steps import Memories, Outcome, Outline
from detector.archive.tally import BLOCK, Tally, total
from detector.archive.work import Stage, key_of
from detector.dedup import Entry
from detector.dedup.places import likeliest_first
from detector.errors import ArchiveError
from detector.policy import Policy

_PIECE = 8 << 20  # bytes of a source that one task reads
_CHUNK = REPRESENTATIVES + 1  # places of a bucket in one row: one more than are looked at shows that a look was cut
_OUTLINE = (
    "item_id string, digest string, key binary, file int, number long, place string, title string, source string,"
    " moment double, sketch string, passages int, rejected boolean"
)
_ITEM = f"{_OUTLINE}, record binary"
_STRIPPED = f"{_ITEM}, rows int, earliest double, most int"  # with what an item's look-ups need
_BANDS, _PASSAGES = 0, 1

Frames = Iterable[pd.DataFrame]


class SparkEngine:
    """DataFrames in a Spark session: of this machine by default, or of a cluster by its master URL."""

    def __init__(self, master: str = "local[*]", partitions: int | None = None) -> None:
        """``partitions``: of a shuffle; by default Spark's own number, and a few on one machine."""
        self._master, self._partitions = master, partitions

    def session(self) -> SparkSession:
        """The session; one that is running is used as it is."""
        is_local = self._master.startswith("local")
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        if is_local:
            os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
        builder = SparkSession.builder.master(self._master).appName("copytaster")
        partitions = self._partitions or (2 if is_local else None)
        if partitions:
            builder = builder.config("spark.sql.shuffle.partitions", partitions)
        if is_local:
            builder = builder.config("spark.ui.enabled", "false").config("spark.driver.bindAddress", "127.0.0.1")
        return builder.config("spark.sql.execution.arrow.maxRecordsPerBatch", 1000).getOrCreate()

    @contextmanager
    def plan(self, job: Job) -> Iterator[Planned]:
        """Every item's row in the policy's order; takes up what an interrupted run of the same job has finished."""
        if job.known.items:
            raise ArchiveError("the engine spark plans whole archives; use --engine local with --since")
        yield _Run(job, self.session()).planned()


class _Run:
    """One run of the engine."""

    def __init__(self, job: Job, session: SparkSession) -> None:
        self.job, self.session = job, session
        key = key_of(before=job.examined_key, **job.settle_settings)
        self.stage = Stage(job.work / "spark", key)

    def planned(self) -> Planned:
        """Examine, strip, order, settle, and read the plan off."""
        examined = self._written("examined", self._examined)
        ranked = self._ranked(examined)
        bad = self._quarantined(examined, ranked)
        items = ranked.where("turn = 1").drop("turn", "first", "first_place")
        stripped = self._written("stripped", lambda: self._stripped(items))
        placed = self._written("placed", lambda: self._placed(stripped))
        outcomes = self._settled(placed)
        finished = placed.select("at", "rows", "record").join(outcomes.select("at", "outcome"), "at")
        repeated = placed.agg(fn.coalesce(fn.sum(fn.col("rows") - 1), fn.lit(0))).first()
        rows = finished.orderBy("at").select("rows", "outcome")
        lines = ({**Outcome.from_json(r["outcome"]).row, "rows": r["rows"]} for r in rows.toLocalIterator())
        return Planned(lines, bad, repeated[0] if repeated else 0, [], self._tally(finished), _fetcher(placed))

    def _written(self, name: str, make: Callable[[], DataFrame]) -> DataFrame:
        """What ``make`` gives, from disk; made and counted unless an earlier run has finished it."""
        path = self.stage.folder / name
        if not (path / "_SUCCESS").is_file():
            seen = Observation(name)
            make().observe(seen, fn.count(fn.lit(1)).alias("rows")).write.mode("overwrite").parquet(str(path))
            written, expected = self.session.read.parquet(str(path)).count(), seen.get["rows"]
            if written != expected:
                raise ArchiveError(f"{path} holds {written} rows of {expected} that were written; run the plan again")
        return self.session.read.parquet(str(path))

    def _frame(self, rows: Sequence[tuple[Any, ...]], schema: str, parts: int) -> DataFrame:
        return self.session.createDataFrame(rows, schema).repartition(max(1, parts))

    def _examined(self) -> DataFrame:
        pieces = shards(self.job.sources, _PIECE)
        frame = self._frame([(pickle.dumps(piece),) for piece in pieces], "piece binary", len(pieces))
        policy = self.job.policy

        def examine(frames: Frames) -> Iterator[pd.DataFrame]:
            for pickled in _column(frames, "piece"):
                yield from _examined_rows(pickle.loads(pickled), policy)  # noqa: S301  # nosec B301  # from our own driver

        return frame.mapInPandas(examine, f"{_ITEM}, error string")

    def _ranked(self, examined: DataFrame) -> DataFrame:
        """Items with their turn among the rows of their id, and how many times their row stands there."""
        rows = examined.where("error is null").drop("error")
        by_id = Window.partitionBy("item_id").orderBy("key", "digest", "file", "number")
        same = Window.partitionBy("item_id", "digest")
        return (
            rows.withColumn("turn", fn.row_number().over(by_id))
            .withColumn("first", fn.first("digest").over(by_id))
            .withColumn("first_place", fn.first("place").over(by_id))
            .withColumn("rows", fn.count(fn.lit(1)).over(same).cast("int"))
        )

    def _quarantined(self, examined: DataFrame, ranked: DataFrame) -> list[Quarantined]:
        unread = examined.where("error is not null").select("file", "number", "error", "title", "place").collect()
        bad = [Quarantined(*row) for row in unread]
        for row in ranked.where("digest != first").drop("record").collect():
            one = _outline(row)
            other = _outline(row, place=row["first_place"])
            bad.append(steps.same_id(one, other))
        return bad

    def _stripped(self, items: DataFrame) -> DataFrame:
        counted = items.groupBy("source").count().where("count >= 8 and source != ''").collect()
        learnable = steps.learnable((row["source"], row["count"]) for row in counted)
        memories = self._memories(items, learnable) if learnable else {}
        given = self.session.sparkContext.broadcast((memories, self.job.spared, self.job.policy))

        def strip(frames: Frames) -> Iterator[pd.DataFrame]:
            memories, spared, policy = given.value
            for frame in frames:
                found = [steps.strip(_unpacked(record), memories, spared) for record in frame["record"]]
                rows = [
                    (*_outlined(one, policy), times, steps.earliest_of(one, policy), steps.candidate_limit(one, policy))
                    for one, times in zip(found, frame["rows"], strict=True)
                ]
                yield _framed(rows, _STRIPPED)

        return items.mapInPandas(strip, _STRIPPED)

    def _memories(self, items: DataFrame, learnable: set[str]) -> Memories:
        def learn(frames: Frames) -> Iterator[pd.DataFrame]:
            lot = steps.learn((ShardFile(bytes(one)).lesson(0) for one in _column(frames, "record")), learnable)
            yield _framed([(pickle.dumps({source: lot[source]}),) for source in sorted(lot)], "memory binary")

        lots = items.select("record").mapInPandas(learn, "memory binary").toLocalIterator()
        return steps.merge_memories(pickle.loads(row["memory"]) for row in lots)  # noqa: S301  # nosec B301  # from our own workers

    def _placed(self, stripped: DataFrame) -> DataFrame:
        """The items with their place in the policy's order, ``at``."""
        ranged = self._written(
            "ranged",
            lambda: stripped.repartitionByRange("key", "item_id").withColumn("part", fn.spark_partition_id()),
        )
        sizes = sorted(ranged.groupBy("part").count().collect())
        starts = np.cumsum([0, *(row["count"] for row in sizes)]).tolist()
        offsets = [(row["part"], start) for row, start in zip(sizes, starts, strict=False)]
        offset = self.session.createDataFrame(offsets or [(0, 0)], "part int, start int")
        within = fn.row_number().over(Window.partitionBy("part").orderBy("key", "item_id"))
        placed = ranged.join(fn.broadcast(offset), "part").withColumn("at", (fn.col("start") + within - 1).cast("int"))
        return placed.drop("part", "start")

    def _settled(self, placed: DataFrame) -> DataFrame:
        """Rounds until one changes nothing; the outcomes of all items."""
        postings = self._written("postings", lambda: self._postings(placed))
        by_sketch = Window.partitionBy("sketch").orderBy("at")
        guess = placed.where("sketch != '' and not rejected").withColumn("copy", fn.row_number().over(by_sketch))
        # An exact copy of a rejected item stays for now, unlike in the local engine: a guess decides nothing.
        kept = guess.where("copy = 1").select("at")
        outcomes: DataFrame | None = None
        for turn in count():
            near = self._written(f"near{turn}", partial(self._near, placed, postings, kept))
            changed = near if outcomes is None else _unlike(near, outcomes)
            fresh = self._written(f"fresh{turn}", partial(self._verified, placed, changed))
            different = fresh.count()
            self.job.progress("decide" if turn == 0 else "confirm", different)
            if outcomes is not None and not different:
                return outcomes
            old = outcomes.join(fresh, "at", "left_anti") if outcomes is not None else None
            merged = fresh if old is None else fresh.unionByName(old)
            outcomes = self._written(f"outcomes{turn}", partial(_itself, merged))
            kept = outcomes.where("kept").select("at")
        raise AssertionError  # the loop above ends only by its return

    def _postings(self, placed: DataFrame) -> DataFrame:
        """A row a key: where it is, which kind of key, and the place from which on its item looks."""
        moments = self._moments(placed)

        def post(frames: Frames) -> Iterator[pd.DataFrame]:
            latest = np.maximum.accumulate(moments)
            for row in _rows_of(frames):
                first = Since.at(row.earliest, moments, latest).first if row.earliest > -math.inf else 0
                yield _posted(row.at, _unpacked(row.record), first)

        wanted = placed.where("sketch != ''").select("at", "earliest", "record")
        return wanted.mapInPandas(post, "kind tinyint, key long, at int, first int")

    def _moments(self, placed: DataFrame) -> NDArray[np.float64]:
        """When each place was published, for items that look back; eight bytes a place, in the driver."""
        if placed.where("earliest > double('-Infinity')").isEmpty():
            return np.zeros(0)
        rows = placed.orderBy("at").select("moment").toLocalIterator()
        return np.fromiter((row["moment"] for row in rows), np.float64)

    def _near(self, placed: DataFrame, postings: DataFrame, kept: DataFrame) -> DataFrame:
        """For each item the kept, earlier ones that are compared with it."""
        bucket = Window.partitionBy("kind", "key").orderBy("at")
        chunked = postings.join(kept, "at").withColumn(
            "chunk", fn.floor((fn.row_number().over(bucket) - 1) / _CHUNK).cast("int")
        )
        chunks = chunked.groupBy("kind", "key", "chunk").agg(
            fn.sort_array(fn.collect_list("at")).alias("places"),
            fn.min("at").alias("low"),
            fn.max("at").alias("high"),
        )
        along = Window.partitionBy("kind", "key").orderBy("chunk")
        # The chunks in which an item's representatives stand: the first two that reach up to where it looks from.
        chunks = chunks.withColumn("past", fn.coalesce(fn.lag("high", 2).over(along), fn.lit(-1)))
        asked, held = postings.alias("a"), chunks.alias("b")
        hits = asked.join(
            held,
            fn.expr("a.kind = b.kind and a.key = b.key and b.high >= a.first and b.past < a.first and b.low < a.at"),
        ).selectExpr("a.at", "a.kind", "a.key", "a.first", "b.low", "b.places")
        items = placed.select("at", "earliest", "most")
        found = items.join(hits, "at", "left").repartition("at").sortWithinPartitions("at", "kind", "key", "low")
        given = self.session.sparkContext.broadcast((self._sizes(placed), self._moments(placed)))

        def rank(frames: Frames) -> Iterator[pd.DataFrame]:
            sizes, moments = given.value
            for at, rows in groupby(_rows_of(frames), key=lambda row: row.at):
                yield _framed([_nearest(at, list(rows), sizes, moments)], _NEAR)

        return found.mapInPandas(rank, _NEAR)

    def _sizes(self, placed: DataFrame) -> NDArray[np.int32]:
        """How many passage keys each place has: four bytes a place."""
        rows = placed.orderBy("at").select("passages").toLocalIterator()
        return np.fromiter((row["passages"] for row in rows), np.int32)

    def _verified(self, placed: DataFrame, near: DataFrame) -> DataFrame:
        """The outcome of each item with its candidates, brought together by place."""
        records = placed.select(fn.col("at").alias("place"), "record")
        wanted = near.select("at", fn.posexplode(fn.concat(fn.array("at"), fn.col("near"))).alias("pos", "place"))
        both = wanted.join(records, "place").join(near.select("at", "cut"), "at")
        both = both.repartition("at").sortWithinPartitions("at", "pos")
        policy = self.job.policy

        def verify(frames: Frames) -> Iterator[pd.DataFrame]:
            for at, rows in groupby(_rows_of(frames), key=lambda row: row.at):
                first, *others = rows
                known = {int(row.place): _Packed(row.record) for row in others}
                outcome = steps.settled(_unpacked(first.record), list(known), bool(first.cut), known, policy)
                yield _framed([(at, outcome.near, outcome.cut, outcome.kept, outcome.as_json())], _OUTCOME)

        return both.mapInPandas(verify, _OUTCOME)

    def _tally(self, finished: DataFrame) -> Tally:
        """The totals, by the same blocks of places as in the local engine."""
        blocks = finished.withColumn("block", fn.floor(fn.col("at") / BLOCK))
        ordered = blocks.repartition("block").sortWithinPartitions("at")

        def count_up(frames: Frames) -> Iterator[pd.DataFrame]:
            for block, rows in groupby(_rows_of(frames), key=lambda row: row.block):
                tally = Tally()
                for row in rows:
                    tally.add(Outcome.from_json(row.outcome).row, ShardFile(bytes(row.record)), 0)
                yield _framed([(block, json.dumps(tally.as_json()))], "block long, tally string")

        found = ordered.mapInPandas(count_up, "block long, tally string").orderBy("block").collect()
        return total(Tally.from_json(json.loads(row["tally"])) for row in found)


_NEAR = "at int, near array<int>, cut boolean"
_OUTCOME = "at int, near array<int>, cut boolean, kept boolean, outcome binary"


@dataclass(frozen=True, slots=True)
class _Packed:
    """An earlier item, packed as a shard of its own."""

    record: bytes

    @property
    def entry(self) -> Entry | None:
        return ShardFile(self.record).entry(0)

    def prepared(self) -> Prepared:
        return _unpacked(self.record)


def _itself(frame: DataFrame) -> DataFrame:
    return frame


def _packed(one: Prepared) -> bytes:
    return b"".join(shard_pieces([one]))


def _unpacked(record: bytes) -> Prepared:
    return ShardFile(bytes(record)).prepared(0)


def _framed(rows: Sequence[tuple[Any, ...]], schema: str) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=[field.split()[0] for field in schema.split(", ")])


def _column(frames: Frames, name: str) -> Iterator[Any]:
    return (value for frame in frames for value in frame[name])


def _rows_of(frames: Frames) -> Iterator[Any]:
    return (row for frame in frames for row in frame.itertuples(index=False))


def _outlined(one: Prepared, policy: Policy) -> tuple[Any, ...]:
    outline = steps.outline(one, policy)
    return (*(getattr(outline, name) for name in outline.__slots__), _packed(one))


def _outline(row: Row, **changes: Any) -> Outline:
    values = {name: row[name] for name in Outline.__slots__}
    return Outline(**{**values, "key": bytes(values["key"]), **changes})


def _examined_rows(piece: Shard, policy: Policy) -> Iterator[pd.DataFrame]:
    schema = f"{_ITEM}, error string"
    for raw in read_shard(piece):
        items, quarantined = steps.prepare([raw])
        rows: list[tuple[Any, ...]] = [(*_outlined(one, policy), None) for one in items]
        rows += [
            ("", "", b"", q.file, q.number, q.place, q.head, "", math.inf, "", 0, False, b"", q.error)
            for q in quarantined
        ]
        yield _framed(rows, schema)


def _posted(at: int, one: Prepared, first: int) -> pd.DataFrame:
    passages = one.examined.sketch.passages if one.examined.sketch else one.bands
    keys = np.concatenate([one.bands, passages]).astype(np.int64)
    kinds = np.repeat(np.array([_BANDS, _PASSAGES], np.int8), [one.bands.size, passages.size])
    return pd.DataFrame({"kind": kinds, "key": keys, "at": np.int32(at), "first": np.int32(first)})


def _nearest(
    at: int, rows: Sequence[Any], sizes: NDArray[np.int32], moments: NDArray[np.float64]
) -> tuple[int, list[int], bool]:
    """An item's candidates as ``Places`` ranks them, from the chunks of the buckets that it is in."""
    cut = False
    shared: dict[int, dict[int, int]] = {_BANDS: {}, _PASSAGES: {}}
    looked_up = (row for row in rows if row.places is not None)
    for (kind, _), chunks in groupby(looked_up, key=lambda row: (row.kind, row.key)):
        held = [int(place) for row in chunks for place in row.places if row.first <= place < at]
        cut |= len(held) > REPRESENTATIVES
        counts = shared[int(kind)]
        for place in held[:REPRESENTATIVES]:
            counts[place] = counts.get(place, 0) + 1
    by_band, by_passage = (np.array(sorted(shared[kind]), np.int32) for kind in (_BANDS, _PASSAGES))
    times = np.array([shared[_PASSAGES][place] for place in by_passage.tolist()], np.int32)
    ranked = likeliest_first(by_band, by_passage, times, sizes[by_passage], int(sizes[at]))
    earliest, most = rows[0].earliest, int(rows[0].most)
    found = [place for place in ranked if earliest == -math.inf or moments[place] >= earliest]
    return at, found[:most], cut or len(found) > most


def _unlike(near: DataFrame, outcomes: DataFrame) -> DataFrame:
    """The items whose candidates are others than those that their outcome follows from."""
    before = outcomes.select("at", fn.col("near").alias("near_before"), fn.col("cut").alias("cut_before"))
    both = near.join(before, "at")
    return both.where("near != near_before or cut != cut_before").select("at", "near", "cut")


def _fetcher(placed: DataFrame) -> Callable[[Sequence[str]], dict[str, Prepared]]:
    def fetch(item_ids: Sequence[str]) -> dict[str, Prepared]:
        rows = placed.where(fn.col("item_id").isin(list(item_ids))).select("item_id", "record").collect()
        return {row["item_id"]: _unpacked(row["record"]) for row in rows}

    return fetch
