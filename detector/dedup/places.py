"""Which items share keys with a text, and which of them are the likeliest? The items themselves are kept elsewhere.

An item is known here by its place: 0, 1, 2, … in order of arrival. ``MemoryIndex`` keeps the items in memory beside
it; the service keeps them in its database.
"""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left
from datetime import datetime
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from detector.dedup.postings import Postings
from detector.errors import InvalidItemError
from detector.jit import leaf, njit

Keys = NDArray[np.uint32]
Ints = NDArray[np.int32]


class Places:
    """Places by the bands and the sampled passages of what stands there."""

    def __init__(self, representatives: int = 64) -> None:
        """``representatives``: how many places of a bucket are looked at, the earliest."""
        if representatives < 1:
            raise InvalidItemError(f"representatives is {representatives}; a bucket must be looked at once at least")
        self.representatives = representatives
        self._given_up = bytearray()  # of each place, whether what stood there has gone
        self._passages = array("i")  # how many passage keys each place has
        self._published = array("d")  # seconds since 1970; infinite for an undated one, which is always recent
        self._latest = array("d")  # the latest date up to each place: sorted, so a look-back starts by bisection
        self._by_band, self._by_passage = Postings(), Postings()

    def __len__(self) -> int:
        return len(self._given_up)

    def add(self, bands: Keys, passages: Keys, published: datetime | None) -> int:
        """A new place with these keys, shape (n,) each; its number."""
        place = len(self)
        self._by_band.add(place, bands)
        self._by_passage.add(place, passages)
        self._given_up.append(False)
        self._passages.append(passages.size)
        moment = math.inf if published is None else published.timestamp()
        self._published.append(moment)
        self._latest.append(max(moment, self._latest[-1]) if self._latest else moment)
        return place

    def fill(
        self, bands: NDArray[np.uint32], passages: Keys, sizes: NDArray[np.int32], moments: NDArray[np.float64]
    ) -> None:
        """Many new places at once, as ``add`` would make them one after the other.

        ``bands`` has shape (places, keys), ``passages`` the keys of all of them in a row, ``sizes`` how many each has;
        ``moments`` are seconds since 1970, infinite for an undated place.
        """
        numbers = np.arange(len(self), len(self) + sizes.size, dtype=np.int32)
        self._by_band.fill(bands.ravel(), np.repeat(numbers, bands.shape[1]))
        self._by_passage.fill(passages, np.repeat(numbers, sizes))
        before = self._latest[-1] if self._latest else -math.inf
        self._given_up.extend(bytes(sizes.size))
        self._passages.frombytes(sizes.astype(np.int32).tobytes())
        self._published.frombytes(moments.astype(np.float64).tobytes())
        self._latest.frombytes(np.maximum.accumulate(np.maximum(moments, before)).tobytes())

    def give_up(self, place: int) -> None:
        """What stood there is not found again."""
        self._given_up[place] = True

    def is_given_up(self, place: int) -> bool:
        """Whether what stood there has gone."""
        return bool(self._given_up[place])

    def nearest(
        self, bands: Keys, passages: Keys, *, limit: int, since: datetime | None = None
    ) -> tuple[list[int], bool]:
        """At most ``limit`` places by share of the smaller key set that is common, earliest first among equals.

        With it whether the look was cut: at a crowded bucket, or at ``limit``.
        """
        earliest = -math.inf if since is None else since.timestamp()
        first = bisect_left(self._latest, earliest)
        gone = np.frombuffer(self._given_up, np.uint8)
        by_band, _, bands_cut = self._by_band.hits(bands, self.representatives, first, gone)
        by_passage, shared, passages_cut = self._by_passage.hits(passages, self.representatives, first, gone)
        sizes = np.frombuffer(self._passages, np.int32)[by_passage]
        ranked = likeliest_first(by_band, by_passage, shared, sizes, passages.size)
        recent = (place for place in ranked if self._published[place] >= earliest)
        found = list(islice(recent, limit + 1))
        return found[:limit], bands_cut or passages_cut or len(found) > limit


def likeliest_first(by_band: Ints, by_passage: Ints, shared: Ints, sizes: Ints, size: int) -> list[int]:
    """Places that share a tenth of the smaller key set, the likeliest first, and then those that share a band alone.

    ``shared`` and ``sizes`` say of each place in ``by_passage`` how many passage keys it shares and has; ``size`` is
    the number of those that are looked for. Both lists of places ascend.
    """
    ranked: list[int] = rank(by_band, by_passage, shared, sizes, size).tolist()
    return ranked


_TENTHS = 11


@leaf
def _tenths(shared: int, size: int) -> int:
    """How much of a key set is shared.

    With four passages of doubt: two shared ones of a tiny item say less than two hundred of a large one. And told apart
    to a tenth only, so that among much the same texts the earliest comes first: the original.
    """
    return min(int(np.rint(shared / (size + 4) * 10)), _TENTHS - 1)


@leaf
def is_worth(shared: int, size: int) -> bool:
    """Whether ``rank`` gives a place that shares so many of so many passages; it need not be told of others."""
    return _tenths(shared, size) > 0


@njit
def rank(by_band: Ints, by_passage: Ints, shared: Ints, sizes: Ints, size: int) -> Ints:
    """``likeliest_first`` for compiled code."""
    starts = np.zeros(_TENTHS + 1, np.int64)  # where those that share so many tenths begin, the most first
    worth = np.empty(by_passage.size, np.int64)
    for k in range(by_passage.size):
        worth[k] = _tenths(shared[k], min(sizes[k], size))
        starts[_TENTHS - worth[k]] += 1
    for k in range(1, _TENTHS):
        starts[k] += starts[k - 1]
    ranked = np.empty(by_passage.size + by_band.size, np.int32)
    found = starts[_TENTHS - 1]
    known = 0
    for place in by_band:
        while known < by_passage.size and by_passage[known] < place:
            known += 1
        if known == by_passage.size or by_passage[known] != place or worth[known] == 0:
            ranked[found] = place
            found += 1
    for k in range(by_passage.size):
        if worth[k]:
            ranked[starts[_TENTHS - 1 - worth[k]]] = by_passage[k]
            starts[_TENTHS - 1 - worth[k]] += 1
    return ranked[:found]
