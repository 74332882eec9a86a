"""How fast this machine is just now: a limit of processor time is to mean the same when it is slow or traced."""

from __future__ import annotations

import time

_USUAL = 0.025  # seconds that the loop takes where the limits were set
_MOST = 8.0  # times that, where every line is traced


def within(spent: float, limit: float) -> bool:
    """Whether ``spent`` seconds of this process's time are fewer than ``limit`` of them where the limit was set."""
    return spent < limit or spent < limit * min(_MOST, max(_loop() for _ in range(5)) / _USUAL)


def _loop() -> float:
    started, total = time.process_time(), 0
    for number in range(600_000):
        total += number & 7
    assert total
    return time.process_time() - started
