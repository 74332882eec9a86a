"""Of thousands of pairs of a collection, which may be duplicates? What is sure to be none is never an object in Python.

The same steps as ``matches``: overlap of the shingles, the likeliest first, an alignment's numbers; over columns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from detector.dedup.align import NUMBERS, Side, note_numbers
from detector.dedup.collection import Columns
from detector.dedup.kernels import overlap
from detector.dedup.kinds import Matching, aligned_at_most, no_matches
from detector.jit import njit

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Floats = NDArray[np.float64]


class Shortlist(NamedTuple):
    """Which candidates of a text may be what it repeats, the likeliest first."""

    at: int  # which of the texts that were asked for
    likely: list[tuple[int, int]]  # place, and the shingles that both have


def shortlists(
    columns: Columns, asked: Sequence[tuple[int, Longs]], has_asides: Callable[[int], bool], matching: Matching
) -> Iterator[Shortlist]:
    """Of the texts that were ``asked`` for, those that have any such candidates, in order.

    ``asked``: at least one place, and the places of what is compared with it; ``has_asides``: whether the text that was
    asked for there has some, for of such a text nothing is ruled out.
    """
    places = np.array([place for place, _ in asked], np.int64)
    ends = np.cumsum([others.size for _, others in asked])
    sizes = np.diff(columns.tokens)
    most = np.array([aligned_at_most(tokens, matching) for tokens in sizes[places].tolist()], np.int64)
    rows = _rows(columns, places, np.concatenate([others for _, others in asked]), ends, most, matching.min_overlap)
    later, earlier = rows[:, _LATER], rows[:, _EARLIER]
    out = no_matches(rows[:, :NUMBERS], sizes[places[later]], sizes[earlier], matching, copies_only=True)
    out &= rows[:, _ALIKE] == 0
    spared = np.zeros(places.size, np.bool_)
    for at in np.unique(later[out]).tolist():
        spared[at] = has_asides(at)
    kept = rows[~out | spared[later]]
    pairs = kept[:, [_LATER, _EARLIER, _SHARED]].tolist()
    for at, own in groupby(pairs, key=itemgetter(0)):
        yield Shortlist(at, [(other, shared) for _, other, shared in own])


_LATER, _EARLIER, _SHARED, _ALIKE = range(NUMBERS, NUMBERS + 4)


@njit
def _rows(columns: Columns, places: Longs, candidates: Longs, ends: Longs, most: Longs, least: float) -> Ints:
    """A row for each pair worth an alignment: its numbers, which pair it is, what both share, if they are alike."""
    rows = np.empty((min(candidates.size, most.sum()), NUMBERS + 4), np.int32)
    count = start = 0
    for k in range(places.size):
        first = count
        own = _shingles(columns, places[k])
        ratios = np.empty(most[k])
        for other in candidates[start : ends[k]]:
            theirs = _shingles(columns, other)
            shared, smaller = overlap(own, theirs), min(own.size, theirs.size)
            if shared >= least * smaller:
                at = _place_for(ratios, count - first, shared / smaller)
                if at < ratios.size:
                    count = min(count + 1, first + ratios.size)
                    _make_room(rows, ratios, first, at, count)
                    ratios[at] = shared / smaller
                    row = rows[first + at]
                    row[_LATER], row[_EARLIER], row[_SHARED] = k, other, shared
        start = ends[k]
        a = _side(columns, places[k])
        for row in rows[first:count]:
            b = _side(columns, row[_EARLIER])
            note_numbers(a, b, row[:NUMBERS])
            row[_ALIKE] = np.array_equal(a.hashes, b.hashes)
    return rows[:count]


@njit
def _place_for(ratios: Floats, count: int, ratio: float) -> int:
    """Where a ratio belongs among the first ``count``: behind those that are as large."""
    at = count
    while at > 0 and ratio > ratios[at - 1]:
        at -= 1
    return at


@njit
def _make_room(rows: Ints, ratios: Floats, first: int, at: int, count: int) -> None:
    for k in range(count - first - 1, at, -1):
        ratios[k] = ratios[k - 1]
        rows[first + k] = rows[first + k - 1]


@njit
def _shingles(columns: Columns, place: int) -> NDArray[np.uint32]:
    return columns.shingles[columns.distinct[place] : columns.distinct[place + 1]]


@njit
def _side(columns: Columns, place: int) -> Side:
    start, end = columns.tokens[place], columns.tokens[place + 1]
    return Side(
        columns.hashes[start:end], columns.flags[start:end], columns.starts[start:end], columns.ends[start:end],
        columns.codes[columns.characters[place] : columns.characters[place + 1]],
    )  # fmt: skip
