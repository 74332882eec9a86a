"""A token bucket for each key: so many requests a second, and so many at once.

Says what is left in the fields of draft-ietf-httpapi-ratelimit-headers-10. The buckets are this process's own: several
nodes give a key its rate each.
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

_BUCKETS = 10_000  # keys that are remembered; the one that was quiet longest is forgotten, and starts full again


@dataclass(frozen=True, slots=True)
class Rate:
    """A limit: ``per_second`` tokens come in, up to ``burst``."""

    per_second: float
    burst: int


@dataclass(frozen=True, slots=True)
class Grant:
    """Whether a request may go on, and what is left."""

    allowed: bool
    rate: Rate
    left: float  # tokens

    @property
    def retry_after(self) -> int:
        """Whole seconds until there is a token."""
        return max(1, math.ceil((1 - self.left) / self.rate.per_second))

    def headers(self) -> dict[str, str]:
        """The quota (q tokens in a window of w seconds), and what remains of it (r tokens; t seconds until full)."""
        window = max(1, math.ceil(self.rate.burst / self.rate.per_second))
        until_full = math.ceil((self.rate.burst - self.left) / self.rate.per_second)
        return {
            "RateLimit-Policy": f'"requests";q={self.rate.burst};w={window}',
            "RateLimit": f'"requests";r={int(self.left)};t={until_full}',
        }


class Buckets:
    """The buckets of all callers."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()  # tokens, and when there were so many

    def take(self, caller: str, rate: Rate) -> Grant:
        """Take a token of ``caller``'s bucket, if there is one."""
        now = self._clock()
        level, since = self._levels.pop(caller, (float(rate.burst), now))
        level = min(float(rate.burst), level + (now - since) * rate.per_second)
        allowed = level >= 1
        level -= allowed
        self._levels[caller] = (level, now)
        if len(self._levels) > _BUCKETS:
            self._levels.popitem(last=False)
        return Grant(allowed, rate, level)
