"""What people do to items: decide against the verdict, retract, delete. Each is one transaction with its audit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import Connection

from detector import Action, Entry, Match
from detector.dedup import Matching, matches
from service import conditional
from service.answers import stored
from service.desk import Desk
from service.editor_messages import CopyOut, DecisionLine, DecisionOut, RetractionOut
from service.problems import ProblemError
from service.store import STATUS_OF, StoredItem, decisions, events, families, idempotency, items
from service.store.decisions import Decision, Relation
from service.store.idempotency import Answered, Claim
from service.store.records import now

Answer = TypeVar("Answer", DecisionOut, RetractionOut)

_NEAR = 256  # items that are looked at for copies of a retracted one
_TRACING = Matching(aligned=_NEAR, aligned_short=_NEAR)


@dataclass(frozen=True, slots=True)
class Order:
    """Who wants an item changed, why, and as which state they know it."""

    item_id: str
    who: str
    why: str
    if_match: str | None = None


@dataclass(frozen=True, slots=True)
class Ruling:
    """How an item is to be decided; pairs by the other item's id, None to take a pin away."""

    action: Action
    pairs: tuple[tuple[str, Relation | None], ...] = ()
    sentences: tuple[tuple[int, int, str], ...] = ()  # start, end and label


@dataclass(frozen=True, slots=True)
class Copy:
    """A published item that says what a retracted one said."""

    item: StoredItem
    match: Match | None  # verified now; None where only the stored matches link the two


def known(connection: Connection, order: Order) -> StoredItem:
    """The item that is to be changed; raises ProblemError when it is not there, or another by now."""
    item = items.find(connection, order.item_id)
    if item is None:
        raise ProblemError(404, "not-found", f"no item has the id {order.item_id!r}")
    conditional.require(order.if_match, item)
    return item


class Editors:
    """The desk's other side."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def decide(self, order: Order, ruling: Ruling, claim: Claim | None = None) -> DecisionOut:
        """Give an item the status that an editor wants, and remember what they said of pairs and sentences."""
        return await self._once(claim, lambda connection: self._decide(connection, order, ruling))

    def _decide(self, connection: Connection, order: Order, ruling: Ruling) -> DecisionOut:
        item, when = known(connection, order), now()
        if item.status == "retracted":
            raise ProblemError(409, "item-retracted", f"item {item.id!r} was retracted; send a new version of it")
        after = STATUS_OF[ruling.action]
        decision = decisions.record(connection, item, "decide", after, who=order.who, why=order.why, when=when)
        for other_id, relation in ruling.pairs:
            other = known(connection, Order(other_id, order.who, order.why))
            if other.seq == item.seq:
                raise ProblemError(422, "invalid-request", f"item {item.id!r} makes no pair with itself")
            decisions.pin(connection, item.seq, other.seq, relation, decision.seq)
        for start, end, label in ruling.sentences:
            if not 0 <= start < end <= len(item.text):
                detail = (
                    f"the cleaned text of {item.id!r} has {len(item.text)} characters; {start} to {end} is not in it"
                )
                raise ProblemError(422, "invalid-request", detail)
            decisions.label_sentence(connection, item, start, end, label, who=order.who, when=when)
        changed = items.set_status(connection, item, after, when)
        events.emit(connection, events.KIND_OF[after], changed, when, before=item.status, decided_by=order.who)
        self._desk.bench.remember(connection, changed)
        return DecisionOut(decision=decision_line(decision), item=stored(changed, html=False))

    async def retract(self, order: Order, claim: Claim | None = None) -> RetractionOut:
        """Take an item back; every published near-copy is found, and an event tells of it."""
        return await self._once(claim, lambda connection: self._retract(connection, order))

    def _retract(self, connection: Connection, order: Order) -> RetractionOut:
        item, when = known(connection, order), now()
        copies = list(self._published_copies(connection, item))
        if item.status != "retracted":  # asked again: the list as it is by now, and no event twice
            decisions.record(connection, item, "retract", "retracted", who=order.who, why=order.why, when=when)
            before, item = item.status, items.set_status(connection, item, "retracted", when)
            events.emit(connection, "item.retracted", item, when, before=before, why=order.why)
            for copy in copies:
                events.emit(connection, "item.copy_retracted", copy.item, when, retracted=item.id, why=order.why)
            self._desk.bench.remember(connection, item)
        return RetractionOut(item=stored(item, html=False), copies=[_copy(copy) for copy in copies])

    def _published_copies(self, connection: Connection, item: StoredItem) -> Iterator[Copy]:
        """Found by the index, whichever came first, and by the matches that were stored; verified by their texts."""
        index = self._desk.bench.index
        made = index.sketch_of(item.text)
        if made is None:
            return
        this = Entry(item.id, item.text, made, True, item.title, item.url, item.source, item.published)
        versions, _ = index.nearest(made, limit=_NEAR, since=None)
        near = {one.item_seq: one.entry for one in index.read(connection, versions)}
        linked = families.copies_below(connection, item.seq)
        for other in items.find_all(connection, (near.keys() | linked) - {item.seq}):
            if other.status == "published":
                match = _compared(this, near.get(other.seq), later=other.seq > item.seq)
                if match is not None or other.seq in linked:
                    yield Copy(other, match)

    async def delete(self, order: Order) -> None:
        """Erase an item with its texts everywhere; the audit keeps that it was there."""
        await self._desk.line.admit(lambda connection: self._delete(connection, order))

    def _delete(self, connection: Connection, order: Order) -> None:
        item, when = known(connection, order), now()
        decisions.record(connection, item, "delete", "deleted", who=order.who, why=order.why, when=when)
        items.erase(connection, item)
        events.emit_deleted(connection, item.id, when)
        self._desk.bench.remember(connection, item)

    async def _once(self, claim: Claim | None, work: Callable[[Connection], Answer]) -> Answer:
        """``work`` in the line; under a claim its answer is kept, or found."""

        def done(connection: Connection) -> Answer:
            if claim is None:
                return work(connection)
            idempotency.begin(connection, claim)
            answer = work(connection)
            answered = Answered(200, {}, answer.model_dump_json())
            seq = items.seq_of(connection, answer.item.id)
            idempotency.keep(connection, claim, answered, now(), seq)
            return answer

        return await self._desk.line.admit(done)


def decision_line(decision: Decision) -> DecisionLine:
    """A line of the audit as it is answered."""
    values = {name: getattr(decision, name) for name in Decision.__slots__ if name != "seq"}
    return DecisionLine(id=decision.seq, **values)


def _copy(copy: Copy) -> CopyOut:
    item, match = copy.item, copy.match
    return CopyOut(
        id=item.id,
        title=item.title,
        url=item.url,
        source=item.source,
        published=item.published,
        kind=match.kind if match else None,  # type: ignore[arg-type]  # of the kinds that are copies
        containment=match.containment if match else None,
        coverage=match.coverage if match else None,
    )


def _compared(this: Entry, other: Entry | None, *, later: bool) -> Match | None:
    """The verified match of the later of two entries with the earlier one, where it is a copy."""
    if other is None:
        return None
    pair = (other, this) if later else (this, other)
    found = matches(pair[0], [pair[1]], _TRACING)
    return found[0] if found and found[0].kind in families.COPIES else None
