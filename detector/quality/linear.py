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

from detector.jit import njit
from detector.quality.tokens import Floats

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
    size = rows.shape[1]
    first = _dots(rows, mean, 1.0 / scale, weights[:, 0], bias[0])
    rate = 1.0 / later_scale
    own = _dots(rows, later_mean[:size], rate[:size], later_weights[:size, 0], later_bias[0])
    return own + _dots(surroundings(first), later_mean[size:], rate[size:], later_weights[size:, 0], 0.0)


@njit
def _dots(rows: Floats, mean: Floats, rate: Floats, weights: Floats, bias: float) -> Floats:
    """Compiled rather than ``@``, for BLAS sums in an order that depends on the number of rows; four sums at once."""
    out = np.empty(rows.shape[0])
    size = rows.shape[1]
    whole = size - size % 4
    for n in range(rows.shape[0]):
        a = b = c = d = 0.0
        for f in range(0, whole, 4):
            a += min(max((rows[n, f] - mean[f]) * rate[f], -CLIP), CLIP) * weights[f]
            b += min(max((rows[n, f + 1] - mean[f + 1]) * rate[f + 1], -CLIP), CLIP) * weights[f + 1]
            c += min(max((rows[n, f + 2] - mean[f + 2]) * rate[f + 2], -CLIP), CLIP) * weights[f + 2]
            d += min(max((rows[n, f + 3] - mean[f + 3]) * rate[f + 3], -CLIP), CLIP) * weights[f + 3]
        for f in range(whole, size):
            a += min(max((rows[n, f] - mean[f]) * rate[f], -CLIP), CLIP) * weights[f]
        out[n] = (a + b) + (c + d) + bias
    return out


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
