"""Blocks → which are the article: a learned probability for each, and the set with the greatest expected word F1.

Two linear scores (the tokens of a block's path, its first and last words) and the columns of ``features.py`` go into
gradient-boosted trees; see ``detector.train.cleaner``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from detector.clean.features import Prepared, with_scores
from detector.clean.kind import KindModel
from detector.clean.paths import path_scores
from detector.jit import njit
from detector.models import Weights
from detector.trees import Columns, Trees

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class BlockModel:
    """The learned weights of the block model."""

    path: NDArray[np.float32]  # shape (65536,)
    text: Floats  # shape (65536,)
    articles: Trees  # learned from article pages alone
    pages: Trees  # learned from pages of every kind
    kinds: KindModel
    version: str

    @classmethod
    def from_weights(cls, weights: Weights) -> Self:
        """The model that ``detector.train.cleaner`` saved."""
        return cls(
            path=weights["path"].astype(np.float32),
            text=weights["text"].astype(np.float64),
            articles=Trees.from_arrays(weights.arrays, "articles"),
            pages=Trees.from_arrays(weights.arrays, "pages"),
            kinds=KindModel.from_weights(weights),
            version=weights.version,
        )

    def probabilities(self, prepared: Prepared) -> Floats:
        """Probability that each block belongs to the article, shape (n,)."""
        rows = with_scores(prepared, path_scores(prepared.paths, self.path), text_scores(prepared, self.text))
        columns = Columns.of(rows)
        return (self.articles.probability(columns) + self.pages.probability(columns)) / 2


def text_scores(prepared: Prepared, weights: Floats) -> Floats:
    """Sum of the n-gram weights of each block, shape (n,); zero throughout when the page is not in English."""
    grams, starts = prepared.statistics.grams, prepared.statistics.gram_starts
    if not prepared.english:
        return np.zeros(starts.size - 1)
    return _sums(weights, grams, starts)


@njit
def _sums(weights: Floats, rows: NDArray[np.int64], starts: NDArray[np.int64]) -> Floats:
    """The sums of ``weights[rows]`` between one start and the next, as differences of the running total."""
    sums = np.empty(starts.size - 1)
    total = 0.0
    for b in range(sums.size):
        before = total
        for k in range(starts[b], starts[b + 1]):
            total += weights[rows[k]]
        sums[b] = total - before
    return sums


def with_odds(probabilities: Floats, factor: float) -> Floats:
    """The probabilities whose odds are ``factor`` times as high."""
    scaled = factor * probabilities
    more: Floats = scaled / (scaled + 1.0 - probabilities)
    return more


def best_expected_f1(probabilities: Floats, words: Floats) -> NDArray[np.bool_]:
    """The blocks to keep: the set with the greatest expected F1 of words kept against words wanted.

    Blocks are taken by falling probability; the prefix that maximises 2·Σpw over (Σw kept + Σpw of all) is
    kept (Lewis, "Evaluating and optimizing autonomous text classification systems", SIGIR 1995).
    """
    order = np.argsort(-probabilities, kind="stable")
    gained = np.cumsum((probabilities * words)[order])
    taken = np.cumsum(words[order])
    best = int(np.argmax(2 * gained / (taken + gained[-1])))
    keep = np.zeros(probabilities.size, dtype=np.bool_)
    keep[order[: best + 1]] = True
    return keep
