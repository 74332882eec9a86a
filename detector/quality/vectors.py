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

from detector.jit import njit
from detector.quality.tokens import Floats, Hashes, Ints, Tokens

# A word in one text of a hundred weighs as much as one in ten thousand: rare names must not rule the mean.
_HIGHEST_WEIGHT = 4.0
_EXTRA = 3


@dataclass(frozen=True, slots=True)
class Vectors:
    """A vector for each of the words that are frequent enough to have one."""

    words: Hashes  # crc32 of the folded words, ascending, shape (words,)
    table: NDArray[np.int8]  # shape (words, dimensions)
    rarity: NDArray[np.float32]  # inverse document frequency, natural logarithm, shape (words,)

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """The vectors as stored; no words at all in weights that were learned from the seeds alone."""
        return cls(arrays["vector_words"].astype(np.uint64), arrays["vector_table"], arrays["vector_rarity"])

    def features(self, tokens: Tokens) -> Floats:
        """For each sentence its mean vector, mean and highest rarity, and unknown tokens.

        Shape (sentences, dimensions + 3); shape (sentences, 0) when there are no vectors.
        """
        rows = tokens.starts.size - 1
        if not self.words.size:
            return np.zeros((rows, 0))
        place = np.minimum(np.searchsorted(self.words, tokens.word), self.words.size - 1)
        known = self.words[place] == tokens.word
        bounds = np.append(tokens.starts, tokens.word.size)
        return _sentence_means(place, known, bounds, self.table, self.rarity)[1:]


@njit
def _sentence_means(
    place: Ints, known: NDArray[np.bool_], bounds: Ints, table: NDArray[np.int8], rarity: NDArray[np.float32]
) -> Floats:
    size = table.shape[1]
    out = np.zeros((bounds.size - 1, size + _EXTRA))
    for row in range(bounds.size - 1):
        total, count = 0.0, 0
        for k in range(bounds[row], bounds[row + 1]):
            if known[k]:
                word = place[k]
                weight = min(float(rarity[word]), _HIGHEST_WEIGHT)
                for d in range(size):
                    out[row, d] += weight * table[word, d]
                total += weight
                count += 1
                out[row, size + 1] = max(out[row, size + 1], float(rarity[word]))
        if total > 0.0:
            for d in range(size):
                out[row, d] /= total * 127.0
            out[row, size] = total / count
        out[row, size + 2] = bounds[row + 1] - bounds[row] - count
    return out
