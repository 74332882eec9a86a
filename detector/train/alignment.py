"""Which words of a page stand in its reviewed main content: labels for the cleaner, by token alignment.

A longest common subsequence over words, restricted to words that lie in a trigram (or a whole line) of both sides, so
that a menu's "Sports" does not count because some sentence says "sports".
"""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from detector.jit import njit

Longs = NDArray[np.int64]
_WORD = re.compile(r"\w+")
_MAX_CELLS = 400_000_000  # of the alignment table; beyond that trigram membership alone decides


def tokens(text: str) -> list[str]:
    """Lower-cased runs of word characters: the tokens of WCXB's word F1."""
    return _WORD.findall(text.lower())


def matched_shares(pieces: list[str], main: str) -> NDArray[np.float64]:
    """For each piece of a page in order, the share of its words that align with ``main``, in [0, 1]."""
    lines = [tokens(line) for line in main.split("\n")]
    whole = {tuple(line) for line in lines if line}
    split = [tokens(piece) for piece in pieces]
    known: dict[str, int] = {}
    right = np.array([known.setdefault(word, len(known)) for line in lines for word in line], dtype=np.int64)
    flat = [word for piece in split for word in piece]
    left = np.array([known.get(word, -1) for word in flat], dtype=np.int64)
    sizes = np.array([len(piece) for piece in split], dtype=np.int64)
    usable = _in_trigrams(left, right)
    starts = np.concatenate(([0], np.cumsum(sizes)))
    for i, piece in enumerate(split):
        if 0 < len(piece) < 3:
            usable[starts[i] : starts[i + 1]] = tuple(piece) in whole
    rows = np.flatnonzero(usable)
    hit = np.zeros(left.size)
    if rows.size and right.size:
        small = rows.size * right.size <= _MAX_CELLS
        hit[rows] = _align(left[rows], rows, right) if small else 1.0
    sums = np.concatenate(([0.0], np.cumsum(hit)))
    return (sums[starts[1:]] - sums[starts[:-1]]) / np.maximum(sizes, 1)


def _in_trigrams(left: Longs, right: Longs) -> NDArray[np.bool_]:
    """Whether each word of ``left`` lies in a run of three that ``right`` has too."""
    out = np.zeros(left.size, dtype=np.bool_)
    if left.size < 3 or right.size < 3:
        return out
    base = int(right.max()) + 2

    def keys(words: Longs) -> Longs:
        return (words[:-2] * base + words[1:-1]) * base + words[2:]

    shared = np.isin(keys(left), keys(right)) & (left[:-2] >= 0) & (left[1:-1] >= 0) & (left[2:] >= 0)
    for step in range(3):
        out[step : left.size - 2 + step] |= shared
    return out


@njit
def _align(left: Longs, places: Longs, right: Longs) -> NDArray[np.float64]:
    """1 for each word of ``left`` on the best common subsequence, where a match beside a match counts double."""
    n, m = left.size, right.size
    came = np.zeros((n + 1, m + 1), dtype=np.uint8)  # 1 up, 2 left, 3 match
    previous = np.zeros(m + 1, dtype=np.int32)
    for i in range(1, n + 1):
        current = np.zeros(m + 1, dtype=np.int32)
        beside = i > 1 and places[i - 1] == places[i - 2] + 1
        for j in range(1, m + 1):
            best, how = previous[j], 1
            if current[j - 1] > best:
                best, how = current[j - 1], 2
            if left[i - 1] == right[j - 1]:
                score = previous[j - 1] + 1
                if beside and came[i - 1, j - 1] == 3:
                    score += 1
                if score >= best:
                    best, how = score, 3
            current[j] = best
            came[i, j] = how
        previous = current
    out = np.zeros(n)
    i, j = n, m
    while i > 0 and j > 0:
        if came[i, j] == 3:
            out[i - 1] = 1.0
            i -= 1
            j -= 1
        elif came[i, j] == 2:
            j -= 1
        else:
            i -= 1
    return out


def word_f1(text: str, truth: str) -> float:
    """WCXB's word F1: overlap of the two multisets of tokens, in [0, 1]; 1 when both are empty."""
    kept, wanted = tokens(text), tokens(truth)
    if not kept or not wanted:
        return float(not kept and not wanted)
    counts: dict[str, int] = {}
    for word in wanted:
        counts[word] = counts.get(word, 0) + 1
    overlap = 0
    for word in kept:
        if counts.get(word, 0) > 0:
            counts[word] -= 1
            overlap += 1
    return 2 * overlap / (len(kept) + len(wanted))
