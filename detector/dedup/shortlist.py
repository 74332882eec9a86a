"""Of thousands of pairs of a collection, which may be duplicates? What is sure to be none is never an object in Python.

The same steps as ``matches``: overlap of the shingles, the likeliest first, an alignment's numbers; over columns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from detector.dedup.align import NUMBERS, Side, note_numbers
from detector.dedup.collection import Columns
from detector.dedup.kernels import marks_of, overlap, overlap_at_most
from detector.dedup.kinds import Matching, aligned_at_most, asides_may_count, no_matches
from detector.jit import njit

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Floats = NDArray[np.float64]


class Shortlist(NamedTuple):
    """Which candidates of a text may be what it repeats, the likeliest first."""

    at: int  # which of the texts that were asked for
    likely: list[tuple[int, int]]  # place, and the shingles that both have


class Compared(NamedTuple):
    """Some texts of a collection, and what each is to be compared with."""

    places: Longs  # of the texts, shape (n,)
    others: Longs  # of what they are compared with, one text's behind the other's
    ends: Longs  # where those of each text end, shape (n,)


def shortlists(
    columns: Columns, compared: Compared, has_asides: Callable[[int], bool], matching: Matching
) -> Iterator[Shortlist]:
    """Of some texts those that have any such candidates, in order.

    ``has_asides``: whether the text at this one of the places has some, for of such a text nothing is ruled out.
    """
    places, others, ends = compared
    sizes = _tokens_at(columns, places)
    most = np.array([aligned_at_most(tokens, matching) for tokens in sizes.tolist()], np.int64)
    rows = _rows(columns, places, others, ends, most, matching.min_overlap)
    later, numbers = rows[:, _LATER], rows[:, :NUMBERS]
    tokens = sizes[later], _tokens_at(columns, rows[:, _EARLIER])
    out = no_matches(numbers, *tokens, matching, copies_only=True) & (rows[:, _ALIKE] == 0)
    asked = later[out & asides_may_count(numbers, *tokens, matching)]
    spared = np.zeros(places.size, np.bool_)
    for at in np.unique(asked).tolist():
        spared[at] = has_asides(at)
    kept = rows[~out | spared[later]]
    pairs = kept[:, [_LATER, _EARLIER, _SHARED]].tolist()
    for at, own in groupby(pairs, key=itemgetter(0)):
        yield Shortlist(at, [(other, shared) for _, other, shared in own])


def _tokens_at(columns: Columns, places: Longs | Ints) -> Longs:
    found = columns.tokens[places]
    return found[:, 1] - found[:, 0]


_LATER, _EARLIER, _SHARED, _ALIKE = range(NUMBERS, NUMBERS + 4)


@njit
def _rows(columns: Columns, places: Longs, candidates: Longs, ends: Longs, most: Longs, least: float) -> Ints:
    """A row for each pair worth an alignment: its numbers, which pair it is, what both share, if they are alike."""
    rows = np.empty((min(candidates.size, most.sum()), NUMBERS + 4), np.int32)
    count = start = 0
    for k in range(places.size):
        if start == ends[k]:
            continue
        first = count
        own = _shingles(columns, places[k])
        marks = marks_of(own)
        ratios = np.empty(most[k])
        for other in candidates[start : ends[k]]:
            theirs = _shingles(columns, other)
            smaller = min(own.size, theirs.size)
            if overlap_at_most(marks, theirs) < least * smaller:
                continue
            shared = overlap(own, theirs)
            if shared >= least * smaller:
                at = _place_for(ratios, count - first, shared / smaller)
                if at < ratios.size:
                    count = min(count + 1, first + ratios.size)
                    _make_room(rows, ratios, first, at, count)
                    ratios[at] = shared / smaller
                    row = rows[first + at]
                    row[_LATER], row[_EARLIER], row[_SHARED] = k, other, shared
        start = ends[k]
        if count == first:
            continue
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
    return columns.shingles[columns.distinct[place, 0] : columns.distinct[place, 1]]


@njit
def _side(columns: Columns, place: int) -> Side:
    start, end = columns.tokens[place]
    return Side(
        columns.hashes[start:end], columns.flags[start:end], columns.starts[start:end], columns.ends[start:end],
        _codes(columns, place),
    )  # fmt: skip


@njit
def _codes(columns: Columns, place: int) -> NDArray[np.uint32]:
    first, behind = columns.narrowed[place]
    if behind == first:
        return columns.wide[columns.widened[place, 0] : columns.widened[place, 1]].copy()
    codes = np.empty(behind - first, np.uint32)
    for k in range(codes.size):
        codes[k] = columns.narrow[first + k]
    return codes
