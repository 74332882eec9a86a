"""Compiled kernels: token hashes → shingle hashes → MinHash signature, and exact set overlap.

The signature is datasketch's ``affine32`` scheme bit for bit: murmur3's finaliser, then a * h + b modulo 2**32
for each permutation, then the minimum (Broder 1997; datasketch 2.0).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from detector.jit import LANES, VALUES, leaf, lower_lanes, njit

UInts = NDArray[np.uint32]


@leaf
def fmix32(h: np.uint32) -> np.uint32:
    """The finaliser of MurmurHash3: every input bit reaches every output bit."""
    # Each product is cut back to 32 bits at once: numba widens uint32 * uint32 to uint64 unasked.
    h = np.uint32(np.uint32(h ^ (h >> np.uint32(16))) * np.uint32(0x85EBCA6B))
    h = np.uint32(np.uint32(h ^ (h >> np.uint32(13))) * np.uint32(0xC2B2AE35))
    return np.uint32(h ^ (h >> np.uint32(16)))


@njit
def shingle_sequence(tokens: UInts, weights: UInts) -> UInts:
    """The shingle at each position: shape (n,) in, (max(1, n - width + 1),) out; (0,) for no token.

    ``weights`` are an odd multiplier for each of the ``width`` tokens and an offset, shape (width + 1,).
    """
    width = weights.size - 1
    if tokens.size == 0:
        return np.empty(0, np.uint32)
    out = np.full(max(1, tokens.size - width + 1), weights[width])
    # Token by token over the whole text, and not shingle by shingle, so that the machine takes sixteen at a time.
    for place in range(min(width, tokens.size)):
        weight = weights[place]
        for at in range(out.size):
            out[at] = np.uint32(out[at] + np.uint32(tokens[at + place] * weight))
    for at in range(out.size):
        out[at] = fmix32(out[at])
    return out


def distinct(hashes: UInts) -> UInts:
    """The hashes sorted and without repeats; a quarter of ``numpy.unique``'s time on a few thousand of them."""
    return _without_repeats(np.sort(hashes))


@njit
def _without_repeats(ordered: UInts) -> UInts:
    kept = np.empty_like(ordered)
    count = 0
    for at in range(ordered.size):
        kept[count] = ordered[at]
        count += at + 1 == ordered.size or ordered[at] != ordered[at + 1]
    return kept[:count].copy()


@njit
def sampled(shingles: UInts, one_in: int) -> UInts:
    """The shingles whose hash falls into the lowest part of the range, about one in ``one_in``; at least one."""
    limit = np.uint32(0xFFFFFFFF // one_in)
    kept = np.empty_like(shingles)
    count = 0
    for shingle in shingles:
        kept[count] = shingle
        # Mixed once more: the shingles' own order must not decide, for the signature's minima already hang on it.
        count += int(fmix32(np.uint32(shingle ^ np.uint32(0x9E3779B9))) < limit)
    return kept[: max(1, count)].copy() if count else shingles[:1].copy()


@njit
def sign(shingles: UInts, a: UInts, b: UInts) -> UInts:
    """MinHash signature: shingle hashes (n,), permutations (num_perm,) twice in, (num_perm,) out; n ≥ 1.

    Repeats among the shingles change nothing.
    """
    signature = np.full(a.size, np.uint32(0xFFFFFFFF))
    # Some at a time, so that a minimum is read and written once for all of them: the last ones are filled up.
    whole = (shingles.size + VALUES - 1) // VALUES * VALUES
    mixed = np.full(whole, fmix32(shingles[0]))
    for at in range(shingles.size):
        mixed[at] = fmix32(shingles[at])
    lanes = a.size // LANES * LANES
    for first in range(0, whole, VALUES):
        for at in range(0, lanes, LANES):
            lower_lanes(signature, a, b, at, mixed, first)
    for at in range(lanes, a.size):
        for value in mixed:
            # uint32 on purpose: the hardware's wraparound is the modulus, and an odd a makes a * h + b a bijection.
            signature[at] = min(signature[at], np.uint32(np.uint32(a[at] * value) + b[at]))
    return signature


@njit
def band_keys(signature: UInts, bands: int, rows: int) -> UInts:
    """A 32-bit hash of each band of a signature: shape (num_perm,) in, (bands,) out."""
    keys = np.empty(bands, np.uint32)
    for band in range(bands):
        key = np.uint64(band + 1) * np.uint64(0x9E3779B97F4A7C15)
        for value in signature[band * rows : (band + 1) * rows]:
            key = (key ^ np.uint64(value)) * np.uint64(0xC2B2AE3D27D4EB4F)
            key ^= key >> np.uint64(29)
        keys[band] = np.uint32(key >> np.uint64(32))
    return keys


@leaf
def overlap(a: UInts, b: UInts) -> int:
    """|A ∩ B| of two sorted arrays without repeats, in one merge."""
    i = j = shared = 0
    while i < a.size and j < b.size:
        # Without a branch, for which side is the lower one follows no pattern.
        x, y = a[i], b[j]
        shared += x == y
        i += x <= y
        j += y <= x
    return shared


@njit
def marks_of(shingles: UInts) -> NDArray[np.uint8]:
    """A table, in which the place of each shingle is marked, for ``overlap_at_most``."""
    size = _MARKED
    while size < _MARKED * shingles.size:
        size *= 2
    marks = np.zeros(size, np.uint8)
    for shingle in shingles:
        marks[shingle & np.uint32(size - 1)] = 1
    return marks


_MARKED = 32  # places for each shingle at least: few of the others' fall on a mark


@leaf
def overlap_at_most(marks: NDArray[np.uint8], others: UInts) -> int:
    """A bound of the overlap of a set with another one, in a tenth of the time that it takes to count.

    ``marks`` are those of the one; both are without repeats.
    """
    bound = 0
    last = np.uint32(marks.size - 1)
    for shingle in others:
        bound += marks[shingle & last]
    return bound


@leaf
def overlaps(one: UInts, others: UInts, ends: NDArray[np.int64], shared: NDArray[np.int64]) -> None:
    """The overlap of one set with each of several, which lie one behind the other and end at ``ends``."""
    start = 0
    for at in range(ends.size):
        shared[at] = overlap(one, others[start : ends[at]])
        start = ends[at]


@njit
def without(a: UInts, b: UInts) -> UInts:
    """A \\ B of two sorted arrays without repeats, sorted."""
    left = np.empty_like(a)
    count = j = 0
    for value in a:
        while j < b.size and b[j] < value:
            j += 1
        left[count] = value
        count += not (j < b.size and b[j] == value)
    return left[:count].copy()


@njit
def held_by_others(
    values: UInts, text: UInts, others: UInts, ends: NDArray[np.int64], unlike: float, least: int
) -> int:
    """How many of ``values`` stand in ``least`` or more of the other sets that have little in common with ``text``.

    The others lie one behind the other and end at ``ends``; one has little in common when less than the share
    ``unlike`` of the smaller set is.
    """
    held, marks = np.zeros(values.size, np.int32), marks_of(text)
    start = 0
    for end in ends:
        other = others[start:end]
        little = unlike * min(other.size, text.size)
        if overlap_at_most(marks, other) < little or overlap(other, text) < little:
            _count_held(values, other, held)
        start = end
    return int((held >= least).sum())


@leaf
def _count_held(values: UInts, a: UInts, held: NDArray[np.int32]) -> None:
    """Add one to ``held`` for each of ``values`` that stands in ``a``; both sorted and without repeats."""
    i = j = 0
    while i < values.size and j < a.size:
        x, y = values[i], a[j]
        held[i] += x == y
        i += x <= y
        j += y <= x
