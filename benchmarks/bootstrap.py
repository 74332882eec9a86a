"""Intervals of a mean or a percentile by the bootstrap over pages (Efron 1979)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

SEED = 20261122
_RESAMPLES = 2_000

Floats = np.ndarray[Any, np.dtype[np.float64]]
Statistic = Callable[[Floats], Floats]  # of each row


def mean(rows: Floats) -> Floats:
    """The mean of each row."""
    return rows.mean(axis=-1)


def percentile(q: float) -> Statistic:
    """The ``q``-th percentile of each row."""
    return lambda rows: np.percentile(rows, q, axis=-1)


def interval(values: Iterable[float], statistic: Statistic = mean) -> tuple[float, float]:
    """The 2.5th and the 97.5th percentile of ``statistic`` over resampled values."""
    rows = resampled(values)
    low, high = np.percentile(statistic(rows), [2.5, 97.5]).tolist()
    return low, high


def resampled(values: Iterable[float]) -> Floats:
    """The values drawn again, shape (resamples, n): the same draws for any values of the same number, so paired."""
    known = np.fromiter(values, dtype=np.float64)
    return known[np.random.default_rng(SEED).integers(0, known.size, (_RESAMPLES, known.size))]


def with_interval(values: Iterable[float], statistic: Statistic = mean, digits: int = 3) -> str:
    """The statistic and its interval as the tables write them; a dash where there is nothing."""
    known = np.fromiter(values, dtype=np.float64)
    if not known.size:
        return "–"
    low, high = interval(known, statistic)
    return f"{float(statistic(known)):.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"
