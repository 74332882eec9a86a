"""What editors decided: the audit, the pairs that they pinned, the sentences that they labelled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, delete, func, insert, or_, select

from service.store.records import Status, StoredItem, inserted, micros, moment_of
from service.tables import decisions, gists, items, pins, sentence_labels, versions

DecisionKind = Literal["decide", "retract", "delete", "pin", "label", "give_back"]
Relation = Literal["different", "same"]


@dataclass(frozen=True, slots=True)
class Decision:
    """One line of the audit."""

    seq: int
    item_id: str
    version: int
    decided: datetime
    who: str
    kind: DecisionKind
    before: Status
    after: str  # a status, or "deleted"
    why: str


def record(
    connection: Connection, item: StoredItem, kind: DecisionKind, after: str, *, who: str, why: str, when: datetime
) -> Decision:
    """Write who changed what, when and why; ``item`` as it was before."""
    values: dict[str, Any] = {
        "item_id": item.id, "version": item.version, "who": who, "kind": kind, "before": item.status,
        "after": after, "why": why,
    }  # fmt: skip
    more = {"item_seq": item.seq, "decided": micros(when), "policy": item.answer.get("policy", "")}
    seq = inserted(connection.execute(insert(decisions).values(values | more)))
    return Decision(seq=seq, decided=when, **values)


def page(
    connection: Connection, *, item_id: str | None = None, before: int | None = None, limit: int = 50
) -> list[Decision]:
    """Decisions from the latest to the first, of one item or of all."""
    names = Decision.__slots__
    query = select(*(decisions.c[name] for name in names)).order_by(decisions.c.seq.desc()).limit(limit)
    if item_id is not None:
        query = query.where(decisions.c.item_id == item_id)
    if before is not None:
        query = query.where(decisions.c.seq < before)
    return [_decision(row) for row in connection.execute(query)]


def by_seq(connection: Connection, seqs: Sequence[int]) -> list[Decision]:
    """The decisions of these numbers that there are, the first first."""
    query = select(*(decisions.c[name] for name in Decision.__slots__)).order_by(decisions.c.seq)
    return [_decision(row) for row in connection.execute(query.where(decisions.c.seq.in_(list(seqs))))]


def reasons_of(connection: Connection, item_id: str) -> set[str]:
    """The reasons of every decision on an item."""
    return set(connection.scalars(select(decisions.c.why).where(decisions.c.item_id == item_id)))


def with_scores(connection: Connection) -> list[tuple[float, str]]:
    """Of each item that a person decided: its score of filler, and the status that it was given last."""
    last = select(func.max(decisions.c.seq)).where(decisions.c.kind == "decide").group_by(decisions.c.item_seq)
    query = select(gists.c.score, decisions.c.after).join(gists, gists.c.item_seq == decisions.c.item_seq)
    return [(row.score, row.after) for row in connection.execute(query.where(decisions.c.seq.in_(last)))]


def _decision(row: Row[Any]) -> Decision:
    return Decision(**row._asdict() | {"decided": moment_of(row.decided)})


def pin(connection: Connection, one: int, other: int, relation: Relation | None, decision: int) -> None:
    """Pin two items as different or the same; None takes a pin away."""
    low, high = sorted((one, other))
    connection.execute(delete(pins).where(pins.c.one == low, pins.c.other == high))
    if relation is not None:
        connection.execute(insert(pins).values(one=low, other=high, relation=relation, decision=decision))


def unpin(connection: Connection, decision: int) -> None:
    """Take away the pins that a decision made."""
    connection.execute(delete(pins).where(pins.c.decision == decision))


def pinned(connection: Connection, item_seq: int) -> Mapping[int, Relation]:
    """The items that this one is pinned to, and how."""
    query = select(pins).where(or_(pins.c.one == item_seq, pins.c.other == item_seq))
    return {row.other if row.one == item_seq else row.one: row.relation for row in connection.execute(query)}


def label_sentence(
    connection: Connection, item: StoredItem, start: int, end: int, label: str, *, who: str, when: datetime
) -> None:
    """Keep what an editor calls a sentence; the last word on it counts."""
    is_it = (sentence_labels.c.item_seq == item.seq) & (sentence_labels.c.version == item.version)
    connection.execute(delete(sentence_labels).where(is_it, sentence_labels.c.start == start))
    values: dict[str, Any] = {
        "item_seq": item.seq,
        "version": item.version,
        "start": start,
        "end": end,
        "label": label,
        "who": who,
    }
    connection.execute(insert(sentence_labels).values(values | {"labelled": micros(when)}))


def export(connection: Connection) -> Iterator[dict[str, Any]]:
    """Each item that was decided on, by its last decision, as ``copytaster train quality --decisions`` reads it."""
    names = {"published": "publish", "held": "review", "rejected": "reject"}
    last: dict[int, Any] = {}
    query = select(decisions).where(decisions.c.kind == "decide").order_by(decisions.c.seq)
    for row in connection.execute(query):
        last[row.item_seq] = row
    for seq, row in last.items():
        is_it = (versions.c.item_seq == seq) & (versions.c.number == row.version)
        text = connection.execute(select(versions.c.title, versions.c.text).join(items).where(is_it)).one_or_none()
        if text is not None and row.after in names:
            sentences = _labels(connection, seq, row.version, text.text)
            yield {
                "id": row.item_id, "title": text.title, "text": text.text, "decision": names[row.after],
                "decided": moment_of(row.decided).isoformat(), "sentences": sentences,
            }  # fmt: skip


def _labels(connection: Connection, item_seq: int, version: int, text: str) -> list[dict[str, str]]:
    is_it = (sentence_labels.c.item_seq == item_seq) & (sentence_labels.c.version == version)
    query = select(sentence_labels).where(is_it).order_by(sentence_labels.c.start)
    return [{"text": text[row.start : row.end], "label": row.label} for row in connection.execute(query)]
