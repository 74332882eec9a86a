"""Events on their way from the outbox to the webhooks: at least once, under one id, ever more patiently."""

from __future__ import annotations

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import version

from service.outbound import Answer, Caller, CallError, RefusedAddressError
from service.signing import signed_headers
from service.store.database import Store
from service.store.deliveries import Due, Outcome, claim_due, forget_old, has_work, settle, spread
from service.store.webhooks import note_failing, note_working, set_active
from service.waking import woken

_log = logging.getLogger(__name__)

_AT_ONCE = 32  # attempts that run side by side
_OF_ONE = 4  # of them to one webhook: one that never answers holds up no other
_GONE = 410  # the receiver asks not to be called again (Standard Webhooks)
_CLEANING = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Patience:
    """When a failed attempt is made again: after ``first`` seconds, twice that, …, at most ``longest``; ± a half."""

    attempts: int = 16  # as set here the last one is made after some 18 hours
    first: float = 5.0
    longest: float = 4 * 3600.0

    def delay(self, attempts: int, chance: random.Random) -> float:
        """Seconds to wait after so many failed ``attempts`` (1, 2, …).

        >>> Patience().delay(3, random.Random(1)) < 1.5 * 20
        True
        """
        # Jitter keeps what failed together from coming back together.
        return min(self.longest, self.first * 2.0 ** (attempts - 1)) * chance.uniform(0.5, 1.5)


@dataclass(frozen=True, slots=True)
class Delivering:
    """How events are delivered."""

    seconds: float = 10.0  # for one attempt, from resolving the name to the last byte of the answer
    poll_seconds: float = 1.0  # at most so long after it was written, an event is on its way
    allow_private: bool = False  # call addresses of this machine and its network
    keep: timedelta = timedelta(days=30)  # how long events can be sent again
    patience: Patience = Patience()


@dataclass(frozen=True, slots=True)
class _Attempt:
    """How an attempt ended."""

    status: int | None  # HTTP status; None when there was no answer
    error: str | None  # None: delivered
    asked_to_wait: float  # seconds


class Deliverer:
    """Delivers until it is stopped. What it was doing then is attempted again by whoever starts next."""

    def __init__(
        self,
        store: Store,
        how: Delivering,
        chance: random.Random | None = None,
        observe: Callable[[Outcome], None] = lambda _outcome: None,
    ) -> None:
        self._store = store
        self._how = how
        self._chance = chance or random.Random()  # noqa: S311  # spreads load, keeps no secret
        self._observe = observe
        self._caller = Caller(seconds=how.seconds, most_bytes=64 * 1024, allow_private=how.allow_private)
        self._under_way: dict[asyncio.Task[None], int] = {}  # attempts, and the webhook of each
        self._wake = asyncio.Event()
        self._cleaned = datetime.fromtimestamp(0, UTC)

    def wake(self) -> None:
        """Look at once for something to do."""
        self._wake.set()

    async def run(self) -> None:
        """Deliver for ever; what goes wrong is logged and waited out."""
        try:
            while True:
                try:
                    busy = await self.step()
                except Exception:  # whatever it is, what waits must go out in the end
                    _log.exception("events could not be delivered; trying again")
                    busy = False
                if not busy:
                    await self._rest()
        finally:
            for task in self._under_way:
                task.cancel()
            await asyncio.gather(*self._under_way, return_exceptions=True)
            await self._caller.close()

    async def _rest(self) -> None:
        await woken(self._wake, self._how.poll_seconds)
        self._wake.clear()

    async def step(self) -> bool:
        """Spread what is new and begin what is due; whether there was anything. What was begun goes on by itself."""
        now = datetime.now(UTC)
        if now - self._cleaned > _CLEANING:
            self._cleaned = now
            await asyncio.to_thread(self._store.write, forget_old, now - self._how.keep)
        under_way = Counter(self._under_way.values())
        full = [hook for hook, count in under_way.items() if count >= _OF_ONE]
        if under_way.total() >= _AT_ONCE or not await asyncio.to_thread(self._store.read, has_work, now, full):
            return False
        for due in await asyncio.to_thread(self._claim, now, under_way):
            task = asyncio.create_task(self._attempt_or_tell(due))
            self._under_way[task] = due.webhook.seq
            task.add_done_callback(self._ended)
        return True

    def _ended(self, task: asyncio.Task[None]) -> None:
        del self._under_way[task]
        self._wake.set()

    def _claim(self, now: datetime, under_way: Counter[int]) -> list[Due]:
        lease = timedelta(seconds=2 * self._how.seconds + 30)
        with self._store.writing() as connection:
            spread(connection, now)
            return claim_due(connection, now, lease, _AT_ONCE - under_way.total(), _OF_ONE, under_way)

    async def _attempt_or_tell(self, due: Due) -> None:
        try:
            await self._attempt(due)
        except Exception:  # whatever it is, the lease ends and it is attempted again
            _log.exception("how an attempt ended could not be kept; it is made again")

    async def _attempt(self, due: Due) -> None:
        now = datetime.now(UTC)
        try:
            attempt = await self._call(due, now)
        except (CallError, RefusedAddressError) as error:
            attempt = _Attempt(None, str(error), 0.0)
        except Exception as error:  # a mistake of ours: it must not be made every minute for ever
            _log.exception("an event could not be sent")
            attempt = _Attempt(None, type(error).__name__, 0.0)
        outcome = self._outcome(due.delivery.attempts + 1, attempt)
        delay = self._how.patience.delay(due.delivery.attempts + 1, self._chance)
        following = now + timedelta(seconds=min(max(attempt.asked_to_wait, delay), self._how.patience.longest))
        await asyncio.to_thread(self._settle, due, outcome, following, attempt)
        self._observe(outcome)

    def _outcome(self, attempts: int, attempt: _Attempt) -> Outcome:
        if attempt.error is None:
            return "delivered"
        return "dead" if attempt.status == _GONE or attempts >= self._how.patience.attempts else "waiting"

    def _settle(self, due: Due, outcome: Outcome, following: datetime, attempt: _Attempt) -> None:
        hook = due.webhook
        with self._store.writing() as connection:
            if not settle(connection, due, outcome, following, attempt.status, attempt.error):
                return
            if attempt.error is None:
                note_working(connection, hook.seq)
                return
            note_failing(connection, hook.seq, datetime.now(UTC))
            if attempt.status == _GONE:
                set_active(connection, hook.seq, active=False)
        facts = {"webhook": hook.id, "event": due.delivery.event_id, "outcome": outcome, "why": attempt.error}
        _log.warning("an event was not delivered", extra=facts)

    async def _call(self, due: Due, now: datetime) -> _Attempt:
        body = due.body.encode()
        headers = {
            "content-type": "application/json",
            "content-length": str(len(body)),
            "user-agent": f"copytaster/{version('copytaster')}",
            **signed_headers(due.delivery.event_id, int(now.timestamp()), body, due.webhook.secrets(now)),
        }
        answer = await self._caller.call("POST", due.webhook.url, headers, body)
        error = None if 200 <= answer.status < 300 else f"answered {answer.status}"
        return _Attempt(answer.status, error, _asked_to_wait(answer))


def _asked_to_wait(answer: Answer) -> float:
    """Seconds that the receiver asks for; a date is not looked at."""
    asked = answer.headers.get("retry-after", "")
    return float(asked) if answer.status in (429, 503) and asked.isdecimal() else 0.0
