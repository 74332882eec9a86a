"""Word vectors: what company a word keeps in news, so that "sea of joy" counts although no list names it.

Positive pointwise mutual information of a word with its two neighbours on either side, reduced by a singular
value decomposition (Levy, Goldberg, Dagan 2015), learned from unlabelled news written by people and by machines
alike, so that a vector tells nothing about who wrote.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from detector.jit import borrowed, njit
from detector.quality.scan import look_up, table_of
from detector.quality.tokens import Floats, Hashes, Ints, Tokens

# A word in one text of a hundred weighs as much as one in ten thousand: rare names must not rule the mean.
_HIGHEST_WEIGHT = 4.0
_EXTRA = 3
_ONE = np.uint64(1)


@dataclass(frozen=True, slots=True)
class Vectors:
    """A vector for each of the words that are frequent enough to have one."""

    keys: Hashes  # table of the words' hashes for scan.look_up
    places: NDArray[np.int32]  # row of ``table`` of each key
    table: NDArray[np.int8]  # shape (words, dimensions)
    rarity: NDArray[np.float32]  # inverse document frequency, natural logarithm, shape (words,)

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """The vectors as stored; no words at all in weights that were learned from the seeds alone."""
        entries = {
            word + 1: number for number, word in enumerate(arrays["vector_words"].tolist())
        }  # 0 is an empty cell
        return cls(*table_of(entries, np.int32), arrays["vector_table"], arrays["vector_rarity"])

    @property
    def columns(self) -> int:
        """How many features a sentence has: dimensions + 3, or none when there are no vectors."""
        return self.table.shape[1] + _EXTRA if self.rarity.size else 0

    def add(self, tokens: Tokens, out: Floats) -> None:
        """Each sentence's mean vector, mean and highest rarity, and unknown tokens, into the last columns of ``out``.

        ``out`` holds zeros there.
        """
        if self.rarity.size:
            _sentence_means(tokens.word, self.keys, self.places, tokens.bounds, self.table, self.rarity, out)


@njit
def _sentence_means(
    words: Hashes,
    keys: Hashes,
    places: NDArray[np.int32],
    bounds: Ints,
    table: NDArray[np.int8],
    rarity: NDArray[np.float32],
    out: Floats,
) -> None:
    words, keys, places, table, rarity = (
        borrowed(words), borrowed(keys), borrowed(places), borrowed(table), borrowed(rarity)
    )  # fmt: skip
    size = table.shape[1]
    first = out.shape[1] - size - _EXTRA
    sums = np.zeros(size)
    for row in range(out.shape[0]):  # row 0 of the tokens is the title
        total, count, highest = 0.0, 0, 0.0
        sums[:] = 0.0
        for k in range(bounds[row + 1], bounds[row + 2]):
            cell = look_up(words[k] + _ONE, keys)
            if cell < 0:
                continue
            word = places[cell]
            weight = min(float(rarity[word]), _HIGHEST_WEIGHT)
            for d in range(size):
                sums[d] += weight * table[word, d]
            total += weight
            count += 1
            highest = max(highest, float(rarity[word]))
        if total > 0.0:
            for d in range(size):
                out[row, first + d] = sums[d] / (total * 127.0)
            out[row, first + size] = total / count
        out[row, first + size + 1] = highest
        out[row, first + size + 2] = bounds[row + 2] - bounds[row + 1] - count
