"""What the line model sees: one row of numbers for each line of a text, filled in by one compiled pass.

Everything that hangs on a line alone is counted once (``textstats``); what hangs on the lines around it is computed
from those counts, so that what is left of a text can be judged again without being read again.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from detector.clean import textstats as ts
from detector.jit import borrowed, inlined, njit

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]
Rows = NDArray[np.float32]

LONG_LINE = 20  # words
_COUNTED = 4096  # times; a word that stands more often in a text counts as often as this
_LOGS = np.log(np.maximum(np.arange(_COUNTED + 1), 1))
BEYOND = -9.0  # what stands for a neighbour before the first line or after the last

_BY_WORD = np.array([ts.CAPITALISED, ts.SHOUTED, ts.COMMAS, ts.STOPS, ts.QUOTES, ts.LONG_WORDS, ts.LETTERS])
_BY_CHAR = np.array([ts.DIGITS, ts.BARS, ts.OTHERS])
_FLAGS = np.array([ts.ENDS_STOP, ts.ENDS_COLON, ts.STARTS_UPPER, ts.STARTS_LOWER, ts.STARTS_DIGIT, ts.STARTS_BAR,
                   ts.ENDS_ELLIPSIS, ts.QUESTION, ts.STOPS])  # fmt: skip
_REACH = 3  # neighbours to either side

# Widths of the groups of columns, in their order.
_CONTEXT, _OWN, _SAID, _PLACE, _TEXT, _WINDOWS, _EXTREMES, _DISTANCES = 6, 19, 5, 4, 9, 6, 8, 2
_AT_OWN = _CONTEXT
_AT_SAID = _AT_OWN + _OWN
_AT_PLACE = _AT_SAID + _SAID
_AT_TEXT = _AT_PLACE + _PLACE
_AT_WINDOWS = _AT_TEXT + _TEXT
_AT_EXTREMES = _AT_WINDOWS + _WINDOWS
_AT_DISTANCES = _AT_EXTREMES + _EXTREMES
_AT_NEIGHBOURS = _AT_DISTANCES + _DISTANCES
COLUMNS = _AT_NEIGHBOURS + _CONTEXT * 2 * _REACH


@njit
def line_columns(
    table: Floats, words: ts.Hashes, starts: Longs, chosen: Longs, scores: Floats, known: Floats, breaks: Floats,
    english: bool,
) -> Rows:  # fmt: skip
    """The rows of the ``chosen`` lines as if they were the text, shape (n, COLUMNS).

    ``table``, ``words`` and ``starts`` are those of TextStatistics for all lines; ``scores``, ``known`` and ``breaks``
    have shape (n,).
    """
    rows = np.zeros((chosen.size, COLUMNS), dtype=np.float32)
    size = np.empty(chosen.size)
    for i in range(chosen.size):
        size[i] = max(table[chosen[i], ts.WORDS], 1.0)
    _own_columns(rows, table, chosen, size, scores, known, breaks, english)
    _said_columns(rows, table, words, starts, chosen)
    _text_columns(rows, table, chosen, size, breaks, english)
    _window_columns(rows, size, scores, breaks)
    _near_columns(rows, size, scores)
    return rows


@njit
def _own_columns(
    rows: Rows, table: Floats, chosen: Longs, size: Floats, scores: Floats, known: Floats, breaks: Floats, english: bool
) -> None:
    """What stands in the line, and where it stands in the text."""
    n = chosen.size
    total, read = size.sum(), 0.0
    for i in range(n):
        row, counts = rows[i], table[chosen[i]]
        row[0], row[1], row[2] = np.log1p(size[i]), counts[ts.ENDS_STOP], counts[ts.STARTS_LOWER]
        row[3], row[4], row[5] = scores[i], known[i], breaks[i]
        at = _AT_OWN
        for column in _BY_WORD:
            row[at] = counts[column] / size[i]
            at += 1
        chars = max(counts[ts.CHARS], 1.0)
        for column in _BY_CHAR:
            row[at] = counts[column] / chars
            at += 1
        for column in _FLAGS:
            row[at] = counts[column]
            at += 1
        row[_AT_SAID] = counts[ts.STOP_WORDS] / size[i] if english else 0.0
        read += size[i]
        row[_AT_PLACE], row[_AT_PLACE + 1] = i / n, read / total
        row[_AT_PLACE + 2], row[_AT_PLACE + 3] = np.log1p(i), np.log1p(n - 1 - i)


@njit
def _said_columns(rows: Rows, table: Floats, words: ts.Hashes, starts: Longs, chosen: Longs) -> None:
    """Whether the text says it elsewhere: lines that open and close alike, how common the words are, also in its prose.

    What is frequent in the text are its own function words, in any language, and what it is about.
    """
    n = chosen.size
    total = 0
    for i in range(n):
        total += starts[chosen[i] + 1] - starts[chosen[i]]
    said, ends = np.empty(total, dtype=np.uint64), np.empty(n, dtype=np.uint64)
    at = 0
    for i in range(n):
        first, last = starts[chosen[i]], starts[chosen[i] + 1]
        for k in range(first, last):
            said[at] = np.uint64(words[k])
            at += 1
        ends[i] = np.uint64(last - first)
        if last > first:
            ends[i] += np.uint64(words[first]) * np.uint64(31) + np.uint64(words[last - 1]) * np.uint64(1 << 20)
    place, slots = ts.places_of(said)
    count, prose = np.zeros(slots, dtype=np.int64), np.zeros(slots, dtype=np.int64)
    at = 0
    for i in range(n):
        is_prose = _is_prose(table, chosen[i])
        for _ in range(starts[chosen[i]], starts[chosen[i] + 1]):
            count[place[at]] += 1
            prose[place[at]] += is_prose
            at += 1
    alike = ts.count_keys(ends)
    at = 0
    for i in range(n):
        size = starts[chosen[i] + 1] - starts[chosen[i]]
        is_prose = _is_prose(table, chosen[i])
        common, told, untold = 0.0, 0.0, 0.0
        for _ in range(size):
            elsewhere = prose[place[at]] - is_prose
            common += _LOGS[min(count[place[at]], _COUNTED)]
            told += _LOGS[min(elsewhere + 1, _COUNTED)]
            untold += elsewhere == 0
            at += 1
        row = rows[i]
        row[_AT_SAID + 1], row[_AT_SAID + 2] = alike[i], common / max(size, 1)
        row[_AT_SAID + 3], row[_AT_SAID + 4] = told / max(size, 1), untold / max(size, 1)


@inlined
def _is_prose(table: Floats, line: int) -> bool:
    return bool(table[line, ts.WORDS] >= LONG_LINE and table[line, ts.ENDS_STOP] > 0)


@njit
def _text_columns(rows: Rows, table: Floats, chosen: Longs, size: Floats, breaks: Floats, english: bool) -> None:
    """What holds for the whole text, its script among it: letters and capitals a word."""
    n = chosen.size
    total = size.sum()
    said = np.zeros(_TEXT)
    for i in range(n):
        counts = table[chosen[i]]
        said[2] += size[i] / total if size[i] >= LONG_LINE else 0.0
        said[3] += size[i] / total if counts[ts.ENDS_STOP] > 0 else 0.0
        said[4] += breaks[i] / n
        said[6] += counts[ts.LETTERS] / total
        said[7] += counts[ts.CAPITALISED] / total
        said[8] += (counts[ts.COMMAS] + counts[ts.STOPS]) / total
    said[0], said[1], said[5] = np.log1p(n), np.log1p(total), english
    for i in range(n):
        for k in range(_TEXT):
            rows[i, _AT_TEXT + k] = said[k]


@njit
def _window_columns(rows: Rows, size: Floats, scores: Floats, breaks: Floats) -> None:
    """Shares of words around the line: those in long lines, 3, 10 and 30 to either side; scores and breaks, 5."""
    n = size.size
    sums = np.zeros((n + 1, 4))
    for i in range(n):
        sums[i + 1, 0] = sums[i, 0] + size[i]
        sums[i + 1, 1] = sums[i, 1] + (size[i] if size[i] >= LONG_LINE else 0.0)
        sums[i + 1, 2] = sums[i, 2] + scores[i] * size[i]
        sums[i + 1, 3] = sums[i, 3] + breaks[i] * size[i]
    for i in range(n):
        row = rows[i]
        row[_AT_WINDOWS] = _share(sums, 1, i, 3)
        row[_AT_WINDOWS + 1] = _share(sums, 1, i, 10)
        row[_AT_WINDOWS + 2] = _share(sums, 1, i, 30)
        row[_AT_WINDOWS + 3] = _share(sums, 2, i, 5)
        row[_AT_WINDOWS + 4] = _share(sums, 3, i, 5)
        row[_AT_WINDOWS + 5] = _share(sums, 2, i, 1)


@inlined
def _share(sums: Floats, column: int, i: int, reach: int) -> float:
    first, last = max(i - reach, 0), min(i + reach + 1, len(sums) - 1)
    return float((sums[last, column] - sums[first, column]) / (sums[last, 0] - sums[first, 0]))


@njit
def _near_columns(rows: Rows, size: Floats, scores: Floats) -> None:
    """Least and greatest score and length before and after the line, lines to the next long one, neighbours."""
    n = size.size
    for i in range(n):
        row = rows[i]
        for side in range(2):
            at = _AT_EXTREMES + 2 * side
            row[at], row[at + 1] = _extremes(scores, i, 10, side == 0)
            low, high = _extremes(size, i, 5, side == 0)
            row[at + 4], row[at + 5] = np.log1p(low), np.log1p(high)
        for k in range(2 * _REACH):
            other = i + k - _REACH + (1 if k >= _REACH else 0)
            at = _AT_NEIGHBOURS + _CONTEXT * k
            for c in range(_CONTEXT):
                row[at + c] = rows[other, c] if 0 <= other < n else BEYOND
    for side in range(2):
        since = 30
        for k in range(n):
            i = k if side == 0 else n - 1 - k
            since = 0 if size[i] >= LONG_LINE else min(since + 1, 30)
            rows[i, _AT_DISTANCES + side] = since


@inlined
def _extremes(values: Floats, i: int, reach: int, before: bool) -> tuple[float, float]:
    low = high = values[i]
    first, last = (max(i - reach, 0), i) if before else (i, min(i + reach, values.size - 1))
    for k in range(first, last + 1):
        low, high = min(low, values[k]), max(high, values[k])
    return low, high


@njit
def gram_sums(weights: NDArray[np.float32], grams: Longs, starts: Longs, chosen: Longs) -> Floats:
    """Sum of the n-gram weights of each of the ``chosen`` lines, shape (n,)."""
    weights, grams = borrowed(weights), borrowed(grams)
    sums = np.zeros(chosen.size)
    for i in range(chosen.size):
        for k in range(starts[chosen[i]], starts[chosen[i] + 1]):
            sums[i] += weights[grams[k]]
    return sums
