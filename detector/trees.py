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

from detector.jit import njit

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Trees:
    """An ensemble for one output. Leaves have ``left == -1``; missing values are not supported."""

    roots: Ints  # position of each tree's root in the node table, shape (trees,)
    feature: Ints  # shape (nodes,)
    threshold: Floats  # a value ≤ threshold goes left, shape (nodes,)
    left: Ints
    right: Ints
    value: Floats  # what a leaf adds, shape (nodes,)
    baseline: float

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], prefix: str) -> Self:
        """The ensemble whose arrays are stored as ``{prefix}_roots``, ``{prefix}_feature``, …"""
        return cls(
            roots=arrays[f"{prefix}_roots"],
            feature=arrays[f"{prefix}_feature"],
            threshold=arrays[f"{prefix}_threshold"],
            left=arrays[f"{prefix}_left"],
            right=arrays[f"{prefix}_right"],
            value=arrays[f"{prefix}_value"],
            baseline=float(arrays[f"{prefix}_baseline"]),
        )

    def raw(self, rows: Floats) -> Floats:
        """Sum of the leaves for each row: shape (n, features) in, log-odds of shape (n,) out."""
        table = np.ascontiguousarray(rows, dtype=np.float64)
        return _raw(table, self.roots, self.feature, self.threshold, self.left, self.right, self.value, self.baseline)

    def probability(self, rows: Floats) -> Floats:
        """The logistic function of ``raw``: shape (n,), in [0, 1]."""
        return 1.0 / (1.0 + np.exp(-self.raw(rows)))


@njit
def _raw(
    rows: Floats,
    roots: Ints,
    feature: Ints,
    threshold: Floats,
    left: Ints,
    right: Ints,
    value: Floats,
    baseline: float,
) -> Floats:
    out = np.full(rows.shape[0], baseline)
    for i in range(rows.shape[0]):
        for root in roots:
            node = root
            while left[node] != -1:
                node = left[node] if rows[i, feature[node]] <= threshold[node] else right[node]
            out[i] += value[node]
    return out
