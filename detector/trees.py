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
from detector.jit import BLOCK, append_bits, inlined, leaf, njit, note_floats_above

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Columns:
    """Rows of features as trees read them: 64 rows after the other, each such chunk column by column."""

    turned: NDArray[np.float32]  # shape (chunks, features, 64)
    rows: int

    @classmethod
    def of(cls, rows: NDArray[np.float32]) -> Self:
        """The columns of ``rows``, shape (n, features)."""
        table = np.ascontiguousarray(rows, dtype=np.float32)
        turned = np.empty((-(-len(table) // BLOCK), table.shape[1], BLOCK), dtype=np.float32)
        _turn(table, turned)
        return cls(turned, len(table))


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

    def raw(self, columns: Columns) -> Floats:
        """Sum of the leaves for each row: log-odds of shape (n,)."""
        return _raw(columns.turned, columns.rows, self.feature, self.threshold, self.value, self.baseline)

    def probability(self, columns: Columns) -> Floats:
        """The logistic function of ``raw``: shape (n,), in [0, 1]."""
        return 1.0 / (1.0 + np.exp(-self.raw(columns)))


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


_TILE = 16  # columns that are turned at once, so that what is written stays in the nearest cache


@njit
def _turn(rows: NDArray[np.float32], turned: NDArray[np.float32]) -> None:
    """Write ``rows``, 64 of them after the other and the last ones padded by the very last, column by column."""
    n, columns = rows.shape
    for chunk in range(turned.shape[0]):
        first = chunk * BLOCK
        for start in range(0, columns, _TILE):
            end = min(start + _TILE, columns)
            for column in range(start, end):
                for i in range(BLOCK):
                    turned[chunk, column, i] = rows[min(first + i, n - 1), column]


@njit
def _raw(
    turned: NDArray[np.float32],
    n: int,
    feature: Ints,
    threshold: NDArray[np.float32],
    value: Floats,
    baseline: float,
) -> Floats:
    """All trees for 64 rows at a time, without a branch; the leaves of a row are added in the order of the trees.

    Each node is asked of all rows at once, whose answers are the bits of one word. The answers of a level are narrowed
    down by those of the levels above it until one is left for each row: the next bit of its leaf's position.
    """
    out = np.full(n, baseline)
    answers = np.empty(max(feature.shape[1], 1), dtype=np.uint64)
    leaves = np.empty(BLOCK, dtype=np.uint8)  # no more than 2**MAX_DEPTH
    _add_leaves(turned, feature, threshold, value, answers, leaves, out)
    return out


@leaf
def _add_leaves(
    turned: NDArray[np.float32],
    feature: Ints,
    threshold: NDArray[np.float32],
    value: Floats,
    answers: NDArray[np.uint64],
    leaves: NDArray[np.uint8],
    out: Floats,
) -> None:
    inner = feature.shape[1]
    for chunk in range(turned.shape[0]):
        first = chunk * BLOCK
        size = min(BLOCK, out.size - first)
        for t in range(feature.shape[0]):
            for k in range(inner):
                column = (chunk * turned.shape[1] + feature[t, k]) * BLOCK
                note_floats_above(answers, k, turned, column, threshold[t, k])
            _find_leaves(answers, np.uint64(inner), leaves)
            for i in range(size):
                out[first + i] += value[t, leaves[i]]


@inlined
def _find_leaves(answers: NDArray[np.uint64], inner: np.uint64, leaves: NDArray[np.uint8]) -> None:
    """The position of each row's leaf, given the answers of the nodes of one tree, which are overwritten.

    All is unsigned, for of a number that may be negative each use as a position costs two more instructions.
    """
    leaves[:] = 0
    first, width = np.uint64(0), np.uint64(1)
    while first < inner:  # a level of the tree
        above, left = np.uint64(0), width
        while left > np.uint64(1):
            right = answers[above]  # of the rows, those that went right there
            left >>= np.uint64(1)
            for k in range(left):
                low, high = answers[first + k], answers[first + left + k]
                answers[first + k] = low ^ ((low ^ high) & right)
            above += above + np.uint64(1)
        append_bits(leaves, answers[first])
        first += width
        width += width
