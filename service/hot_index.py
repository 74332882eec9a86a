"""The index: keys in this process's memory, texts in the store; filled in bulk, kept in step by the store's changes."""

from __future__ import annotations

import logging
import time
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from detector import Candidates, Entry, Sketch, Sketching, SketchMismatchError
from detector.dedup import Banding, Places, Postings, sketch, tokenise
from service.sqlite import StoreError
from service.store import postings
from service.store.postings import Posting
from service.store.records import Status, moment_of, now

_log = logging.getLogger(__name__)

_WARM = 1_000_000  # tokens in the entries of one generation that stay in memory; there are two of them
_OVERHEAD = 100  # tokens' worth of objects around an entry
_MICROS = 1_000_000
_BLOCKS = 400  # that are sorted as one when the index is filled: 200,000 postings, a segment's worth of passages


@dataclass(frozen=True, slots=True)
class Found:
    """An earlier item, and where it is in the store."""

    entry: Entry
    item_seq: int
    version_seq: int
    status: Status


@dataclass(frozen=True, slots=True)
class _Block:
    """Many postings as arrays; a row of each for a posting, but for the keys of passages, which stand in a row."""

    versions: NDArray[np.int64]
    items: NDArray[np.uint32]
    moments: NDArray[np.float64]  # seconds since 1970
    bands: NDArray[np.uint32]  # shape (postings, keys)
    passages: NDArray[np.uint32]
    sizes: NDArray[np.int32]  # how many passages each has

    @classmethod
    def of(cls, part: list[Posting]) -> _Block:
        """These postings."""
        versions, items, published, bands, passages = zip(*part, strict=True)
        return cls(
            versions=np.array(versions, np.int64),
            items=np.array(items, np.uint32),
            moments=np.array(published, np.int64) / _MICROS,
            bands=_keys(b"".join(bands)).reshape(len(part), -1),
            passages=_keys(b"".join(passages)),
            sizes=np.fromiter(map(len, passages), np.int32, len(part)) // 4,
        )

    @classmethod
    def joined(cls, blocks: list[_Block]) -> _Block:
        """Several as one."""
        return cls(*(np.concatenate([getattr(block, name) for block in blocks]) for name in cls.__slots__))


class HotIndex:
    """Kept items by their keys. For one thread."""

    def __init__(self, sketching: Sketching, banding: Banding | None = None) -> None:
        self.sketching = sketching
        self.banding = banding or Banding()
        self._places = Places()
        self._versions = array("q")  # of each place, versions.seq
        self._by_item = Postings()  # items.seq → places
        self._change = 0  # the last one that was followed
        self.filled: datetime | None = None  # when it was, and was as many as the store says
        self._size = 0
        self._young: dict[int, Found] = {}  # by version; asked for since it was empty
        self._old: dict[int, Found] = {}  # the generation before
        self._tokens = 0

    def __len__(self) -> int:
        return self._size

    def fill(self, connection: Connection) -> None:
        """Read every posting of the store; raises StoreError unless there are as many as it says."""
        started = time.perf_counter()
        self._change = postings.last_change(connection)
        waiting: list[_Block] = []
        for part in postings.kept(connection):
            waiting.append(_Block.of(part))
            if len(waiting) == _BLOCKS:
                self._fill(_Block.joined(waiting))
                waiting = []
        if waiting:
            self._fill(_Block.joined(waiting))
        expected = postings.count_kept(connection)
        if len(self) != expected:
            raise StoreError(
                f"{len(self)} postings were read where the store counts {expected}; run: copytaster doctor"
            )
        self.filled = now()
        _log.info("index of %d items filled in %.1f s", len(self), time.perf_counter() - started)

    def _fill(self, block: _Block) -> None:
        first = len(self._places)
        self._places.fill(block.bands, block.passages, block.sizes, block.moments)
        self._by_item.fill(block.items, np.arange(first, first + block.items.size, dtype=np.int32))
        self._versions.frombytes(block.versions.tobytes())
        self._size += block.versions.size

    def follow(self, connection: Connection) -> list[int]:
        """Take in what other nodes have committed since; the items that changed. Nothing before it was filled."""
        if self.filled is None:
            return []
        changed, upto = postings.changed_since(connection, self._change)
        for item_seq in changed:
            self.refresh(connection, item_seq)
        self._change = upto  # now, or what a store that went away has not told would never be asked for again
        return changed

    def behind(self, connection: Connection) -> int:
        """How many changes other nodes have committed that are not in here; the next request takes them in."""
        return postings.last_change(connection) - self._change

    def follow_own(self, change: int) -> None:
        """What this node has committed up to a change is in the index already."""
        self._change = change

    def refresh(self, connection: Connection, item_seq: int) -> None:
        """Hold of one item what the store holds."""
        posting = postings.kept_of(connection, item_seq)
        for place in self._places_of(item_seq):
            if posting is not None and self._versions[place] == posting.version_seq:
                posting = None  # it is here already
            else:
                self._places.give_up(place)
                self._size -= 1
            self._young.pop(self._versions[place], None)  # its status may be another one
            self._old.pop(self._versions[place], None)
        if posting is not None:
            self.add(posting)

    def holds(self, item_seq: int) -> list[int]:
        """The versions of an item that are found here."""
        return [self._versions[place] for place in self._places_of(item_seq)]

    def at(self, connection: Connection) -> View:
        """The index as a transaction sees its texts."""
        return View(self, connection)

    def bands(self, made: Sketch) -> bytes:
        """The keys of a sketch's bands as they are stored."""
        return np.ascontiguousarray(self.banding.keys(made), "<u4").tobytes()

    def nearest(self, made: Sketch, *, limit: int, since: datetime | None) -> tuple[list[int], bool]:
        """Versions that share keys with a sketch, the likeliest first, and whether the look was cut."""
        if self.sketching.header != made.header:
            raise SketchMismatchError(
                f"a sketch made as {made.header!r} was asked of an index of {self.sketching.header!r}"
            )
        places, cut = self._places.nearest(self.banding.keys(made), made.passages, limit=limit, since=since)
        return [self._versions[place] for place in places], cut

    def read(self, connection: Connection, version_seqs: Iterable[int]) -> list[Found]:
        """These versions with their texts, in the same order; one that has gone meanwhile is left out."""
        wanted = list(version_seqs)
        missing = [seq for seq in wanted if seq not in self._young and seq not in self._old]
        read = {seq: self._found(text) for seq, text in postings.texts(connection, missing).items()} if missing else {}
        found = [one for seq in wanted if (one := self._young.get(seq) or self._old.get(seq) or read.get(seq))]
        for one in found:
            self._keep_warm(one)
        return found

    def sketch_of(self, text: str) -> Sketch | None:
        """The sketch of a cleaned text as this index makes them; None when there is nothing in it."""
        tokens = tokenise(text)
        return sketch(tokens, self.sketching) if len(tokens) else None

    def _found(self, text: postings.Text) -> Found:
        made = sketch(tokenise(text.text), self.sketching)
        kept = Entry(text.id, text.text, made, True, text.title, text.url, text.source, text.published)
        return Found(kept, text.item_seq, text.version_seq, text.status)

    def _keep_warm(self, found: Found) -> None:
        if found.version_seq in self._young:
            return
        if self._tokens >= _WARM:
            self._old, self._young, self._tokens = self._young, {}, 0
        self._young[found.version_seq] = found
        self._tokens += found.entry.sketch.tokens + _OVERHEAD

    def add(self, posting: Posting) -> None:
        """Hold an item of which nothing is here."""
        place = self._places.add(_keys(posting.bands), _keys(posting.passages), moment_of(posting.published))
        self._by_item.add(place, np.array([posting.item_seq], np.uint32))
        self._versions.append(posting.version_seq)
        self._size += 1

    def _places_of(self, item_seq: int) -> list[int]:
        found, _, _ = self._by_item.hits(np.array([item_seq], np.uint32), len(self._places) + 1, 0)
        return [place for place in found.tolist() if not self._places.is_given_up(place)]


class View:
    """A HotIndex whose texts are read in one transaction: the BandIndex that a detector asks, with what it gave."""

    def __init__(self, index: HotIndex, connection: Connection) -> None:
        self._index, self._connection = index, connection
        self.given: dict[str, Found] = {}
        self.since: datetime | None = None  # where the look begins for an item that has no date of its own

    def candidates(self, sketch: Sketch, *, limit: int, since: datetime | None = None) -> Candidates:
        """At most ``limit`` kept items that share a key with ``sketch``, published at ``since`` or later."""
        since = since or self.since
        versions, cut = self._index.nearest(sketch, limit=limit, since=since)
        return Candidates(self.read(versions), truncated=cut)

    def read(self, version_seqs: Iterable[int]) -> tuple[Entry, ...]:
        """The entries of these versions."""
        found = self._index.read(self._connection, version_seqs)
        self.given |= {one.entry.item_id: one for one in found}
        return tuple(one.entry for one in found)

    def add(self, entry: Entry) -> None:
        """Refused: what the index holds is what the store holds."""
        raise NotImplementedError(f"item {entry.item_id!r} comes into the index with its row in the store")


def _keys(blob: bytes) -> NDArray[np.uint32]:
    return np.frombuffer(blob, "<u4").astype(np.uint32)
