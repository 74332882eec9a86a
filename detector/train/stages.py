"""Fitting: a sentence by itself, then together with the first model's opinion of its surroundings.

The same for both questions that are asked of a sentence: is it filler, and is it the page's furniture? Every split
is by document, so no opinion comes from a model that has seen the document.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from detector.quality.filler import REASONS
from detector.quality.linear import CLIP, Linear, surroundings
from detector.quality.tokens import Floats

Group = NDArray[np.int64]
_INNER_FOLDS = 6


def fold_numbers(count: int, folds: int, seed: int) -> list[list[int]]:
    """The numbers 0 … count - 1 dealt out at random."""
    order = np.random.default_rng(seed).permutation(count).tolist()
    return [order[start::folds] for start in range(folds)]


def folds_of(count: int, folds: int, seed: int, group: Group) -> Iterator[NDArray[np.bool_]]:
    """Masks of the sentences that are tested together: all of a document and of what was made from it."""
    for numbers in fold_numbers(count, folds, seed):
        test = np.isin(group, numbers)
        if test.any():
            yield test


class Question:
    """What is asked of a sentence: how much each row is an example of yes and of no."""

    def __init__(self, yes: Floats, no: Floats, strength: float, seed: int) -> None:
        """``yes`` and ``no`` of shape (rows,); ``strength`` is scikit-learn's C."""
        self.yes, self.no, self.strength, self.seed = yes, no, strength, seed

    def fit(self, rows: Floats, document: Group, group: Group, train: NDArray[np.bool_]) -> tuple[Linear, Linear]:
        """Both stages from the rows of ``train``."""
        first = self._linear(rows, train)
        opinion = np.zeros(len(rows))
        known = np.unique(group[train])
        for numbers in fold_numbers(known.size, _INNER_FOLDS, self.seed):
            test = train & np.isin(group, known[numbers])
            if test.any():
                opinion[test] = self._linear(rows, train & ~test).decision(rows[test])[:, 0]
        around = np.zeros((len(rows), 4))
        around[train] = around_of(opinion[train], document[train])
        return first, self._linear(np.hstack([rows, around]), train)

    def _linear(self, rows: Floats, train: NDArray[np.bool_]) -> Linear:
        """Logistic regression; a row that is half yes and half no is half an example of either."""
        no, yes = (train & (weight > 0) for weight in (self.no, self.yes))
        if not yes.any():
            return never(rows.shape[1])
        target = np.repeat([0, 1], [no.sum(), yes.sum()])
        weight = np.concatenate((self.no[no], self.yes[yes]))
        return standardised(
            rows[train], lambda z: np.vstack([z[no[train]], z[yes[train]]]), target, weight, self.strength
        )


def decide(first: Linear, second: Linear, rows: Floats, document: Group) -> Floats:
    """Log-odds of every row by both stages."""
    around = around_of(first.decision(rows)[:, 0], document)
    return second.decision(np.hstack([rows, around]))[:, 0]


def around_of(log_odds: Floats, document: Group) -> Floats:
    """``surroundings`` of each document; its rows stand together."""
    edges = np.flatnonzero(np.diff(document, prepend=-1, append=-1))
    return np.vstack([surroundings(log_odds[a:b]) for a, b in pairwise(edges.tolist())])


def never(features: int) -> Linear:
    """What is learned from no example: no."""
    return Linear(np.zeros(features), np.ones(features), np.zeros((features, 1)), np.full(1, -20.0))


def classes(rows: Floats, reason: NDArray[np.int64], weight: Floats, strength: float) -> Linear:
    """One row of weights for each of ``REASONS``."""
    linear = standardised(rows, lambda standard: standard, reason, weight, strength)
    present = np.unique(reason)
    weights = np.zeros((rows.shape[1], len(REASONS)))
    bias = np.full(len(REASONS), -1e3)  # a reason without an example is never given
    weights[:, present], bias[present] = linear.weights, linear.bias
    return Linear(linear.mean, linear.scale, weights, bias)


def standardised(
    rows: Floats, select: Callable[[Floats], Floats], target: NDArray[np.int64], weight: Floats, strength: float
) -> Linear:
    """A logistic regression on standard scores, clipped as they are when it is asked."""
    # float32 as stored, so that the fitted model and the loaded one are the same
    mean = rows.mean(axis=0).astype(np.float32).astype(np.float64)
    spread = rows.std(axis=0)
    scale = np.where(spread > 1e-9, spread, 1.0).astype(np.float32).astype(np.float64)
    standard = np.clip((rows - mean) / scale, -CLIP, CLIP)
    model = LogisticRegression(C=strength, max_iter=2_000).fit(select(standard), target, sample_weight=weight)
    return Linear(mean, scale, model.coef_.T.astype(np.float64), model.intercept_.astype(np.float64))


def platt(log_odds: Floats, share: Floats, weight: Floats) -> tuple[float, float]:
    """Slope and intercept that make out-of-fold log-odds a probability (Platt 1999)."""
    no, yes = share < 1, share > 0
    column = np.concatenate((log_odds[no], log_odds[yes]))[:, None]
    target = np.repeat([0, 1], [no.sum(), yes.sum()])
    weights = np.concatenate(((weight * (1 - share))[no], (weight * share)[yes]))
    model = LogisticRegression(C=1e6).fit(column, target, sample_weight=weights)
    return float(model.coef_[0, 0]), float(model.intercept_[0])
