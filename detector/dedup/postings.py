"""An inverted index in flat arrays: 32-bit key → the items that have it, in order of arrival.

A Python dict of lists takes several kilobytes an item. Here the newest postings lie in a small hash table; when it is
full they are sorted and written down as a segment of six bytes a posting, for a directory by the upper half of the keys
leaves only the lower half to be kept. Segments of like size are merged (a log-structured merge: O'Neil et al. 1996), so
that neither an addition nor a look-up ever waits for the whole index.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.dedup.room import room
from detector.jit import leaf

Keys = NDArray[np.uint32]
Halves = NDArray[np.uint16]
Ints = NDArray[np.int32]
Flags = NDArray[np.uint8]

_EMPTY = -1
_YOUNG = 1 << 16  # postings in the hash table before they are written down
_SLOTS = 1 << 17
_LARGEST = 1 << 23  # postings that a merge may come to: some 30 ms
_BUCKETS = 1 << 16  # of a segment's directory: the upper halves of the keys
_NONE = np.zeros(0, np.uint8)  # nothing is gone


@dataclass(frozen=True, slots=True)
class _Segment:
    """Postings sorted by key, those of one key in order of arrival."""

    lower: Halves  # of each key
    items: Ints
    directory: Ints  # where the keys begin whose upper half is 0, 1, 2, …; shape (_BUCKETS + 1,)

    @classmethod
    def of(cls, keys: Keys, items: Ints) -> _Segment:
        """A segment of sorted keys."""
        counts = np.bincount((keys >> np.uint32(16)).astype(np.int64), minlength=_BUCKETS)
        directory = np.concatenate(([0], np.cumsum(counts))).astype(np.int32)
        return cls(keys.astype(np.uint16), items, directory)

    def merged(self, later: _Segment) -> _Segment:
        """This segment and a later one as one."""
        directory = self.directory + later.directory
        size = int(directory[-1])
        lower, items = room(size, np.uint16), room(size, np.int32)
        _merge(
            self.lower, self.items, self.directory, later.lower, later.items, later.directory, lower, items, directory
        )
        return _Segment(lower, items, directory)


class Postings:
    """Items by key. An item is a whole number that grows by one with each ``add``."""

    def __init__(self) -> None:
        self._segments: list[_Segment] = []
        self._counts = np.zeros(1 << 8, np.int32)  # a scratch of zeros, by item
        self._clear()

    def _clear(self) -> None:
        # Made as large as it gets at once: room that is never written to takes no memory.
        self._slots = np.full(_SLOTS, _EMPTY, np.int32)  # → first posting of a key
        self._tails = np.empty(_SLOTS, np.int32)  # → its last posting
        self._young = np.empty((3, _YOUNG), np.int32)  # key, item and following posting of each
        self._postings = 0

    def add(self, item: int, keys: Keys) -> None:
        """File ``item`` under each of ``keys``, shape (n,)."""
        if item >= self._counts.size:
            self._counts = np.zeros(max(item + 1, self._counts.size * 9 // 8), np.int32)
        if self._postings + keys.size > _YOUNG:
            self._write_down()
        if keys.size > _YOUNG:  # a book: a segment of its own
            self._append(np.sort(keys), np.full(keys.size, item, np.int32))
            return
        _insert(item, keys, self._slots, self._tails, self._young, self._postings)
        self._postings += keys.size

    def fill(self, keys: Keys, items: Ints) -> None:
        """File many postings at once, shape (n,) each, behind those that are there: ``items`` never falls."""
        self._write_down()
        if items.size and items[-1] >= self._counts.size:
            self._counts = np.zeros(int(items[-1]) + 1, np.int32)
        for start in range(0, keys.size, _LARGEST):
            part = slice(start, start + _LARGEST)
            self._append(*_ordered(keys[part], items[part]))

    def hits(self, keys: Keys, representatives: int, first: int, gone: Flags | None = None) -> tuple[Ints, Ints, bool]:
        """Items ≥ ``first`` that share a key, how many keys each shares, and whether a bucket was cut.

        Of each bucket only its earliest ``representatives`` from ``first`` on are looked at, so that a flood of
        copies costs no more than a few and still leads to the first of them. Items that are ``gone``, a flag for each,
        are passed over.
        """
        gone = _NONE if gone is None else gone
        taken = np.zeros(keys.size, np.int32)
        seen = np.empty(min(keys.size * representatives, self._counts.size), np.int32)
        found = 0
        cut = False
        for segment in self._segments:
            found, more = _look_up(
                keys, taken, segment.lower, segment.items, segment.directory,
                self._counts, seen, found, representatives, first, gone,
            )  # fmt: skip
            cut |= more
        found, more = _look_up_young(
            keys, taken, self._slots, self._young, self._counts, seen, found, representatives, first, gone
        )
        items = np.sort(seen[:found])
        shared = self._counts[items]
        self._counts[items] = 0  # the scratch is clean again for the next call
        return items, shared, cut or more

    def _write_down(self) -> None:
        """Sort the hash table's postings into a segment."""
        if not self._postings:
            return
        keys, items = self._young[0, : self._postings].view(np.uint32), self._young[1, : self._postings]
        self._append(*_ordered(keys, items))
        self._clear()

    def _append(self, keys: Keys, items: Ints) -> None:
        """A new segment, merged with those before it that are no larger."""
        made = _Segment.of(keys, items)
        while self._segments and self._segments[-1].items.size <= made.items.size * 3 // 2:
            if self._segments[-1].items.size + made.items.size > _LARGEST:
                break
            made = self._segments.pop().merged(made)
        self._segments.append(made)


def _ordered(keys: Keys, items: Ints) -> tuple[Keys, Ints]:
    """Postings by key, those of one key by item, which is the order of arrival."""
    ordered = np.sort(keys.astype(np.uint64) << np.uint64(32) | items.astype(np.uint64))
    return (ordered >> np.uint64(32)).astype(np.uint32), ordered.astype(np.uint32).view(np.int32)


@leaf
def _slot(key: np.uint32, slots: Ints, young: Ints) -> int:
    """Where ``key`` is, or the empty place where it belongs."""
    at = int((np.uint64(key) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(40)) & (slots.size - 1)
    while slots[at] != _EMPTY and np.uint32(young[0, slots[at]]) != key:
        at = (at + 1) & (slots.size - 1)
    return at


@leaf
def _insert(item: int, keys: Keys, slots: Ints, tails: Ints, young: Ints, posting: int) -> None:
    for key in keys:
        at = _slot(key, slots, young)
        young[0, posting] = np.int32(key)
        young[1, posting] = item
        young[2, posting] = _EMPTY
        if slots[at] == _EMPTY:
            slots[at] = posting
        else:
            young[2, tails[at]] = posting
        tails[at] = posting
        posting += 1


@leaf
def _count(item: int, counts: Ints, seen: Ints, found: int) -> int:
    """Count a hit; how many items were found by now."""
    if counts[item] == 0:
        seen[found] = item
        found += 1
    counts[item] += 1
    return found


@leaf
def _is_gone(item: int, gone: Flags) -> bool:
    return item < gone.size and gone[item] != 0


@leaf
def _look_up_young(
    wanted: Keys, taken: Ints, slots: Ints, young: Ints,
    counts: Ints, seen: Ints, found: int, most: int, first: int, gone: Flags,
) -> tuple[int, bool]:  # fmt: skip
    cut = False
    for place in range(wanted.size):
        posting = slots[_slot(wanted[place], slots, young)]
        while posting != _EMPTY:
            if young[1, posting] >= first and not _is_gone(young[1, posting], gone):
                if taken[place] == most:
                    cut = True
                    break
                taken[place] += 1
                found = _count(young[1, posting], counts, seen, found)
            posting = young[2, posting]
    return found, cut


@leaf
def _look_up(
    wanted: Keys, taken: Ints, lower: Halves, items: Ints, directory: Ints,
    counts: Ints, seen: Ints, found: int, most: int, first: int, gone: Flags,
) -> tuple[int, bool]:  # fmt: skip
    cut = False
    for place in range(wanted.size):
        bucket, low = int(wanted[place] >> np.uint32(16)), int(wanted[place] & np.uint32(0xFFFF))
        at, end = first_at_least(lower, low, directory[bucket], directory[bucket + 1]), directory[bucket + 1]
        if first and at < end and lower[at] == low:
            at = first_at_least(items, first, at, first_at_least(lower, low + 1, at, end))
        while at < end and lower[at] == low:
            if _is_gone(items[at], gone):
                at += 1
                continue
            if taken[place] == most:
                cut = True
                break
            taken[place] += 1
            found = _count(items[at], counts, seen, found)
            at += 1
    return found, cut


@leaf
def first_at_least(ordered: Halves | Ints, value: int, low: int, high: int) -> int:
    """The first place from ``low`` on, below ``high``, that holds ``value`` or more; ``high`` when there is none."""
    while low < high:
        middle = (low + high) >> 1
        if ordered[middle] < value:
            low = middle + 1
        else:
            high = middle
    return low


@leaf
def _merge(
    a_lower: Halves, a_items: Ints, a_directory: Ints, b_lower: Halves, b_items: Ints, b_directory: Ints,
    lower: Halves, items: Ints, directory: Ints,
) -> None:  # fmt: skip
    """Write two segments as the one with ``directory``; of equal keys those of ``a``, which came earlier, go first."""
    for bucket in range(directory.size - 1):
        i, j = a_directory[bucket], b_directory[bucket]
        a_end, b_end = a_directory[bucket + 1], b_directory[bucket + 1]
        for at in range(directory[bucket], directory[bucket + 1]):
            if j == b_end or (i < a_end and a_lower[i] <= b_lower[j]):
                lower[at], items[at] = a_lower[i], a_items[i]
                i += 1
            else:
                lower[at], items[at] = b_lower[j], b_items[j]
                j += 1
