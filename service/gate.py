"""The admission gate: what would wait too long is turned away at once, before its body is read.

The wait is estimated as the work that was taken in and is not done, over the work that was lately done a second. Work
is counted in requests and the bytes they bring: a page of 20 KB is twice an empty request.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

_BYTES = 20_000  # that are as much work as the rest of a request
_MEMORY_SECONDS = 10.0  # what was done longer ago counts for half of nothing: its weight is 1/e
_FIRST_GUESS = 50.0  # units a second, until something was measured
_GUESS_SECONDS = 0.5  # the weight of that guess
# Turning a request away takes some of the processor that is to do the work of those let in: beyond so many a second
# each waits for its turn, though no longer than it is asked to stay away.
_TURNED_AWAY_PER_SECOND, _LONGEST_PAUSE = 400.0, 2.0


@dataclass(slots=True)
class _Pace:
    """Work that was done, and the time in which there was any to do; both fade."""

    done: float = _FIRST_GUESS * _GUESS_SECONDS
    seconds: float = _GUESS_SECONDS

    def fade(self, seconds: float) -> None:
        kept = math.exp(-seconds / _MEMORY_SECONDS)
        self.done *= kept
        self.seconds *= kept


class OverloadedError(Exception):
    """There is too much to do; the request may come again in ``retry_after`` seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"too much is waiting; come again in {retry_after} s")
        self.retry_after = retry_after


class Gate:
    """Lets requests in while they would wait for less than ``longest_wait`` seconds, batches for half of that."""

    def __init__(self, longest_wait: float, most_bytes: int, clock: Callable[[], float] = time.monotonic) -> None:
        """``most_bytes``: of bodies that are held in memory at a time, whatever the wait."""
        self._longest_wait = longest_wait
        self._most_bytes = most_bytes
        self._clock = clock
        self._pace = _Pace()
        self._at = clock()
        self._waiting = 0.0  # units
        self._turn = clock()  # when the next one may be turned away
        self.bytes = 0  # of bodies that were let in and are not done with
        self.requests = 0

    @property
    def wait(self) -> float:
        """Seconds that a request would wait now, as far as can be told."""
        return self._waiting * self._pace.seconds / max(self._pace.done, 1e-9)

    @property
    def is_full(self) -> bool:
        """Whether a request would be turned away."""
        return self.wait > self._longest_wait

    @property
    def retry_after(self) -> int:
        """Seconds after which one that is turned away now may come again."""
        return max(1, math.ceil(self.wait))

    @contextmanager
    def admitted(self, size: int, *, batch: bool = False) -> Iterator[None]:
        """Hold a place for a request of ``size`` bytes. Raises OverloadedError when there is none."""
        self._advance()
        # The first of all is let in whatever it brings, or a large one could never be sent.
        full = self.requests > 0 and self.bytes + size > self._most_bytes
        if full or self.wait > self._longest_wait * (0.5 if batch else 1.0):
            raise OverloadedError(self.retry_after)
        work = 1 + size / _BYTES
        self._enter(work, size, 1)
        try:
            yield
            done = work
        except BaseException:
            done = 0.0  # what failed says nothing about how fast work is done
            raise
        finally:
            self._advance()
            self._pace.done += done
            self._enter(-work, -size, -1)

    def pause(self) -> float:
        """Seconds after which the next request that finds no place is to be told so."""
        now = self._clock()
        turn = max(now, self._turn)
        self._turn = min(turn + 1 / _TURNED_AWAY_PER_SECOND, now + _LONGEST_PAUSE)
        return turn - now

    def _enter(self, work: float, size: int, requests: int) -> None:
        self._waiting += work
        self.bytes += size
        self.requests += requests
        if not self.requests:
            self._waiting = 0.0  # no rest of rounding

    def _advance(self) -> None:
        """Let time pass: only time with work to do says how fast it is done."""
        now = self._clock()
        if self.requests:
            self._pace.fade(now - self._at)
            self._pace.seconds += now - self._at
        self._at = now
