"""What a feed shows: what is published, by its last change, and what was published and no longer is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, exists, false, or_, select, tuple_

from service.feed_documents import FeedItem, Removed
from service.store.items import CURRENT
from service.store.records import micros, moment_of
from service.tables import decisions, items, verdicts, versions

_SHOWN = [
    items.c.seq, items.c.id, items.c.changed, items.c.received, versions.c.published, versions.c.title, versions.c.text,
    versions.c.html, versions.c.url, items.c.source, items.c.section, versions.c.language,
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in a feed: what changed before it comes after it."""

    changed: int  # microseconds since 1970
    seq: int


@dataclass(frozen=True, slots=True)
class Shelf:
    """Which items a feed is of; None: all."""

    source: str | None = None
    section: str | None = None

    def holds(self, table: Table = items) -> ColumnElement[bool]:
        """The condition on items, or on versions."""
        named = ((table.c.source, self.source), (table.c.section, self.section))
        return and_(*(column == value for column, value in named if value is not None), table.c.seq > 0)

    def held_once(self) -> ColumnElement[bool]:
        """The condition on items that are elsewhere now and were here, published, in an earlier version."""
        decided = exists().where(
            decisions.c.item_seq == items.c.seq,
            decisions.c.version == versions.c.number,
            decisions.c.after == "published",
        )
        published_then = exists().where(verdicts.c.version_seq == versions.c.seq, verdicts.c.action == "publish")
        named = ((items.c.source, self.source), (items.c.section, self.section))
        elsewhere = or_(*(column.is_distinct_from(value) for column, value in named if value is not None), false())
        here = (versions.c.item_seq == items.c.seq, versions.c.number < items.c.version, self.holds(versions))
        return and_(elsewhere, exists().where(*here, or_(published_then, decided)))


def published(
    connection: Connection, shelf: Shelf, before: Cursor | None, limit: int
) -> tuple[list[FeedItem], Cursor | None]:
    """A page of what is published, the latest change first, and where the next page begins."""
    query = select(*_SHOWN).select_from(CURRENT).where(items.c.status == "published", shelf.holds())
    if before is not None:
        query = query.where(tuple_(items.c.changed, items.c.seq) < tuple_(before.changed, before.seq))
    rows = connection.execute(query.order_by(items.c.changed.desc(), items.c.seq.desc()).limit(limit + 1)).all()
    last = rows[limit - 1] if len(rows) > limit else None
    return [_shown(row) for row in rows[:limit]], Cursor(last.changed, last.seq) if last else None


def removed(connection: Connection, shelf: Shelf, since: datetime, before: Cursor | None, limit: int) -> list[Removed]:
    """What left the feed after ``since``, the latest first. What was deleted is named in the feed of all alone."""
    until = before.changed if before else 2**62
    lately = (items.c.changed >= micros(since), items.c.changed < until)
    was_published = or_(
        exists().where(
            versions.c.item_seq == items.c.seq, verdicts.c.version_seq == versions.c.seq, verdicts.c.action == "publish"
        ),
        exists().where(decisions.c.item_seq == items.c.seq, decisions.c.after == "published"),
    )
    left = select(items.c.id, items.c.changed.label("when")).where(
        # By name and not by "any but published": the index then leads to those that changed lately.
        items.c.status.in_(("held", "rejected", "retracted")),
        *lately,
        shelf.holds(),
        was_published,
    )
    found = list(connection.execute(left.order_by(items.c.changed.desc()).limit(limit)))
    if shelf != Shelf():
        moved = select(items.c.id, items.c.changed.label("when")).where(*lately, shelf.held_once())
        found += connection.execute(moved.order_by(items.c.changed.desc()).limit(limit))
    else:
        gone = select(decisions.c.item_id.label("id"), decisions.c.decided.label("when")).where(
            decisions.c.kind == "delete",
            decisions.c.before.in_(("published", "retracted")),
            decisions.c.decided >= micros(since),
            decisions.c.decided < until,
            # One that was published again is not gone.
            ~exists().where(items.c.id == decisions.c.item_id, items.c.status == "published"),
        )
        found += connection.execute(gone.order_by(decisions.c.seq.desc()).limit(limit))
    latest = {row.id: row.when for row in sorted(found, key=lambda row: row.when)}
    return [Removed(name, moment_of(when)) for name, when in sorted(latest.items(), key=lambda pair: -pair[1])][:limit]


def _shown(row: Any) -> FeedItem:
    return FeedItem(
        id=row.id,
        title=row.title,
        text=row.text,
        html=row.html,
        url=row.url,
        source=row.source,
        section=row.section,
        language=row.language,
        published=moment_of(row.published if row.published is not None else row.received),
        changed=moment_of(row.changed),
    )
