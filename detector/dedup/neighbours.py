"""All neighbours of a whole collection at once: who shares the rare shingles of whom?

An index that is asked item by item keeps a sample of the shingles; a batch can afford all of them, and it knows how
often each occurs. A shingle counts by its inverse document frequency (Spärck Jones 1972), and one that a source or the
whole feed repeats counts for nothing. That finds a text that was told again in other words, which shares a handful of
shingles with its source and with hardly any other text.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from detector.jit import njit

UInts = NDArray[np.uint32]
Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Floats = NDArray[np.float64]

MOST = 64  # items that may share a shingle; what more have in common is the feed's own phrase
_DOUBT = 4.0  # shingles; a tiny item that shares one has not a fifth of a story in common


def neighbours(shingles: Sequence[UInts], nearest: int = 8) -> Ints:
    """For each of a sequence of sorted shingle sets, at most ``nearest`` earlier ones: shape (n, nearest), -1 padded.

    The nearest first: by the summed rarity of what both have, over the smaller set's size; the earlier among equals.
    """
    sizes = np.array([found.size for found in shingles], np.int64)
    ends = np.concatenate(([0], np.cumsum(sizes)))
    _, group, counts = np.unique(
        np.concatenate(shingles) if shingles else np.empty(0, np.uint32), return_inverse=True, return_counts=True
    )
    rarity = np.where((counts > 1) & (counts <= MOST), np.log(max(len(shingles), 2) / counts), 0.0)
    starts = np.concatenate(([0], np.cumsum(np.where(rarity > 0, counts, 0))))
    return _nearest(group.astype(np.int64), ends, rarity, starts, nearest)


@njit
def _nearest(group: Longs, ends: Longs, rarity: Floats, starts: Longs, nearest: int) -> Ints:
    count = ends.size - 1
    found = np.full((count, nearest), -1, np.int32)
    holders = np.empty(starts[-1], np.int32)  # of each rare shingle, the items that have it, as far as they were read
    filled = np.zeros(rarity.size, np.int32)
    weight = np.zeros(count)
    touched = np.empty(count, np.int32)
    best = np.empty(nearest)
    for item in range(count):
        reached = 0
        for at in range(ends[item], ends[item + 1]):
            shingle = group[at]
            if rarity[shingle] <= 0:
                continue
            for place in range(starts[shingle], starts[shingle] + filled[shingle]):
                other = holders[place]
                if weight[other] == 0:
                    touched[reached] = other
                    reached += 1
                weight[other] += rarity[shingle]
            holders[starts[shingle] + filled[shingle]] = item
            filled[shingle] += 1
        own = ends[item + 1] - ends[item]
        best[:] = 0
        for other in np.sort(touched[:reached]):
            smaller = min(own, ends[other + 1] - ends[other])
            _insert(found[item], best, other, weight[other] / (smaller + _DOUBT))
            weight[other] = 0
    return found


@njit
def _insert(found: Ints, best: Floats, other: int, score: float) -> None:
    """Put an item where its score belongs; it stands behind an equal one that came before."""
    place = found.size
    while place > 0 and score > best[place - 1]:
        place -= 1
    if place == found.size:
        return
    for at in range(found.size - 1, place, -1):
        found[at] = found[at - 1]
        best[at] = best[at - 1]
    found[place] = other
    best[place] = score
