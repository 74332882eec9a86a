"""The index made again beside the one in use: from each item's body a text as the cleaner reads it now, and from that
a sketch.

A page is read outside every transaction; what came of it is written in short ones, so that a server goes on admitting.
Sketches carry the number of their making, and only one making counts (``meta``): the new one lies beside it until
nothing waits, and counts from one commit on. ``rereadings`` says what is done, so that a run that was stopped, or
killed, goes on where it was; an item that changes meanwhile has a version that is not done.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sqlalchemy import Connection, Delete, Row, Select, delete, func, insert, select, update

from detector import CleanText, Item, Sketching
from detector.dedup import Banding, sketch, tokenise
from detector.pipeline import read_text
from service.store import gists, making
from service.store import items as store_items
from service.store.database import Store
from service.store.items import CURRENT
from service.store.records import KEPT
from service.tables import items, rereadings, sketches, versions

# What ``changes`` names instead of an item when the index as a whole is another one.
EVERYTHING = 0

_is_named = versions.c.seq.in_(select(rereadings.c.version_seq).where(rereadings.c.text.is_not(None)))
_AT_ONCE = 100  # items that are read between two transactions
_TIDIED = 2_000  # rows that are deleted in one


@dataclass(slots=True)
class Run:
    """A reindexing under way."""

    sketching: Sketching
    making: int
    items: int  # that were to be done when it began
    after: int = 0  # the last item that was looked at


@dataclass(frozen=True, slots=True)
class _Read:
    """A version that was read again."""

    version_seq: int
    text: str | None  # where it is another than the stored one
    html: str | None
    sketch: dict[str, Any] | None  # of its row what does not change with the item; None without a token


def begin(store: Store, sketching: Sketching, *, everything: bool) -> Run | None:
    """The run that is under way, or a new one; None when the index is of this version already.

    ``everything``: make it again all the same.
    """
    with store.admitting() as connection:
        number = _number(connection, sketching.header, making.cleaner_version(), everything=everything)
        if number is None:
            return None
        return Run(sketching, number, connection.scalar(_waiting(number, func.count())) or 0)


def _number(connection: Connection, header: str, cleaner: str, *, everything: bool) -> int | None:
    under_way, current = making.under_way(connection), making.current(connection)
    if under_way is not None and under_way.is_of(header, cleaner):
        return under_way.id
    if current is not None and current.is_of(header, cleaner) and not everything:
        return None
    number = making.add(connection, header, cleaner)
    making.begin(connection, number)
    return number


def step(store: Store, run: Run) -> int:
    """Do the next items; how many there were, 0 when every item was looked at."""
    rows = store.read(_next, run)
    done = [_again(row, run.sketching) for row in rows]
    if rows:
        with store.admitting() as connection:
            _write(connection, run, done)
        run.after = rows[-1].item_seq
    return len(rows)


def finish(store: Store, run: Run) -> bool:
    """Let the new making count from now on, all of it at once; False when too much came in since: go on with steps."""
    with store.admitting() as connection:
        run.after = 0
        if (connection.scalar(_waiting(run.making, func.count())) or 0) > _AT_ONCE:
            return False
        _write(connection, run, [_again(row, run.sketching) for row in _next(connection, run)])
        for column in (versions.c.text, versions.c.html):
            source = select(rereadings.c[column.name]).where(rereadings.c.version_seq == versions.c.seq)
            connection.execute(update(versions).where(_is_named).values({column: source.scalar_subquery()}))
        for row in connection.execute(select(versions.c.item_seq, versions.c.title, versions.c.text).where(_is_named)):
            gists.rewrite_words(connection, row.item_seq, row.title, row.text)
        making.adopt(connection, run.making)
        store_items.note_change(connection, EVERYTHING)
    return True


def tidy(store: Store) -> None:
    """Delete, a little at a time, what no making needs any more."""
    with store.reading() as connection:
        current, under_way = making.current(connection), making.under_way(connection)
        # By their numbers, and not as all but those in use: a run that begins meanwhile has another one.
        done = making.numbers(connection) - ({under_way.id} if under_way is not None else set())
    old = done - ({current.id} if current is not None else set())
    old_sketches, old_rereadings = sketches.c.making.in_(old), rereadings.c.making.in_(done)
    while store.write(
        _delete, delete(sketches).where(old_sketches), select(sketches.c.version_seq).where(old_sketches)
    ):
        pass
    named = select(rereadings.c.version_seq).where(old_rereadings)
    while store.write(_delete, delete(rereadings).where(old_rereadings), named):
        pass


def left(connection: Connection, number: int) -> int:
    """How many current texts are not of a making that is under way."""
    return connection.scalar(_waiting(number, func.count())) or 0


def _delete(connection: Connection, deletion: Delete, named: Select[Any]) -> int:
    part = named.limit(_TIDIED).subquery()
    return connection.execute(deletion.where(deletion.table.c.version_seq.in_(select(part)))).rowcount


def _waiting(number: int, *columns: Any) -> Select[Any]:
    """Of current versions those that are not done."""
    is_done = (rereadings.c.version_seq == versions.c.seq) & (rereadings.c.making == number)
    joined = CURRENT.join(rereadings, is_done, isouter=True)
    return select(*columns).select_from(joined).where(rereadings.c.version_seq.is_(None))


def _next(connection: Connection, run: Run) -> Sequence[Row[Any]]:
    query = _waiting(run.making, versions, items.c.id.label("item_id"))
    return connection.execute(query.where(items.c.seq > run.after).order_by(items.c.seq).limit(_AT_ONCE)).all()


def _again(row: Row[Any], sketching: Sketching) -> _Read:
    text = _read(row)
    same = text.text == row.text
    tokens = tokenise(text.text)
    made = sketch(tokens, sketching) if len(tokens) else None
    values = {
        "digest": made.digest,
        "tokens": made.tokens,
        "bands": np.ascontiguousarray(Banding().keys(made), "<u4").tobytes(),
        "passages": np.ascontiguousarray(made.passages, "<u4").tobytes(),
    } if made else None  # fmt: skip
    return _Read(row.seq, None if same else text.text, None if same else text.html(), values)


def _read(row: Row[Any]) -> CleanText:
    """The text as the cleaner reads it now, without what its source was known to repeat."""
    item = Item(row.item_id, row.body, row.media_type, row.title, row.url)
    text = read_text(item)
    repeated = set(json.loads(row.repeated)) if row.repeated else set()
    return replace(text, paragraphs=tuple(one for one in text.paragraphs if one not in repeated), fragment=None)


def _write(connection: Connection, run: Run, done: Sequence[_Read]) -> None:
    """What came of reading versions again, of those that are still current."""
    query = select(versions.c.seq, versions.c.item_seq, versions.c.published, versions.c.received, items.c.status)
    numbers = [one.version_seq for one in done]
    query = query.select_from(CURRENT).where(versions.c.seq.in_(numbers), versions.c.seq.not_in(_done(run.making)))
    stand = {row.seq: row for row in connection.execute(query)}  # it may have changed, or another run was faster
    still = [one for one in done if one.version_seq in stand]
    if not still:
        return
    told = [{"version_seq": one.version_seq, "making": run.making, "text": one.text, "html": one.html} for one in still]
    given_up = rereadings.c.version_seq.in_(stand)  # by a run for another version
    connection.execute(delete(rereadings).where(given_up))
    connection.execute(insert(rereadings), told)
    rows = [_sketch_row(one, stand[one.version_seq], run) for one in still if one.sketch is not None]
    if rows:
        connection.execute(insert(sketches), rows)


def _done(number: int) -> Select[Any]:
    return select(rereadings.c.version_seq).where(rereadings.c.making == number)


def _sketch_row(one: _Read, row: Any, run: Run) -> dict[str, Any]:
    assert one.sketch is not None  # noqa: S101  # the caller has looked
    return one.sketch | {
        "version_seq": row.seq,
        "item_seq": row.item_seq,
        "making": run.making,
        "kept": row.status in KEPT,
        "published": row.received if row.published is None else row.published,
    }
