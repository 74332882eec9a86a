"""Logistic regressions on standardised features, and the same question asked again in the light of the neighbours.

Stacking (Wolpert 1992): the first regression reads a sentence by itself, the second the same together with the
first one's opinion of the sentences around it, for padding comes in runs and a fact is rarely alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from detector.jit import borrowed, leaf, njit
from detector.quality.tokens import Floats, Ints, Mask

# A standard score beyond this is an oddity of one sentence, not four times the evidence.
CLIP = 4.0
_UNDECIDED = 4.0


@dataclass(frozen=True, slots=True)
class Linear:
    """Logistic regression on standardised, clipped features: k = 1, or one row of weights per class."""

    mean: Floats  # shape (features,)
    scale: Floats  # shape (features,)
    weights: Floats  # shape (features, k)
    bias: Floats  # shape (k,)

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], prefix: str) -> Self:
        """The model stored as ``{prefix}_mean``, ``{prefix}_scale``, ``{prefix}_weights`` and ``{prefix}_bias``."""
        parts = (arrays[f"{prefix}_{part}"].astype(np.float64) for part in ("mean", "scale", "weights", "bias"))
        return cls(*parts)

    def decision(self, rows: Floats) -> Floats:
        """Log-odds (k = 1) or class scores: shape (n, features) in, (n, k) out."""
        return _decide(rows, self.mean, 1.0 / self.scale, self.weights, self.bias)

    def likeliest(self, rows: Floats, asked: Mask) -> Ints:
        """The class with the highest score of every row that is asked for, or -1: shape (n, features) in, (n,) out."""
        return _likeliest(rows, asked, self.mean, 1.0 / self.scale, self.weights, self.bias)


@dataclass(frozen=True, slots=True)
class Stages:
    """A question asked of a sentence by itself, and again with the answers for the sentences around it."""

    first: Linear
    second: Linear

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], prefix: str) -> Self:
        """The stages stored as ``{prefix}_first_…`` and ``{prefix}_second_…``."""
        return cls(Linear.from_arrays(arrays, f"{prefix}_first"), Linear.from_arrays(arrays, f"{prefix}_second"))

    def second_rows(self, rows: Floats) -> Floats:
        """What the second regression reads: the features, and the first one's opinion of the surroundings."""
        return np.hstack([rows, surroundings(self.first.decision(rows)[:, 0])])

    def log_odds(self, rows: Floats) -> Floats:
        """Log-odds of yes for the sentences of one text, shape (sentences,)."""
        a, b = self.first, self.second
        return _both(rows, a.mean, a.scale, a.weights, a.bias, b.mean, b.scale, b.weights, b.bias)


@njit
def surroundings(log_odds: Floats) -> Floats:
    """A sentence's log-odds, those of the sentences before and after, and the mean of all others.

    Two or three other sentences are little to go by, so the mean counts as if four undecided ones stood with them.
    Shape (n,) in, (n, 4) out.
    """
    size = log_odds.size
    total = log_odds.sum()
    edge = total / (size + _UNDECIDED)
    out = np.empty((size, 4))
    for row in range(size):
        out[row, 0] = log_odds[row]
        out[row, 1] = log_odds[row - 1] if row else edge
        out[row, 2] = log_odds[row + 1] if row + 1 < size else edge
        out[row, 3] = (total - log_odds[row]) / (size + _UNDECIDED - 1.0)
    return out


def sigmoid(log_odds: Floats) -> Floats:
    """The logistic function."""
    probability: Floats = 1.0 / (1.0 + np.exp(-log_odds))
    return probability


@njit
def _both(
    rows: Floats,
    mean: Floats,
    scale: Floats,
    weights: Floats,
    bias: Floats,
    later_mean: Floats,
    later_scale: Floats,
    later_weights: Floats,
    later_bias: Floats,
) -> Floats:
    """The second regression's log-odds: on the rows, and on the first one's opinion of the surroundings."""
    size, rate, later_rate = rows.shape[1], 1.0 / scale, 1.0 / later_scale
    own_weights, later = np.ascontiguousarray(weights[:, 0]), np.ascontiguousarray(later_weights[:, 0])
    # Both were learned from the same rows, so nearly always what one reads is what the other reads.
    alike = (mean == later_mean[:size]).all() and (scale == later_scale[:size]).all()
    first, out, standard = np.empty(rows.shape[0]), np.empty(rows.shape[0]), np.empty(size)
    for n in range(rows.shape[0]):
        _standardise(borrowed(rows[n]), borrowed(mean), borrowed(rate), borrowed(standard))
        first[n] = _dot(borrowed(standard), borrowed(own_weights)) + bias[0]
        if not alike:
            _standardise(
                borrowed(rows[n]), borrowed(later_mean[:size]), borrowed(later_rate[:size]), borrowed(standard)
            )
        out[n] = _dot(borrowed(standard), borrowed(later[:size])) + later_bias[0]
    around, standard = surroundings(first), np.empty(later_mean.size - size)
    for n in range(rows.shape[0]):
        _standardise(borrowed(around[n]), borrowed(later_mean[size:]), borrowed(later_rate[size:]), borrowed(standard))
        out[n] += _dot(borrowed(standard), borrowed(later[size:]))
    return out


@leaf
def _standardise(row: Floats, mean: Floats, rate: Floats, out: Floats) -> None:
    for f in range(row.size):
        out[f] = min(max((row[f] - mean[f]) * rate[f], -CLIP), CLIP)


@leaf
def _dot(row: Floats, weights: Floats) -> float:
    """Compiled rather than ``@``, for BLAS sums in an order that depends on the number of rows; four sums at once."""
    a = b = c = d = 0.0
    whole = row.size - row.size % 4
    for f in range(0, whole, 4):
        a += row[f] * weights[f]
        b += row[f + 1] * weights[f + 1]
        c += row[f + 2] * weights[f + 2]
        d += row[f + 3] * weights[f + 3]
    for f in range(whole, row.size):
        a += row[f] * weights[f]
    return (a + b) + (c + d)


@njit
def _decide(rows: Floats, mean: Floats, rate: Floats, weights: Floats, bias: Floats) -> Floats:
    out = np.zeros((rows.shape[0], weights.shape[1]))
    for n in range(rows.shape[0]):
        for f in range(rows.shape[1]):
            standard = min(max((rows[n, f] - mean[f]) * rate[f], -CLIP), CLIP)
            for k in range(weights.shape[1]):
                out[n, k] += standard * weights[f, k]
        for k in range(weights.shape[1]):
            out[n, k] += bias[k]
    return out


@njit
def _likeliest(rows: Floats, asked: Mask, mean: Floats, rate: Floats, weights: Floats, bias: Floats) -> Ints:
    out = np.full(rows.shape[0], -1)
    standard, scores = np.empty(rows.shape[1]), np.empty(weights.shape[1])
    for n in range(rows.shape[0]):
        if asked[n]:
            _standardise(borrowed(rows[n]), borrowed(mean), borrowed(rate), borrowed(standard))
            _weigh(borrowed(standard), borrowed(weights), borrowed(bias), borrowed(scores))
            out[n] = np.argmax(scores)
    return out


@leaf
def _weigh(row: Floats, weights: Floats, bias: Floats, out: Floats) -> None:
    """The score of every class, added up as ``_decide`` does."""
    out[:] = 0.0
    for f in range(row.size):
        for k in range(out.size):
            out[k] += row[f] * weights[f, k]
    for k in range(out.size):
        out[k] += bias[k]
