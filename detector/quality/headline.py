"""Does a headline hold something back to be clicked? A logistic regression over hashed words and word pairs.

Learned from 32,000 headlines (Chakraborty, Paranjape, Kakarla, Ganguly 2016). Wire headlines leave out what such
a headline lives on: "you", "this", "why", numbered lists and the promise of a feeling.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Self
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from detector.quality.tokens import Ints, fold, tokens_of

BUCKETS = 1 << 13


@dataclass(frozen=True, slots=True)
class HeadlineModel:
    """One weight for each bucket of hashed words and word pairs."""

    weights: NDArray[np.float32]  # shape (BUCKETS,)
    bias: float

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """The model stored as ``headline_weights`` and ``headline_bias``."""
        return cls(arrays["headline_weights"], float(arrays["headline_bias"]))

    def clickbait(self, title: str) -> float:
        """Probability that ``title`` withholds what it is about, in [0, 1]; 0 for an empty title."""
        found = buckets(title)
        if not found.size:
            return 0.0
        total = float(self.weights[found].astype(np.float64).sum()) / np.sqrt(found.size) + self.bias
        return float(1.0 / (1.0 + np.exp(-total)))


def buckets(title: str) -> Ints:
    """The distinct buckets of a headline's words and word pairs, ascending; figures count as one word."""
    words = ["0" if token[0].isdigit() else token for token in tokens_of(fold(title))]
    marked = ["<", *words, ">"]
    pairs = [f"{left} {right}" for left, right in pairwise(marked)]
    if not words:
        return np.zeros(0, dtype=np.int64)
    return np.array(sorted({crc32(item.encode(errors="replace")) % BUCKETS for item in words + pairs}), dtype=np.int64)
