"""What the review page changes beside an item's status: sentences, pairs, pieces given back, decisions undone."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, select, update

from detector import Action
from service.desk import Desk
from service.editors import Editors, Order, Ruling, known
from service.problems import ProblemError
from service.review.restoring import restored
from service.store import StoredItem, claims, decisions, events, gists, items
from service.store.decisions import Decision, Relation
from service.store.records import now
from service.tables import matches, verdicts, versions

_ACTIONS: Mapping[str, Action] = {"publish": "publish", "reject": "reject", "hold": "review"}


class Edits:
    """Each is one transaction with its audit, in the line in which items are admitted."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._editors = desk, Editors(desk)

    async def decide(self, order: Order, ruling: Ruling, item_seq: int) -> int:
        """Decide an item and end its claim: the number of the decision. Raises ProblemError if it is another by now."""
        decided = await self._editors.decide(order, ruling)
        await self._desk.line.admit(lambda connection: claims.release(connection, item_seq))
        return decided.decision.id

    async def label(self, order: Order, start: int, end: int, label: str) -> Decision:
        """Keep what an editor calls a sentence; the item's status stays."""

        def change(connection: Connection) -> Decision:
            item, when = known(connection, order), now()
            if not 0 <= start < end <= len(item.text):
                raise ProblemError(422, "invalid-request", f"{start} to {end} is no part of the text of {item.id!r}")
            decisions.label_sentence(connection, item, start, end, label, who=order.who, when=when)
            why = f"{label}: {item.text[start:end][:120]}"
            return decisions.record(connection, item, "label", item.status, who=order.who, why=why, when=when)

        return await self._desk.line.admit(change)

    async def pin(self, order: Order, other_id: str, relation: Relation | None) -> Decision:
        """Pin an item and another one as different or as the same, or take the pin away."""

        def change(connection: Connection) -> Decision:
            item, when = known(connection, order), now()
            other = known(connection, Order(other_id, order.who, order.why))
            if other.seq == item.seq:
                raise ProblemError(422, "invalid-request", f"{item.id!r} is named as a pair with itself")
            why = f"{relation or 'pin taken away'}: {other.id}"
            decision = decisions.record(connection, item, "pin", item.status, who=order.who, why=why, when=when)
            decisions.pin(connection, item.seq, other.seq, relation, decision.seq)
            return decision

        return await self._desk.line.admit(change)

    async def give_back(self, order: Order, piece: int) -> Decision:
        """Put a piece that was taken off back into the item's text, where the page had it."""
        return await self._desk.line.admit(lambda connection: _give_back(connection, order, piece))

    async def undo(self, who: str, seqs: Sequence[int]) -> list[StoredItem]:
        """Give items the status that they had before these decisions; all of them, or none.

        Raises ProblemError when one of them was changed since.
        """
        return await self._desk.line.admit(lambda connection: self._undo(connection, who, seqs))

    def _undo(self, connection: Connection, who: str, seqs: Sequence[int]) -> list[StoredItem]:
        changed = []
        for decision in decisions.by_seq(connection, seqs):
            order = Order(decision.item_id, who, f"undoes decision {decision.seq}")
            item, when = known(connection, order), now()
            if decision.kind != "decide" or item.status != decision.after or item.version != decision.version:
                detail = f"{item.id!r} is {item.status} (version {item.version}) by now; decide on it anew"
                raise ProblemError(409, "item-conflict", detail)
            decisions.record(connection, item, "decide", decision.before, who=who, why=order.why, when=when)
            decisions.unpin(connection, decision.seq)
            after = items.set_status(connection, item, decision.before, when)
            events.emit(connection, events.KIND_OF[after.status], after, when, before=item.status, decided_by=who)
            self._desk.bench.remember(connection, after)
            changed.append(after)
        return changed


def ruling_for(action: str, of: str) -> Ruling:
    """What a button means; raises ProblemError for one that there is not."""
    if action == "update" and of:  # it supersedes the earlier one, which must not count as what it copies
        return Ruling("publish", ((of, "different"),))
    if action in _ACTIONS:
        return Ruling(_ACTIONS[action])
    raise ProblemError(422, "invalid-request", f"there is no action {action!r}")


def _give_back(connection: Connection, order: Order, piece: int) -> Decision:
    item, when = known(connection, order), now()
    body = connection.scalar(select(versions.c.body).where(versions.c.seq == item.version_seq)) or ""
    if not 0 <= piece < len(item.answer["cleaned"]["dropped"]):
        raise ProblemError(422, "invalid-request", f"{item.id!r} has no dropped piece {piece}")
    told = item.answer["cleaned"]["dropped"][piece]["text"]
    new = restored(body, item.text, item.html, item.answer, item.matches, piece)
    mine = versions.c.seq == item.version_seq
    connection.execute(update(versions).where(mine).values(text=new.text, html=new.html))
    answer = json.dumps(new.answer, ensure_ascii=False)
    connection.execute(update(verdicts).where(verdicts.c.version_seq == item.version_seq).values(answer=answer))
    for rank, match in enumerate(new.matches):
        place = (matches.c.version_seq == item.version_seq) & (matches.c.rank == rank)
        connection.execute(update(matches).where(place).values(answer=json.dumps(match, ensure_ascii=False)))
    gists.erase(connection, item.seq)
    gists.write(connection, item.seq, new.answer, new.matches, item.title, new.text)
    items.touch(connection, item, when)
    return decisions.record(connection, item, "give_back", item.status, who=order.who, why=told[:200], when=when)
