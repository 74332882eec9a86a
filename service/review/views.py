"""What the page of one item shows: everything that was found, as templates have it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from detector.stories import stories
from service.comparing import passages_between
from service.review import lists
from service.review.marks import MarkedSentence, paragraphs
from service.review.sides import Fold, Row, folded, rows
from service.store import StoredItem, claims, decisions, families, items, overview, queue
from service.store.decisions import Decision
from service.store.queue import Filters
from service.tables import sentence_labels

_PAIRS = 5  # earlier items that are shown in full beside it
_HEAVIEST = 4
_HISTORY_DAYS = 30


@dataclass(frozen=True, slots=True)
class Pair:
    """An item beside an earlier one."""

    match: Mapping[str, Any]
    href: str
    relation: str | None  # as an editor pinned it
    rows: Sequence[Row | Fold]  # empty when the earlier text is gone


@dataclass(frozen=True, slots=True)
class Relative:
    """A member of the story's family tree."""

    id: str
    title: str
    source: str | None
    href: str
    depth: int
    kind: str
    changed: str


@dataclass(frozen=True, slots=True)
class ItemView:
    """Everything on the page of an item."""

    item: StoredItem
    reasons: Sequence[Mapping[str, str]]
    truncated: bool
    quality: Mapping[str, Any]
    matches: Sequence[Mapping[str, Any]]
    heaviest: Sequence[Mapping[str, Any]]
    paragraphs: Sequence[Sequence[MarkedSentence]]
    dropped: Sequence[Mapping[str, Any]]
    pairs: Sequence[Pair]
    story: Sequence[Relative]
    audit: Sequence[Decision]
    history: Sequence[tuple[str, int]]
    claimed_by: str | None
    next_href: str | None
    previous_href: str | None


def item_view(connection: Connection, item: StoredItem, filters: Filters, now: datetime, *, seen_by: str) -> ItemView:
    """Read what the page of ``item`` needs; ``filters`` of the queue from which it was opened."""
    quality = item.answer["quality"]
    before, after = queue.neighbours(connection, filters, item.seq)
    holder = claims.holder(connection, item.seq, now)
    return ItemView(
        item=item,
        reasons=item.answer["reasons"],
        truncated=item.answer["truncated"],
        quality=quality,
        matches=item.matches,
        heaviest=sorted(quality["filler"], key=lambda one: -one["probability"] * len(one["text"]))[:_HEAVIEST],
        paragraphs=paragraphs(item.text, quality["filler"], _labels(connection, item), title=item.title),
        dropped=item.answer["cleaned"]["dropped"],
        pairs=list(_pairs(connection, item, filters)),
        story=_story(connection, item, filters),
        audit=decisions.page(connection, item_id=item.id, limit=20),
        history=overview.history(connection, item.source, overview.days_ago(now, _HISTORY_DAYS)),
        claimed_by=holder if holder != seen_by else None,
        next_href=lists.item_href(after, filters) if after else None,
        previous_href=lists.item_href(before, filters) if before else None,
    )


def _labels(connection: Connection, item: StoredItem) -> dict[int, str]:
    is_it = (sentence_labels.c.item_seq == item.seq) & (sentence_labels.c.version == item.version)
    return {row.start: row.label for row in connection.execute(select(sentence_labels).where(is_it))}


def _pairs(connection: Connection, item: StoredItem, filters: Filters) -> list[Pair]:
    pins = decisions.pinned(connection, item.seq)
    made = []
    for match, text in families.with_texts(connection, item)[:_PAIRS]:
        seq = items.seq_of(connection, match["id"])
        shown: Sequence[Row | Fold] = ()
        if text is not None:
            shown = folded(rows(passages_between(item.text, text), item.text, text))
        href = lists.item_href(match["id"], filters)
        made.append(Pair(match, href, pins.get(seq) if seq is not None else None, shown))
    return made


def _story(connection: Connection, item: StoredItem, filters: Filters) -> list[Relative]:
    family = families.around(connection, item.seq)
    if len(family.seqs) < 2:
        return []
    members = {one.id: one for one in items.find_all(connection, family.seqs)}
    for story in stories(list(members), family.matches):
        found = list(story.walk())
        if any(member.item_id == item.id for _, member in found):
            return [_relative(members[member.item_id], depth, member, filters) for depth, member in found]
    return []


def _relative(item: StoredItem, depth: int, member: Any, filters: Filters) -> Relative:
    kind = member.match.kind if member.match else ""
    href = lists.item_href(item.id, filters)
    return Relative(item.id, item.title, item.source, href, depth, kind, member.changed)
