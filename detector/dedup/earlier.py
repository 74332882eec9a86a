"""The candidates of every item of a collection: what a ``MemoryIndex`` would give each in its turn.

An index must be able to answer at any time, so it keeps its postings sorted as they come; a batch has all keys before
it asks. All are filed first, each key's items in their order, and an item sees as much of them as went before: so any
stretch of the items can be asked for by itself.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from detector.dedup.collection import Columns
from detector.dedup.order import Order
from detector.dedup.places import is_worth, rank
from detector.dedup.postings import first_at_least
from detector.jit import leaf, njit

Keys = NDArray[np.uint32]
Ints = NDArray[np.int32]
Bytes = NDArray[np.uint8]
Longs = NDArray[np.int64]
Floats = NDArray[np.float64]


class Filed(NamedTuple):
    """Which items have each key; items are known by where they are in the order."""

    bands: Ints  # the number of each band key, -1 for one that nobody else has; as ``Columns.bands``
    band_starts: Longs  # key k is held by band_items[band_starts[k]:band_starts[k + 1]]
    band_items: Ints
    passages: Ints  # the same of the passage keys
    passage_starts: Longs
    passage_items: Ints
    sizes: Ints  # how many passage keys each item has
    latest: Floats  # of the items up to each, the latest that stays there for some time


def file_keys(columns: Columns, order: Order) -> Filed:
    """File all items under their keys."""
    count = order.places.size
    arrived = np.where(order.until > np.arange(count), order.moments, -np.inf)
    latest = np.maximum.accumulate(arrived) if count else arrived
    bands = _filed(columns.bands, columns.banded, order.places, order.until)
    passages = _filed(columns.passages, columns.sampled, order.places, order.until)
    sampled = columns.sampled[order.places]
    return Filed(*bands, *passages, (sampled[:, 1] - sampled[:, 0]).astype(np.int32), latest)


def earlier(
    columns: Columns, order: Order, filed: Filed, first: int, behind: int, representatives: int = 64
) -> tuple[Longs, Longs]:
    """The candidates of the items from ``first`` to before ``behind``, each one's likeliest first.

    Their places in the collection, one item's behind the other's, and where those of each item end.
    """
    recent = np.searchsorted(filed.latest, order.since[first:behind])  # nothing before is recent enough
    return _earlier(columns, order, filed, first, recent, representatives)


@njit
def _filed(keys: Keys, extents: Longs, places: Longs, until: Longs) -> tuple[Ints, Longs, Ints]:
    numbers, count = _numbered(keys, extents, places)
    starts = np.zeros(count + 1, np.int64)
    for item in range(places.size):
        if until[item] > item:
            for at in range(extents[places[item], 0], extents[places[item], 1]):
                if numbers[at] >= 0:
                    starts[numbers[at] + 1] += 1
    for number in range(count):
        starts[number + 1] += starts[number]
    items, filled = np.empty(starts[count], np.int32), starts[:count].copy()
    for item in range(places.size):
        if until[item] > item:
            for at in range(extents[places[item], 0], extents[places[item], 1]):
                if numbers[at] >= 0:
                    items[filled[numbers[at]]] = item
                    filled[numbers[at]] += 1
    return numbers, starts, items


@njit
def _numbered(keys: Keys, extents: Longs, places: Longs) -> tuple[Ints, int]:
    """A number from 0 on for each key, the same for equal ones, and how many there are; -1 for most lone ones."""
    numbers = np.full(keys.size, -1, np.int32)
    marks, shared = _marked(keys, extents, places)
    last = np.uint32(marks.size - 1)
    slots = 16
    while slots < 2 * shared:
        slots *= 2
    held, numbered = np.empty(slots, np.uint32), np.full(slots, -1, np.int32)
    count = 0
    for place in places:
        for at in range(extents[place, 0], extents[place, 1]):
            if marks[keys[at] & last] < 2:
                continue
            slot = _slot(held, numbered, keys[at])
            if numbered[slot] < 0:
                held[slot], numbered[slot] = keys[at], count
                count += 1
            numbers[at] = numbered[slot]
    return numbers, count


_MARKED = 8  # places for each key: few of those that are held once share one


@njit
def _marked(keys: Keys, extents: Longs, places: Longs) -> tuple[Bytes, int]:
    """At the lower bits of each key, whether one (1) or more (2) of the keys fall there; and how many are no lone ones.

    Most keys are held by one item alone, and need no place in a table.
    """
    size = 16
    while size < _MARKED * keys.size:
        size *= 2
    marks, last = np.zeros(size, np.uint8), np.uint32(size - 1)
    total = lone = 0
    for place in places:
        total += extents[place, 1] - extents[place, 0]
        for at in range(extents[place, 0], extents[place, 1]):
            before = marks[keys[at] & last]
            lone += (before == 0) - (before == 1)
            marks[keys[at] & last] = min(before + 1, 2)
    return marks, total - lone


@leaf
def _slot(held: Keys, numbered: Ints, key: np.uint32) -> int:
    """Where a key is, or may be put."""
    slot = np.uint32(key * np.uint32(0x9E3779B1)) & np.uint32(held.size - 1)
    while numbered[slot] >= 0 and held[slot] != key:
        slot = (slot + np.uint32(1)) & np.uint32(held.size - 1)
    return int(slot)


_USUAL = 16  # candidates of an item; room for more is made as they come


@njit
def _earlier(
    columns: Columns, order: Order, filed: Filed, first: int, recent: Longs, representatives: int
) -> tuple[Longs, Longs]:
    counts, seen = np.zeros(order.places.size, np.int32), np.empty(order.places.size, np.int32)
    found, ends = np.empty(_USUAL * recent.size, np.int64), np.empty(recent.size, np.int64)
    total = 0
    for k in range(recent.size):
        item = first + k
        place = order.places[item]
        own = filed.bands[columns.banded[place, 0] : columns.banded[place, 1]]
        size = _hits(
            own, filed.band_starts, filed.band_items, item, recent[k], order.until, counts, seen, representatives
        )
        sharing = np.sort(seen[:size])
        counts[sharing] = 0
        own = filed.passages[columns.sampled[place, 0] : columns.sampled[place, 1]]
        size = _hits(
            own, filed.passage_starts, filed.passage_items, item, recent[k], order.until, counts, seen, representatives
        )
        kept = 0
        for other in seen[:size]:
            if is_worth(counts[other], min(filed.sizes[other], own.size)):
                seen[kept] = other
                kept += 1
            else:
                counts[other] = 0
        near = np.sort(seen[:kept])
        shared = counts[near]
        counts[near] = 0
        ahead = rank(sharing, near, shared, filed.sizes[near], own.size)
        if total + ahead.size > found.size:
            found = np.concatenate((found, np.empty(found.size + ahead.size, np.int64)))
        left = order.limits[item] + 1  # with the item of the same id, which then does not count
        here = 0
        for other in ahead:
            if order.moments[other] < order.since[item]:
                continue
            left -= 1
            if left < 0 or here == order.limits[item]:
                break
            if other != order.same[item]:
                found[total + here] = order.places[other]
                here += 1
        total += here
        ends[k] = total
    return found[:total].copy(), ends


@njit
def _hits(
    keys: Ints, starts: Longs, items: Ints, item: int, first: int, until: Longs, counts: Ints, seen: Ints, most: int
) -> int:
    """Count the items that share each of ``keys``, of each key the earliest ones; how many items were seen."""
    found = 0
    for key in keys:
        if key < 0:
            continue
        end = starts[key + 1]
        at, taken = starts[key], 0
        if first > 0:
            at = first_at_least(items, first, at, end)
        while at < end and taken < most and items[at] < item:
            other = items[at]
            at += 1
            if until[other] < item:
                continue
            taken += 1
            if counts[other] == 0:
                seen[found] = other
                found += 1
            counts[other] += 1
    return found
