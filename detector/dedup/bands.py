"""Which earlier items could say the same? Bands of the signature, sampled passages, and the index over both.

Bands follow Leskovec, Rajaraman, Ullman, "Mining of Massive Datasets", ch. 3.4. They find texts that are alike as
a whole; the sampled passages find a text inside another, which bands cannot.
"""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from detector.dedup.kernels import band_keys
from detector.dedup.postings import Postings
from detector.errors import InvalidItemError, SketchMismatchError
from detector.records import Sketch

Keys = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Banding:
    """How a signature is cut into bands."""

    bands: int = 16
    rows: int = 8

    def candidate_probability(self, jaccard: float) -> float:
        """Chance that two items share a band: the S-curve 1 - (1 - s^r)^b."""
        return float(1 - (1 - jaccard**self.rows) ** self.bands)

    def keys(self, sketch: Sketch) -> Keys:
        """One 64-bit key a band, shape (bands,)."""
        if sketch.signature.size < self.bands * self.rows:
            raise InvalidItemError(
                f"{self.bands} bands of {self.rows} rows need {self.bands * self.rows} permutations, and the"
                f" sketch has {sketch.signature.size}; set num_perm or the bands to fit"
            )
        return band_keys(sketch.signature, self.bands, self.rows)


def passage_keys(sketch: Sketch) -> Keys:
    """One 64-bit key a sampled passage; none equals a band's."""
    return sketch.passages.astype(np.uint64)


@dataclass(frozen=True, slots=True)
class Entry:
    """What an index keeps of an item that was admitted: all that a later one is compared with."""

    item_id: str
    text: str  # cleaned
    sketch: Sketch
    kept: bool  # not rejected: only such an item can make another a duplicate
    title: str = ""
    url: str | None = None
    source: str | None = None
    published: datetime | None = None


@dataclass(frozen=True, slots=True)
class Candidates:
    """Earlier items to verify, the likeliest first."""

    entries: tuple[Entry, ...]
    truncated: bool  # a crowded bucket, or the list itself, was cut


class BandIndex(Protocol):
    """Where admitted items are kept: MemoryIndex in a batch, a store's own in the service."""

    def candidates(self, sketch: Sketch, *, limit: int, since: datetime | None = None) -> Candidates:
        """At most ``limit`` entries that share a key with ``sketch``, published at ``since`` or later."""
        ...

    def add(self, entry: Entry) -> None:
        """Remember an item."""
        ...


class MemoryIndex:
    """Admitted items in this process's memory, in order of arrival."""

    def __init__(self, banding: Banding | None = None, *, representatives: int = 64) -> None:
        if representatives < 1:
            raise InvalidItemError(f"representatives is {representatives}; a bucket must be looked at once at least")
        self.banding = banding or Banding()
        self.representatives = representatives
        self._entries: list[Entry] = []
        self._places: dict[str, int] = {}  # id → where its present entry is
        self._passages = array("i")  # how many passage keys each entry has
        self._latest = array("d")  # the latest date up to each entry: sorted, so a look-back starts by bisection
        self._postings = Postings()

    def __len__(self) -> int:
        return len(self._places)

    def __iter__(self) -> Iterator[Entry]:
        return (self._entries[place] for place in self._places.values())

    def get(self, item_id: str) -> Entry | None:
        """The entry remembered under this id."""
        place = self._places.get(item_id)
        return None if place is None else self._entries[place]

    def add(self, entry: Entry) -> None:
        """Remember ``entry``; another of the same id gives way to it, and the same one again changes nothing.

        Raises SketchMismatchError when its sketch was made otherwise than the others'.
        """
        self._same_making(entry.sketch)
        known = self.get(entry.item_id)
        if known and known.kept == entry.kept and known.sketch.digest == entry.sketch.digest:
            return
        # Only what was kept can make another a duplicate: a rejected copy must not fill the buckets.
        keys = np.concatenate([self.banding.keys(entry.sketch), passage_keys(entry.sketch)])
        self._postings.add(len(self._entries), keys if entry.kept else keys[:0])
        self._places[entry.item_id] = len(self._entries)
        self._entries.append(entry)
        self._passages.append(entry.sketch.passages.size)
        moment = entry.published.timestamp() if entry.published else math.inf
        self._latest.append(max(moment, self._latest[-1]) if self._latest else moment)

    def candidates(self, sketch: Sketch, *, limit: int, since: datetime | None = None) -> Candidates:
        """Entries by share of the smaller key set that is common, earliest first among equals."""
        if not self._entries:
            return Candidates((), truncated=False)
        self._same_making(sketch)
        first = self._first_since(since)
        by_band, _, bands_cut = self._postings.hits(self.banding.keys(sketch), self.representatives, first)
        by_passage, shared, passages_cut = self._postings.hits(passage_keys(sketch), self.representatives, first)
        smaller = np.minimum(np.frombuffer(self._passages, np.int32)[by_passage], sketch.passages.size)
        # Four passages of doubt: two shared ones of a tiny item say less than two hundred of a large one. Told apart
        # to a tenth only, so that among much the same texts the earliest comes first: the original.
        likely = np.round(shared / (smaller + 4), 1)
        worth = likely > 0
        by_passage, likely = by_passage[worth], likely[worth]
        ranked = by_passage[np.argsort(-likely, kind="stable")].tolist()
        ranked += np.setdiff1d(by_band, by_passage, assume_unique=True).tolist()
        recent = (self._entries[place] for place in ranked if self._counts(place, since))
        found = tuple(islice(recent, limit + 1))
        return Candidates(found[:limit], truncated=bands_cut or passages_cut or len(found) > limit)

    def _counts(self, place: int, since: datetime | None) -> bool:
        """Whether the entry at ``place`` is its item's present one, and recent enough."""
        entry = self._entries[place]
        if self._places[entry.item_id] != place:
            return False
        return since is None or entry.published is None or entry.published >= since

    def _first_since(self, since: datetime | None) -> int:
        """The first position from which on an entry can be recent enough; an undated one always is."""
        return 0 if since is None else bisect_left(self._latest, since.timestamp())

    def _same_making(self, sketch: Sketch) -> None:
        if self._entries and self._entries[0].sketch.header != sketch.header:
            raise SketchMismatchError(
                f"the index holds sketches made as {self._entries[0].sketch.header!r} and this one was made as"
                f" {sketch.header!r}; use one Sketching for all, or build the index again"
            )
