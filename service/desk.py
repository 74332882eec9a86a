"""The desk at which items are judged: examined in parallel, then compared, decided and stored one after the other."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b

import numpy as np
from sqlalchemy import Connection

from detector import Detector, Item, Sketching
from service.answers import path_of, stored
from service.judging import Bench, Judged
from service.line import Line
from service.messages import ItemIn, VerdictOut
from service.metrics import Metrics
from service.policies import Policies
from service.problems import ProblemError
from service.shelf import Shelf
from service.store import STATUS_OF, NewText, Store, StoredItem, events, idempotency, items
from service.store.idempotency import Answered, Claim
from service.store.policies import add_shadow_verdict
from service.store.postings import Posting
from service.store.records import KEPT, micros, now
from service.workers import Examination, Examiners

_WARM_UP = "The harbour office at Aldwick opened at 9 am on Monday. Its first visitor paid 12 crowns for a mooring."


@dataclass(frozen=True, slots=True)
class Admitted:
    """A stored item, and whether this text of it was stored just now."""

    item: StoredItem
    new: bool


class Desk:
    """Checks and admits items against everything that was admitted before."""

    def __init__(
        self,
        store: Store,
        examiners: Examiners,
        policies: Policies,
        memory_window: int,
        sketching: Sketching,
        making: int,
        metrics: Metrics,
    ) -> None:
        """``making``: the number under which the store knows how sketches are made."""
        self.bench = Bench(Shelf(store, sketching, making), policies, memory_window)
        self._metrics = metrics
        self.line = Line(store, self.bench)
        self._store = store
        self._examiners = examiners

    async def fill(self) -> None:
        """Read the index from the store."""
        await self.line.check(self.bench.index.fill)

    async def warm_up(self) -> None:
        """Compare two items elsewhere, so that the first real one does not wait for kernels to load."""
        scratch = Detector(sketching=self.bench.shelf.sketching)
        for item in (Item("warm-up", _WARM_UP), Item("warm-up-again", _WARM_UP)):
            examination = await self._examiners.examine(item)
            verdict = await asyncio.to_thread(scratch.judge, examination.examined)
            scratch.remember(examination.examined, verdict)

    def close(self) -> None:
        """Finish what is being stored, and take nothing more."""
        self.line.close()

    async def check(self, given: ItemIn, *, html: bool) -> VerdictOut:
        """The verdict on an item; nothing is stored."""
        started = time.perf_counter()
        examination = await self._examiners.examine(given.to_item(), html=html)
        judged = await self.line.check(lambda connection: self.bench.judge(connection, examination, started))
        judged.answer.cleaned.html = judged.html
        self._metrics.judged(judged.answer)
        return judged.answer

    async def admit(self, given: ItemIn, *, html: bool = False, claim: Claim | None = None) -> Admitted:
        """Judge and store an item. The same item again gives the stored one; raises ProblemError for another one."""
        started = time.perf_counter()
        content = content_of(given)
        known = await asyncio.to_thread(self._store.read, _known, given.id, content)
        if known is not None and claim is None:
            return Admitted(known, new=False)
        examination = await self._examiners.examine(given.to_item(), html=True)
        return await self.line.admit(partial(self.place, examination, content, started, html=html, claim=claim))

    async def revise(
        self, given: ItemIn, *, html: bool = False, claim: Claim | None = None, allowed: Callable[[StoredItem], None]
    ) -> Admitted:
        """Judge and store a new version of an item, which supersedes the one before; ``allowed`` may raise.

        An item that is not there yet is admitted; the same text again changes nothing.
        """
        started = time.perf_counter()
        content = content_of(given)
        examination = await self._examiners.examine(given.to_item(), html=True)

        def replace(connection: Connection) -> Admitted:
            if claim is not None:
                idempotency.begin(connection, claim)
            known = items.find(connection, given.id)
            if known is not None:
                allowed(known)
                if known.content != content:
                    return self._write(connection, examination, content, started, known, html=html, claim=claim)
            return self.place(examination, content, started, connection, html=html, claim=claim)

        return await self.line.admit(replace)

    def place(
        self,
        examination: Examination,
        content: bytes,
        started: float,
        connection: Connection,
        *,
        html: bool = False,
        claim: Claim | None = None,
        is_new: bool = False,
    ) -> Admitted:
        """Judge and store an examined item in a transaction of the line.

        ``is_new``: no item of its id is stored, as the caller has seen in this transaction.
        """
        if claim is not None:
            idempotency.begin(connection, claim)
        known = None if is_new else _known(connection, examination.examined.item.id, content)
        if known is not None:  # it came in twice, and the other one was faster
            return _kept(connection, Admitted(known, new=False), claim, html=html)
        return self._write(connection, examination, content, started, None, html=html, claim=claim)

    def _write(
        self,
        connection: Connection,
        examination: Examination,
        content: bytes,
        started: float,
        known: StoredItem | None,
        *,
        html: bool,
        claim: Claim | None,
    ) -> Admitted:
        judged = self.bench.judge(connection, examination, started, is_new=known is None)
        new = self._new_text(judged, content)
        if known is None:
            item = items.insert_item(connection, new)
            events.emit(connection, events.KIND_OF[item.status], item, new.received)
        else:
            item = items.insert_version(connection, known, new)
            events.emit(connection, "item.updated", item, new.received, before=known.status)
        if judged.shadow is not None:
            add_shadow_verdict(connection, item.version_seq, judged.shadow)
        self._metrics.judged(judged.answer, status=item.status, shadow=judged.shadow)
        admitted = _kept(connection, Admitted(item, new=True), claim, html=html)
        self.bench.remember(connection, item, judged.examined, _posting(item, new) if known is None else None)
        return admitted

    def _new_text(self, judged: Judged, content: bytes) -> NewText:
        verdict, made = judged.verdict, judged.examined.sketch
        return NewText(
            item=judged.examined.item,
            content=content,
            received=now(),
            status=STATUS_OF[verdict.action],
            title=verdict.text.title,
            text=verdict.text.text,
            html=judged.html or "",
            repeated=tuple(piece.text for piece in verdict.text.dropped if piece.reason == "source_memory"),
            action=verdict.action,
            policy=verdict.policy,
            answer=judged.answer.model_dump(mode="json", exclude={"matches"}),
            matches=judged.matches,
            sketch=made,
            bands=self.bench.index.bands(made) if made else b"",
            making=self.bench.shelf.making,
        )


def _kept(connection: Connection, admitted: Admitted, claim: Claim | None, *, html: bool) -> Admitted:
    """``admitted``, with its answer kept for a request that may come again."""
    if claim is not None:
        item = admitted.item
        answer = stored(item, html=html).model_dump_json()
        headers = {"location": path_of(item.id), "etag": item.etag}
        answered = Answered(201 if admitted.new and item.version == 1 else 200, headers, answer)
        idempotency.keep(connection, claim, answered, now(), item.seq)
    return admitted


def _posting(item: StoredItem, new: NewText) -> Posting | None:
    """What a new item is found by; None when it is not found."""
    if new.sketch is None or item.status not in KEPT:
        return None
    passages = np.ascontiguousarray(new.sketch.passages, "<u4").tobytes()
    published = micros(item.published or new.received)
    return Posting(item.version_seq, item.seq, published, new.bands, passages)


def _known(connection: Connection, item_id: str, content: bytes) -> StoredItem | None:
    known = items.find(connection, item_id)
    if known is not None and known.content != content:
        detail = f"item {item_id!r} is stored with other content; send the new text with PUT /v1/items/{{id}}"
        raise ProblemError(409, "item-conflict", detail)
    return known


def content_of(given: ItemIn) -> bytes:
    """A digest of everything that was sent; fields that are added later do not change it."""
    return blake2b(given.model_dump_json(exclude_defaults=True).encode(), digest_size=16).digest()
