"""Which earlier items could say the same? Bands of the signature, sampled passages, and the index over both.

Bands follow Leskovec, Rajaraman, Ullman, "Mining of Massive Datasets", ch. 3.4. They find texts that are alike as
a whole; the sampled passages find a text inside another, which bands cannot.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from detector.dedup.kernels import band_keys
from detector.dedup.places import Places
from detector.dedup.postings import Postings
from detector.dedup.shelf import Entry, Shelf
from detector.dedup.sketching import Sketching
from detector.errors import InvalidItemError, SketchMismatchError
from detector.records import Sketch

__all__ = ["BandIndex", "Banding", "Candidates", "Entry", "MemoryIndex"]

Keys = NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Banding:
    """How a signature is cut into bands."""

    bands: int = 16
    rows: int = 8

    def candidate_probability(self, jaccard: float) -> float:
        """Chance that two items share a band: the S-curve 1 - (1 - s^r)^b."""
        return float(1 - (1 - jaccard**self.rows) ** self.bands)

    def keys(self, sketch: Sketch) -> Keys:
        """One 32-bit key a band, shape (bands,)."""
        if sketch.signature.size < self.bands * self.rows:
            raise InvalidItemError(
                f"{self.bands} bands of {self.rows} rows need {self.bands * self.rows} permutations, and the"
                f" sketch has {sketch.signature.size}; set num_perm or the bands to fit"
            )
        return band_keys(sketch.signature, self.bands, self.rows)


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
    """Admitted items in this process's memory, in order of arrival.

    An item of newswire length takes about a kilobyte: some fifty keys of six bytes, and its text, compressed, from
    which its sketch is made again when somebody asks. The items that were added or asked for last stay as they are.
    """

    def __init__(
        self,
        banding: Banding | None = None,
        *,
        representatives: int = 64,
        sketching: Sketching | None = None,
        warm: int | None = None,
    ) -> None:
        """``sketching``: how the entries' sketches are made, each from its entry's text; others are refused.

        ``warm``: tokens in the entries that stay as they are; the others are compressed.
        """
        self.banding = banding or Banding()
        self.sketching = sketching or Sketching()
        self._shelf = Shelf(self.sketching, warm=warm)
        self._ids = Postings()  # a hash of its id → where an entry is
        self._size = 0
        self._places = Places(representatives)

    @property
    def representatives(self) -> int:
        """Entries of a bucket that are looked at, the earliest."""
        return self._places.representatives

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[Entry]:
        return (self._shelf[place] for place in range(len(self._shelf)) if not self._places.is_given_up(place))

    def get(self, item_id: str) -> Entry | None:
        """The entry remembered under this id."""
        place = self._place(item_id)
        return None if place is None else self._shelf[place]

    def _place(self, item_id: str) -> int | None:
        found, _, _ = self._ids.hits(_id_key(item_id), len(self._shelf) + 1, 0)
        places = (place for place in found.tolist() if not self._places.is_given_up(place))
        return next((place for place in places if self._shelf[place].item_id == item_id), None)

    def add(self, entry: Entry) -> None:
        """Remember ``entry``; another of the same id gives way to it, and the same one again changes nothing.

        Raises SketchMismatchError when its sketch was not made as this index's sketches are.
        """
        self._same_making(entry.sketch)
        known = self._place(entry.item_id)
        if known is not None:
            before = self._shelf[known]
            if before.kept == entry.kept and before.sketch.digest == entry.sketch.digest:
                return
            self._places.give_up(known)
        # Only what was kept can make another a duplicate: a rejected copy must not fill the buckets.
        bands = self.banding.keys(entry.sketch) if entry.kept else _NO_KEYS
        place = self._places.add(bands, entry.sketch.passages if entry.kept else _NO_KEYS, entry.published)
        self._ids.add(place, _id_key(entry.item_id))
        self._shelf.add(entry)
        self._size += known is None

    def candidates(self, sketch: Sketch, *, limit: int, since: datetime | None = None) -> Candidates:
        """Entries by share of the smaller key set that is common, earliest first among equals."""
        if not len(self._shelf):
            return Candidates((), truncated=False)
        self._same_making(sketch)
        places, cut = self._places.nearest(self.banding.keys(sketch), sketch.passages, limit=limit, since=since)
        return Candidates(tuple(self._shelf[place] for place in places), truncated=cut)

    def _same_making(self, sketch: Sketch) -> None:
        if self.sketching.header != sketch.header:
            raise SketchMismatchError(
                f"the index holds sketches made as {self.sketching.header!r} and this one was made as"
                f" {sketch.header!r}; use one Sketching for all, or build the index again"
            )


_NO_KEYS: Keys = np.zeros(0, np.uint32)


def _id_key(item_id: str) -> Keys:
    return np.frombuffer(blake2b(item_id.encode("utf-8", "surrogatepass"), digest_size=4).digest(), np.uint32)
