"""Memory for what is kept for long and let go at once.

Among the many small pieces that come and go, malloc puts large ones wherever there is room and keeps that room when
they are freed; an index that grows for days would come to half as much again as it holds.
"""

from __future__ import annotations

import mmap

import numpy as np
from numpy.typing import DTypeLike, NDArray


def room(size: int, dtype: DTypeLike) -> NDArray:  # type: ignore[type-arg]  # of whatever dtype is asked for
    """An array of zeros, shape (size,), whose memory goes back to the system with the last reference to it."""
    kind = np.dtype(dtype)
    return np.frombuffer(mmap.mmap(-1, max(1, size * kind.itemsize)), kind, size)
