"""Gradient-boosted trees from plain arrays: equal to scikit-learn's own raw predictions, without scikit-learn.

The arrays are those of ``HistGradientBoosting*`` after export by ``detector.train.export``: all nodes of all
trees in one table, each node pointing to its children by position.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from detector.errors import WeightsError
from detector.jit import njit

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


MAX_DEPTH = 8  # a tree is stored as a complete one, of which this is the depth


@dataclass(frozen=True, slots=True)
class Trees:
    """An ensemble for one output: t complete binary trees of depth d, node k above nodes 2k + 1 and 2k + 2.

    Where a tree ends sooner, both halves below say the same. Missing values are not supported.
    """

    feature: Ints  # shape (t, 2**d - 1)
    threshold: NDArray[np.float32]  # a value ≤ threshold goes left, shape (t, 2**d - 1)
    value: Floats  # what a leaf adds, shape (t, 2**d)
    baseline: float

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], prefix: str) -> Self:
        """The ensemble stored as node tables ``{prefix}_roots``, ``{prefix}_feature``, …, whose leaves point to -1.

        Raises WeightsError for a tree deeper than MAX_DEPTH.
        """
        table = {name: arrays[f"{prefix}_{name}"] for name in ("feature", "threshold", "left", "right", "value")}
        levels = _levels(arrays[f"{prefix}_roots"], table["left"], table["right"])
        inner = np.concatenate([np.zeros((len(levels[0]), 0), dtype=np.int32), *levels[:-1]], axis=1)
        leaf = table["left"][inner] < 0
        return cls(
            feature=np.where(leaf, 0, table["feature"][inner]).astype(np.int32),
            threshold=np.where(leaf, np.float32(np.inf), _rounded_down(table["threshold"][inner])),
            value=table["value"][levels[-1]].astype(np.float64),
            baseline=float(arrays[f"{prefix}_baseline"]),
        )

    def raw(self, rows: NDArray[np.float32]) -> Floats:
        """Sum of the leaves for each row: shape (n, features) in, log-odds of shape (n,) out."""
        table = np.ascontiguousarray(rows, dtype=np.float32)
        return _raw(table, self.feature, self.threshold, self.value, self.baseline)

    def probability(self, rows: NDArray[np.float32]) -> Floats:
        """The logistic function of ``raw``: shape (n,), in [0, 1]."""
        return 1.0 / (1.0 + np.exp(-self.raw(rows)))


def _levels(roots: Ints, left: Ints, right: Ints) -> list[Ints]:
    """The nodes of all trees level by level, shapes (t, 1), (t, 2), (t, 4), …; a leaf stands below itself."""
    levels = [roots[:, None].astype(np.int32)]
    while (left[levels[-1]] >= 0).any():
        if len(levels) > MAX_DEPTH:
            raise WeightsError(f"a tree is deeper than {MAX_DEPTH}; train it with max_depth={MAX_DEPTH} or less")
        nodes = levels[-1]
        leaf = left[nodes] < 0
        below = np.stack((np.where(leaf, nodes, left[nodes]), np.where(leaf, nodes, right[nodes])), axis=2)
        levels.append(below.reshape(len(roots), -1).astype(np.int32))
    return levels


def _rounded_down(threshold: Floats) -> NDArray[np.float32]:
    """The greatest float32 that is not above each threshold: a float32 is ≤ the one exactly when it is ≤ the other."""
    near = threshold.astype(np.float32)
    down: NDArray[np.float32] = np.where(near > threshold, np.nextafter(near, np.float32(-np.inf)), near)
    return down


_CHUNK = 32  # rows that go through all trees before the next ones do, so that they stay in the nearest cache


@njit
def _raw(
    rows: NDArray[np.float32], feature: Ints, threshold: NDArray[np.float32], value: Floats, baseline: float
) -> Floats:
    """Eight rows at a time go down a tree, without a branch, so that the waits for memory overlap."""
    n, inner = rows.shape[0], feature.shape[1]
    out = np.full(n, baseline)
    depth = 0
    while (1 << depth) - 1 < inner:
        depth += 1
    for first in range(0, n, _CHUNK):
        last = min(first + _CHUNK, n)
        for t in range(feature.shape[0]):
            i = first
            while i + 7 < last:
                a = b = c = d = e = f = g = h = 0
                for _ in range(depth):
                    a = 2 * a + 1 + (rows[i, feature[t, a]] > threshold[t, a])
                    b = 2 * b + 1 + (rows[i + 1, feature[t, b]] > threshold[t, b])
                    c = 2 * c + 1 + (rows[i + 2, feature[t, c]] > threshold[t, c])
                    d = 2 * d + 1 + (rows[i + 3, feature[t, d]] > threshold[t, d])
                    e = 2 * e + 1 + (rows[i + 4, feature[t, e]] > threshold[t, e])
                    f = 2 * f + 1 + (rows[i + 5, feature[t, f]] > threshold[t, f])
                    g = 2 * g + 1 + (rows[i + 6, feature[t, g]] > threshold[t, g])
                    h = 2 * h + 1 + (rows[i + 7, feature[t, h]] > threshold[t, h])
                out[i] += value[t, a - inner]
                out[i + 1] += value[t, b - inner]
                out[i + 2] += value[t, c - inner]
                out[i + 3] += value[t, d - inner]
                out[i + 4] += value[t, e - inner]
                out[i + 5] += value[t, f - inner]
                out[i + 6] += value[t, g - inner]
                out[i + 7] += value[t, h - inner]
                i += 8
            while i < last:
                a = 0
                for _ in range(depth):
                    a = 2 * a + 1 + (rows[i, feature[t, a]] > threshold[t, a])
                out[i] += value[t, a - inner]
                i += 1
    return out
