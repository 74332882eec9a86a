"""Is a store whole? Each check is a query that finds what must not be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from sqlalchemy import ColumnElement, Connection, Select, func, select

from detector import Sketching
from detector.dedup import Banding, sketch, tokenise
from service.store import making, reindexing
from service.store.items import CURRENT
from service.store.records import KEPT
from service.tables import items, job_lines, jobs, makings, matches, outbox, sketches, verdicts, versions

_SAMPLE = 1_000  # texts whose sketches are made again
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    what: str
    fine: bool
    said: str


def examine(connection: Connection, sketching: Sketching) -> list[Finding]:
    """Everything that can be told without changing anything."""
    return [
        *_file(connection),
        _counts(connection),
        *(_none(connection, what, query) for what, query in _FORBIDDEN.items()),
        _sketches(connection, sketching),
        _reindexing(connection),
    ]


def _file(connection: Connection) -> Iterator[Finding]:
    if connection.dialect.name != "sqlite":
        yield Finding("file", True, "PostgreSQL looks after its own (amcheck, pg_verifybackup)")
        return
    said = [row[0] for row in connection.exec_driver_sql("PRAGMA integrity_check(5)")]
    yield Finding("integrity", said == ["ok"], "; ".join(said))
    orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    yield Finding("references", not orphans, f"{len(orphans)} rows name another that is not there")


def _counts(connection: Connection) -> Finding:
    tables = {"items": items, "versions": versions, "sketches": sketches, "matches": matches, "events": outbox}
    counts = {name: connection.scalar(select(func.count()).select_from(table)) for name, table in tables.items()}
    return Finding("counts", True, ", ".join(f"{count:,} {name}" for name, count in counts.items()))


_counts_now = sketches.c.making == making.NUMBER
_is_current = CURRENT.join(sketches, (sketches.c.version_seq == versions.c.seq) & _counts_now, isouter=True)
_should_be_kept: ColumnElement[bool] = items.c.status.in_(sorted(KEPT))
# What must not be, and a query for the ids of what is.
_FORBIDDEN: dict[str, Select[tuple[str]]] = {
    "items without their current version": select(items.c.id)
    .select_from(items.join(versions, CURRENT.onclause, isouter=True))
    .where(versions.c.seq.is_(None)),
    "versions without a verdict": select(items.c.id)
    .select_from(CURRENT.join(verdicts, verdicts.c.version_seq == versions.c.seq, isouter=True))
    .where(verdicts.c.version_seq.is_(None)),
    "texts that the index does not have": select(items.c.id)
    .select_from(_is_current)
    .where(versions.c.text != "", sketches.c.version_seq.is_(None)),
    "postings of texts that were superseded": select(items.c.id)
    .select_from(items.join(sketches).join(versions, versions.c.seq == sketches.c.version_seq))
    .where(versions.c.number != items.c.version),
    "items whose posting says otherwise than their status": select(items.c.id)
    .select_from(items.join(sketches))
    .where(sketches.c.kept != _should_be_kept),
    "items that no event tells of": select(items.c.id).where(~items.c.id.in_(select(outbox.c.item_id))),
    "batch lines that are done without their item": select(jobs.c.id)
    .select_from(jobs.join(job_lines).join(items, items.c.seq == job_lines.c.item_seq, isouter=True))
    .where(job_lines.c.state == "done", job_lines.c.answer != "{}", items.c.seq.is_(None)),
}


def _none(connection: Connection, what: str, query: Select[tuple[str]]) -> Finding:
    found = [row[0] for row in connection.execute(query.limit(_SHOWN + 1))]
    if not found:
        return Finding(what, True, "none")
    more = " and more" if len(found) > _SHOWN else ""
    return Finding(what, False, ", ".join(map(repr, found[:_SHOWN])) + more + "; run: copytaster reindex --everything")


def _sketches(connection: Connection, sketching: Sketching) -> Finding:
    """Whether the sketches of some texts, spread over the store, are those that would be made of them now."""
    what = "sketches against texts"
    here = select(makings.c.id).where(makings.c.sketch == sketching.header, makings.c.id == making.NUMBER)
    last = connection.scalar(select(func.max(sketches.c.version_seq))) or 0
    step = max(1, last // _SAMPLE)
    query = select(versions.c.text, sketches).join(sketches, sketches.c.version_seq == versions.c.seq)
    query = query.where(sketches.c.making.in_(here), versions.c.seq % step == 0)
    looked_at = wrong = 0
    for row in connection.execute(query):
        made = sketch(tokenise(row.text), sketching)
        same = made.digest == row.digest and made.passages.astype("<u4").tobytes() == row.passages
        bands = np.ascontiguousarray(Banding().keys(made), "<u4").tobytes()
        looked_at += 1
        wrong += not (same and bands == row.bands)
    return Finding(what, not wrong, f"{looked_at:,} made again, {wrong:,} of them otherwise")


def _reindexing(connection: Connection) -> Finding:
    """Whether another index is being made; that is no fault."""
    under_way = making.under_way(connection)
    if under_way is None:
        return Finding("reindexing", True, "none is under way")
    left = reindexing.left(connection, under_way.id)
    return Finding("reindexing", True, f"{left:,} items are left; copytaster reindex goes on with it")
