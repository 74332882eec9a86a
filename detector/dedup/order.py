"""The order in which the items of a collection are gone through, and what each may be compared with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Longs = NDArray[np.int64]
Floats = NDArray[np.float64]


class Order(NamedTuple):
    """n items with a text in their order, shape (n,) each."""

    places: Longs  # where each stands in the collection
    moments: Floats  # seconds since 1970, infinite for an undated item
    since: Floats  # from when on each looks for candidates; minus infinity for one that looks at all
    limits: Longs  # how many candidates each has at most
    least: Floats  # confidence of a copy that a verdict on each acts on
    same: Longs  # the item of the same id that was there when each came, -1 for none
    until: Longs  # the item that took each one's place, n for none; itself for one that only repeats ``same``


def replaced(ids: Sequence[str], digests: Sequence[str]) -> tuple[Longs, Longs]:
    """``same`` and ``until`` of items in their order."""
    same, until = np.full(len(ids), -1), np.full(len(ids), len(ids))
    standing: dict[str, int] = {}
    for place, item_id in enumerate(ids):
        before = standing.get(item_id)
        if before is not None:
            same[place] = before
            if digests[before] == digests[place]:
                until[place] = place
                continue
            until[before] = place
        standing[item_id] = place
    return same, until
