"""The candidates of every item of a collection at once: what a ``MemoryIndex`` would give each, in one pass.

An index must be able to answer at any time, so it keeps its postings sorted as they come; a batch has all keys before
it asks. Each key's items are then one stretch of an array, and an item sees as much of it as went before.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from detector.dedup.places import rank
from detector.dedup.postings import first_at_least
from detector.jit import njit

Keys = NDArray[np.uint32]
Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Floats = NDArray[np.float64]


class Asked(NamedTuple):
    """What is known of n items in their order."""

    bands: Keys  # shape (n, bands)
    passages: Keys  # of all items, one item's behind the other's
    sizes: Longs  # how many passages each has, shape (n,)
    moments: Floats  # seconds since 1970, infinite for an undated item, shape (n,)
    since: Floats  # from when on each looks for candidates; minus infinity for one that looks at all, shape (n,)
    limits: Longs  # how many candidates each has at most, shape (n,)
    same: Longs  # the item of the same id that was there when each came, -1 for none, shape (n,)
    until: Longs  # the item that took each one's place, n for none; itself for one that only repeats ``same``, (n,)


def earlier(asked: Asked, representatives: int = 64) -> list[Longs]:
    """For each item the places of its candidates among those before it, the likeliest first."""
    count = asked.sizes.size
    arrived = np.where(asked.until > np.arange(count), asked.moments, -np.inf)
    latest = np.maximum.accumulate(arrived) if count else arrived
    firsts = np.searchsorted(latest, asked.since).astype(np.int64)  # nothing before is recent enough
    ends = np.concatenate(([0], np.cumsum(asked.sizes)))
    bands, band_starts = _groups(asked.bands.ravel())
    passages, passage_starts = _groups(asked.passages)
    found, found_ends = _earlier(
        bands.reshape(asked.bands.shape), band_starts, passages, ends, passage_starts, firsts, asked, representatives
    )
    return np.split(found, found_ends[:-1]) if count else []


def load_earlier() -> None:
    """Load what ``earlier`` is compiled to."""
    one = np.zeros(1)
    place = np.zeros(1, np.int64)
    earlier(Asked(np.zeros((1, 1), np.uint32), np.zeros(1, np.uint32), place, one, one, place, place, place + 1))


def _groups(keys: Keys) -> tuple[Longs, Longs]:
    """A number for each key, the same for equal ones, and where each number's items begin among all."""
    _, group, counts = np.unique(keys, return_inverse=True, return_counts=True)
    return group.astype(np.int64), np.concatenate(([0], np.cumsum(counts))).astype(np.int64)


_USUAL = 16  # candidates of an item; room for more is made as they come


@njit
def _earlier(
    bands: NDArray[np.int64], band_starts: Longs, passages: Longs, ends: Longs, passage_starts: Longs, firsts: Longs,
    asked: Asked, representatives: int,
) -> tuple[Longs, Longs]:  # fmt: skip
    count = firsts.size
    by_band, by_passage = np.empty(band_starts[-1], np.int32), np.empty(passage_starts[-1], np.int32)
    bands_filled, passages_filled = np.zeros(band_starts.size, np.int64), np.zeros(passage_starts.size, np.int64)
    counts, seen = np.zeros(count, np.int32), np.empty(count, np.int32)
    found, found_ends = np.empty(_USUAL * count, np.int64), np.empty(count, np.int64)
    total = 0
    for item in range(count):
        first, until = firsts[item], asked.until
        size = _hits(bands[item], band_starts, by_band, bands_filled, item, first, until, counts, seen, representatives)
        sharing = np.sort(seen[:size])
        counts[sharing] = 0
        own = passages[ends[item] : ends[item + 1]]
        size = _hits(
            own, passage_starts, by_passage, passages_filled, item, first, until, counts, seen, representatives
        )
        near = np.sort(seen[:size])
        shared = counts[near]
        counts[near] = 0
        sizes = asked.sizes[near].astype(np.int32)
        ahead = rank(sharing, near, shared, sizes, own.size)
        if total + ahead.size > found.size:
            found = np.concatenate((found, np.empty(found.size + ahead.size, np.int64)))
        left = asked.limits[item] + 1  # with the item of the same id, which then does not count
        here = 0
        for place in ahead:
            if asked.moments[place] < asked.since[item]:
                continue
            left -= 1
            if left < 0 or here == asked.limits[item]:
                break
            if place != asked.same[item]:
                found[total + here] = place
                here += 1
        total += here
        found_ends[item] = total
        if asked.until[item] > item:
            _file(bands[item], band_starts, by_band, bands_filled, item)
            _file(own, passage_starts, by_passage, passages_filled, item)
    return found[:total], found_ends


@njit
def _hits(
    keys: Longs, starts: Longs, holders: Ints, filled: Longs, item: int, first: int, until: Longs, counts: Ints,
    seen: Ints, most: int,
) -> int:  # fmt: skip
    """Count the items that share each of ``keys``, of each key the earliest ones; how many items were seen."""
    found = 0
    for key in keys:
        end = starts[key] + filled[key]
        at, taken = first_at_least(holders, first, starts[key], end), 0
        while at < end and taken < most:
            other = holders[at]
            at += 1
            if until[other] < item:
                continue
            taken += 1
            if counts[other] == 0:
                seen[found] = other
                found += 1
            counts[other] += 1
    return found


@njit
def _file(keys: Longs, starts: Longs, holders: Ints, filled: Longs, item: int) -> None:
    for key in keys:
        holders[starts[key] + filled[key]] = item
        filled[key] += 1
