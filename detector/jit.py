"""The one place that names numba: compile once, cache on disk, release the GIL."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

import numba

P = ParamSpec("P")
R = TypeVar("R")


def njit(function: Callable[P, R]) -> Callable[P, R]:
    """Compile ``function`` on its first call and keep the machine code in numba's on-disk cache.

    The decorated function keeps its Python signature for type checkers, which numba's own does not.
    """
    return cast("Callable[P, R]", numba.njit(function, cache=True, nogil=True))
