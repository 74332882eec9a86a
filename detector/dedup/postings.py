"""An inverted index in flat arrays: key → the items that have it, in order of arrival.

A Python dict of lists takes several kilobytes an item; open addressing over numpy arrays takes a few bytes a key.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from detector.jit import njit

Keys = NDArray[np.uint64]
Ints = NDArray[np.int32]

_EMPTY = -1
_MOST_FULL = 0.6  # of the table, before it doubles: linear probing slows down steeply above


class Postings:
    """Items by key. An item is a whole number that grows by one with each ``add``."""

    def __init__(self) -> None:
        self._keys = np.zeros(1 << 10, np.uint64)
        self._heads = np.full(1 << 10, _EMPTY, np.int32)
        self._tails = np.full(1 << 10, _EMPTY, np.int32)
        self._items = np.empty(1 << 10, np.int32)
        self._next = np.empty(1 << 10, np.int32)
        self._hits = np.zeros(1 << 8, np.int32)
        self._buckets = 0
        self._postings = 0

    def add(self, item: int, keys: Keys) -> None:
        """File ``item`` under each of ``keys`` (distinct, shape (n,))."""
        self._make_room(keys.size, item)
        self._buckets += _insert(
            item, keys, self._keys, self._heads, self._tails, self._items, self._next, self._postings
        )
        self._postings += keys.size

    def hits(self, keys: Keys, representatives: int, first: int) -> tuple[Ints, Ints, bool]:
        """Items ≥ ``first`` that share a key, how many keys each shares, and whether a bucket was cut.

        Of each bucket only its earliest ``representatives`` from ``first`` on are looked at, so that a flood of
        copies costs no more than a few and still leads to the first of them.
        """
        return _hits(keys, self._keys, self._heads, self._items, self._next, self._hits, representatives, first)

    def _make_room(self, more: int, item: int) -> None:
        if self._buckets + more > _MOST_FULL * self._keys.size:
            size = self._keys.size
            while self._buckets + more > _MOST_FULL * size:
                size *= 2
            self._keys, self._heads, self._tails = _rehash(self._keys, self._heads, self._tails, size)
        if self._postings + more > self._items.size:
            size = max(self._postings + more, self._items.size * 3 // 2)
            self._items = np.resize(self._items, size)
            self._next = np.resize(self._next, size)
        if item >= self._hits.size:
            self._hits = np.zeros(max(item + 1, self._hits.size * 3 // 2), np.int32)


@njit
def _slot(key: np.uint64, keys: Keys, heads: Ints) -> int:
    """Where ``key`` is, or the empty place where it belongs."""
    mask = keys.size - 1
    at = int(np.int64((key * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(24))) & mask
    while heads[at] != _EMPTY and keys[at] != key:
        at = (at + 1) & mask
    return at


@njit
def _insert(
    item: int, new: Keys, keys: Keys, heads: Ints, tails: Ints, items: Ints, following: Ints, posting: int
) -> int:
    opened = 0
    for key in new:
        at = _slot(key, keys, heads)
        items[posting] = item
        following[posting] = _EMPTY
        if heads[at] == _EMPTY:
            keys[at] = key
            heads[at] = posting
            opened += 1
        else:
            following[tails[at]] = posting
        tails[at] = posting
        posting += 1
    return opened


@njit
def _rehash(keys: Keys, heads: Ints, tails: Ints, size: int) -> tuple[Keys, Ints, Ints]:
    new_keys = np.zeros(size, np.uint64)
    new_heads = np.full(size, _EMPTY, np.int32)
    new_tails = np.full(size, _EMPTY, np.int32)
    for old in range(keys.size):
        if heads[old] != _EMPTY:
            at = _slot(keys[old], new_keys, new_heads)
            new_keys[at] = keys[old]
            new_heads[at] = heads[old]
            new_tails[at] = tails[old]
    return new_keys, new_heads, new_tails


@njit
def _hits(
    wanted: Keys, keys: Keys, heads: Ints, items: Ints, following: Ints, counts: Ints, most: int, first: int
) -> tuple[Ints, Ints, bool]:
    seen = np.empty(64, np.int32)
    found = 0
    cut = False
    for key in wanted:
        posting = heads[_slot(key, keys, heads)]
        taken = 0
        while posting != _EMPTY:
            item = items[posting]
            posting = following[posting]
            if item < first:
                continue
            if taken == most:
                cut = True
                break
            taken += 1
            if counts[item] == 0:
                if found == seen.size:
                    seen = np.append(seen, np.empty(found, np.int32))
                seen[found] = item
                found += 1
            counts[item] += 1
    seen = np.sort(seen[:found])
    shared = counts[seen]
    counts[seen] = 0  # the scratch array is clean again for the next call
    return seen, shared, cut
