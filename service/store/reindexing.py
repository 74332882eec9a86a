"""The index made again: from each item's body a text as the cleaner reads it now, and from that a sketch.

Sketches carry the number of their making. Those that have the new one already are passed over, so that a run that was
stopped goes on where it was; the new making counts once every sketch has it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Connection, Row, delete, func, insert, or_, select, update

from detector import CleanText, Item, Sketch, Sketching
from detector.dedup import Banding, sketch, tokenise
from detector.pipeline import read_text
from service.store import making
from service.store.database import Store
from service.store.items import CURRENT
from service.store.records import KEPT
from service.tables import items, sketches, versions

_AT_ONCE = 200  # items in a transaction
_CURRENT = CURRENT.join(sketches, sketches.c.version_seq == versions.c.seq, isouter=True)


@dataclass(slots=True)
class Run:
    """A reindexing under way."""

    sketching: Sketching
    making: int
    items: int  # that are to be done
    after: int = 0  # the last item that was looked at


def begin(store: Store, sketching: Sketching, *, everything: bool) -> Run:
    """A run over what is not of this version's making, or over everything."""

    def start(connection: Connection) -> Run:
        number = making.number(connection, sketching.header, making.cleaner_version())
        if everything:  # forgotten at once, so that a run that is stopped goes on
            connection.execute(update(sketches).values(making=making.number(connection, "", "")))
        waiting = select(func.count()).select_from(_CURRENT).where(_is_waiting(number))
        return Run(sketching, number, connection.scalar(waiting) or 0)

    return store.write(start)


def step(store: Store, run: Run) -> int:
    """Do the next items in a transaction; how many there were, 0 at the end."""
    return store.write(_step, run)


def finish(store: Store, run: Run) -> None:
    """From now on the index is of the new making."""
    store.write(making.adopt, run.making)


def _is_waiting(number: int) -> ColumnElement[bool]:
    return or_(sketches.c.making != number, sketches.c.making.is_(None))


def _step(connection: Connection, run: Run) -> int:
    query = select(versions, items.c.id.label("item_id"), items.c.status).select_from(_CURRENT)
    query = query.where(items.c.seq > run.after, _is_waiting(run.making)).order_by(items.c.seq).limit(_AT_ONCE)
    rows = connection.execute(query).all()
    for row in rows:
        _again(connection, row, run)
        run.after = row.item_seq
    return len(rows)


def _again(connection: Connection, row: Row[Any], run: Run) -> None:
    text = _read(row)
    connection.execute(delete(sketches).where(sketches.c.item_seq == row.item_seq))
    connection.execute(update(versions).where(versions.c.seq == row.seq).values(text=text.text, html=text.html()))
    tokens = tokenise(text.text)
    if len(tokens):
        made = sketch(tokens, run.sketching)
        connection.execute(insert(sketches).values(_sketch_row(row, made, run)))


def _read(row: Row[Any]) -> CleanText:
    """The text as the cleaner reads it now, without what its source was known to repeat."""
    item = Item(row.item_id, row.body, row.media_type, row.title, row.url)
    text = read_text(item)
    repeated = set(json.loads(row.repeated)) if row.repeated else set()
    return replace(text, paragraphs=tuple(one for one in text.paragraphs if one not in repeated), fragment=None)


def _sketch_row(row: Row[Any], made: Sketch, run: Run) -> dict[str, Any]:
    return {
        "version_seq": row.seq,
        "item_seq": row.item_seq,
        "making": run.making,
        "kept": row.status in KEPT,
        "published": row.published,
        "digest": made.digest,
        "tokens": made.tokens,
        "bands": np.ascontiguousarray(Banding().keys(made), "<u4").tobytes(),
        "passages": np.ascontiguousarray(made.passages, "<u4").tobytes(),
    }
