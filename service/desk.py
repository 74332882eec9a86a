"""The desk at which items are judged: examined in parallel, then compared, decided and stored one after the other.

One thread does all that touches the index and writes to the store. Two copies that arrive together meet there:
the second is compared with the first, so they cannot both be published.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from hashlib import blake2b
from typing import TypeVar

from detector import Action, Detector, Examined, Item, Policy, Sketching, Verdict
from service.answers import explain
from service.bands import Bands
from service.messages import ItemIn, TimingOut, VerdictOut
from service.problems import ProblemError
from service.store import NewItem, Status, Store, StoredItem
from service.workers import Examination, Examiners

T = TypeVar("T")

_WARM_UP = "The harbour office at Aldwick opened at 9 am on Monday. Its first visitor paid 12 crowns for a mooring."
_STATUS: dict[Action, Status] = {"publish": "published", "review": "held", "reject": "rejected"}


@dataclass(frozen=True, slots=True)
class Admitted:
    """A stored item, and whether it was stored just now."""

    item: StoredItem
    new: bool


@dataclass(frozen=True, slots=True)
class _Judged:
    """An item that was compared and decided, and the answer to whoever sent it."""

    examined: Examined
    verdict: Verdict
    html: str | None
    answer: VerdictOut


class Desk:
    """Checks and admits items against everything that was admitted before."""

    def __init__(
        self, store: Store, examiners: Examiners, policy: Policy, memory_window: int, sketching: Sketching
    ) -> None:
        self._store = store
        self._sketching = sketching
        self._bands = Bands(sketching=sketching)
        self._detector = Detector(self._bands, policy, sketching, memory_window)
        for examined, verdict in store.admitted():  # in order of arrival, without reading a page again
            self._detector.remember(examined, verdict)
        self._examiners = examiners
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="desk")

    async def warm_up(self) -> None:
        """Compare two items in a scratch index, so that the first real one does not wait for kernels to load."""
        scratch = Detector(sketching=self._sketching)
        for item in (Item("warm-up", _WARM_UP), Item("warm-up-again", _WARM_UP)):
            examination = await self._examiners.examine(item)
            verdict = await self._serially(partial(scratch.judge, examination.examined))
            scratch.remember(examination.examined, verdict)

    def close(self) -> None:
        """Finish what is being stored, and take nothing more."""
        self._thread.shutdown(wait=True)

    async def check(self, given: ItemIn, *, html: bool) -> VerdictOut:
        """The verdict on an item; nothing is stored."""
        started = time.perf_counter()
        examination = await self._examiners.examine(given.to_item(), html=html)
        judged = await self._serially(lambda: self._judge(examination, started))
        judged.answer.cleaned.html = judged.html
        return judged.answer

    async def admit(self, given: ItemIn) -> Admitted:
        """Judge and store an item. The same item again gives the stored one; raises ProblemError for another one."""
        started = time.perf_counter()
        content = _content(given)
        known = await asyncio.to_thread(self._known, given.id, content)
        if known is not None:
            return Admitted(known, new=False)
        examination = await self._examiners.examine(given.to_item(), html=True)
        return await self._serially(lambda: self._admit(examination, content, started))

    async def _serially(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _admit(self, examination: Examination, content: bytes, started: float) -> Admitted:
        item = examination.examined.item
        if known := self._known(item.id, content):  # it came in twice, and the other one was faster
            return Admitted(known, new=False)
        judged = self._judge(examination, started)
        verdict = judged.verdict
        new = NewItem(
            item=item,
            content=content,
            received=datetime.now(UTC),
            status=_STATUS[verdict.action],
            title=verdict.text.title,
            text=verdict.text.text,
            html=judged.html or "",
            verdict=judged.answer.model_dump(mode="json"),
            sketch=judged.examined.sketch,
        )
        stored = self._store.add(new)
        self._detector.remember(judged.examined, verdict)
        return Admitted(stored, new=True)

    def _judge(self, examination: Examination, started: float) -> _Judged:
        began = time.perf_counter()
        examined, html = self._detector.recall(examination.examined), examination.html
        if html is not None and examined is not examination.examined:
            html = examined.text.html()  # again, without what the item's source is known to repeat
        verdict = self._detector.judge(examined)
        now = time.perf_counter()
        timing = TimingOut(examine=_ms(examination.seconds), judge=_ms(now - began), total=_ms(now - started))
        return _Judged(examined, verdict, html, explain(verdict, self._bands.entry, timing))

    def _known(self, item_id: str, content: bytes) -> StoredItem | None:
        known = self._store.get(item_id)
        if known is not None and known.content != content:
            detail = f"item {item_id!r} is stored with other content; post the new text under an id of its own"
            raise ProblemError(409, "item-conflict", detail)
        return known


def _content(given: ItemIn) -> bytes:
    """A digest of everything that was sent; fields that are added later do not change it."""
    return blake2b(given.model_dump_json(exclude_defaults=True).encode(), digest_size=16).digest()


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 2)
