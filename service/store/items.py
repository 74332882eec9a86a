"""Items and their versions: written with sketch, verdict and matches, read as they stand, erased everywhere."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import Connection, Row, Select, bindparam, delete, func, insert, select, update

from service.store import gists
from service.store.records import (
    KEPT,
    NewText,
    Status,
    StoredItem,
    micros,
    micros_or_none,
    moment_of,
    moment_or_none,
)
from service.store.rows import Rows
from service.tables import (
    changes,
    idempotency,
    items,
    job_lines,
    matches,
    outbox,
    sketches,
    verdicts,
    versions,
)

_STORED = [
    *(items.c[name] for name in ("seq", "id", "status", "received", "changed", "version")),
    versions.c.seq.label("version_seq"),
    versions.c.received.label("versioned"),
    *(versions.c[name] for name in ("label", "content", "published", "title", "url", "source", "section", "language")),
    versions.c.text,
    versions.c.html,
    verdicts.c.answer,
]
CURRENT = items.join(versions, (versions.c.item_seq == items.c.seq) & (versions.c.number == items.c.version))
_WHOLE = CURRENT.join(verdicts, verdicts.c.version_seq == versions.c.seq)
# Written once: to build a statement anew takes longer than to run it.
_FIND = select(*_STORED).select_from(_WHOLE).where(items.c.id == bindparam("item_id"))
_SEQ_OF = select(items.c.seq).where(items.c.id == bindparam("item_id"))
_STORED_IDS = select(items.c.id).where(items.c.id.in_(bindparam("item_ids", expanding=True)))
_MATCHES_OF = (
    select(matches.c.version_seq, matches.c.answer)
    .where(matches.c.version_seq.in_(bindparam("version_seqs", expanding=True)))
    .order_by(matches.c.version_seq, matches.c.rank)
)
_INSERT_MATCHES = insert(matches)
_ITEM = Rows(items, ["id", "status", "version", "received", "changed", "source", "section", "language"], numbered=True)
_VERSION_NAMES = (
    *("item_seq", "number", "label", "content", "received", "published", "title", "url", "source", "section"),
    *("language", "media_type", "body", "text", "html", "repeated"),
)
_VERSION = Rows(versions, _VERSION_NAMES, numbered=True)
_SKETCH = Rows(sketches, sketches.columns.keys())
_VERDICT = Rows(verdicts, ["version_seq", "action", "policy", "decided", "answer"])
_CHANGE = Rows(changes, ["item_seq"])
_OF_THE_MATCH = ("title", "url", "source", "published", "passages", "differs")  # what of a match is the other item's


def find(connection: Connection, item_id: str) -> StoredItem | None:
    """The item of this id, if there is one."""
    found = _stored_rows(connection, connection.execute(_FIND, {"item_id": item_id}).all())
    return found[0] if found else None


def seq_of(connection: Connection, item_id: str) -> int | None:
    """The number of the item of this id, if there is one."""
    return connection.scalar(_SEQ_OF, {"item_id": item_id})


def stored_ids(connection: Connection, item_ids: Iterable[str]) -> set[str]:
    """Those of these ids under which there is an item."""
    return {row.id for row in connection.execute(_STORED_IDS, {"item_ids": list(item_ids)})}


def find_all(connection: Connection, seqs: Iterable[int]) -> list[StoredItem]:
    """The items of these numbers that are still there, in order of arrival."""
    wanted = list(seqs)
    if not wanted:
        return []
    return _read(connection, select(*_STORED).select_from(_WHOLE).where(items.c.seq.in_(wanted)).order_by(items.c.seq))


def page(
    connection: Connection,
    *,
    status: Status | None = None,
    source: str | None = None,
    section: str | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[StoredItem]:
    """Items from the latest to the first, those that arrived ``before`` a place."""
    query = select(*_STORED).select_from(_WHOLE).order_by(items.c.seq.desc()).limit(limit)
    for column, value in ((items.c.status, status), (items.c.source, source), (items.c.section, section)):
        if value is not None:
            query = query.where(column == value)
    if before is not None:
        query = query.where(items.c.seq < before)
    return _read(connection, query)


def count(connection: Connection) -> int:
    """How many items there are."""
    return connection.scalar(select(func.count()).select_from(items)) or 0


def insert_item(connection: Connection, new: NewText) -> StoredItem:
    """Write an item and its first version."""
    item, when = new.item, micros(new.received)
    values = {
        "id": item.id, "status": new.status, "version": 1, "received": when, "changed": when,
        "source": item.source, "section": item.section, "language": item.language,
    }  # fmt: skip
    seq = _ITEM.write(connection, values)
    return _insert_version(connection, seq, 1, new, received=new.received)


def insert_version(connection: Connection, known: StoredItem, new: NewText) -> StoredItem:
    """Write a new version of ``known``, which supersedes the one before."""
    number = known.version + 1
    values = {
        "status": new.status, "version": number, "changed": micros(new.received),
        "source": new.item.source, "section": new.item.section, "language": new.item.language,
    }  # fmt: skip
    connection.execute(update(items).where(items.c.seq == known.seq).values(values))
    connection.execute(delete(sketches).where(sketches.c.item_seq == known.seq))
    return _insert_version(connection, known.seq, number, new, received=known.received)


def set_status(connection: Connection, known: StoredItem, status: Status, when: datetime) -> StoredItem:
    """Give ``known`` another status, and its sketch with it."""
    values = {"status": status, "changed": micros(when)}
    connection.execute(update(items).where(items.c.seq == known.seq).values(values))
    connection.execute(update(sketches).where(sketches.c.item_seq == known.seq).values(kept=status in KEPT))
    note_change(connection, known.seq)
    return replace(known, status=status, changed=when)


def touch(connection: Connection, known: StoredItem, when: datetime) -> None:
    """Note that something of ``known`` is another by now, so that it has another entity tag."""
    connection.execute(update(items).where(items.c.seq == known.seq).values(changed=micros(when)))


def erase(connection: Connection, known: StoredItem) -> None:
    """Delete an item with all its texts, and what other rows say of them; that it was there stays in the audit."""
    quoting = select(versions.c.item_seq).join(matches).where(matches.c.of_item_seq == known.seq)
    connection.execute(delete(idempotency).where(idempotency.c.item_seq.in_(quoting)))
    for row in connection.execute(
        select(matches.c.version_seq, matches.c.rank, matches.c.answer).where(matches.c.of_item_seq == known.seq)
    ).all():
        place = (matches.c.version_seq == row.version_seq) & (matches.c.rank == row.rank)
        values = {"of_item_seq": None, "of_version_seq": None, "answer": _bare(row.answer)}
        connection.execute(update(matches).where(place).values(values))
    connection.execute(delete(idempotency).where(idempotency.c.item_seq == known.seq))
    connection.execute(update(job_lines).where(job_lines.c.item_seq == known.seq).values(request="", answer="{}"))
    connection.execute(update(outbox).where(outbox.c.item_id == known.id).values(body="{}"))
    gists.forget(connection, known.seq)
    connection.execute(delete(items).where(items.c.seq == known.seq))  # and by cascade all that hangs on it
    note_change(connection, known.seq)


def note_change(connection: Connection, item_seq: int) -> None:
    """Tell every node that the index holds something else of this item from now on."""
    _CHANGE.write(connection, {"item_seq": item_seq})


def _insert_version(
    connection: Connection, item_seq: int, number: int, new: NewText, *, received: datetime
) -> StoredItem:
    values = _version_row(new) | {"item_seq": item_seq, "number": number}
    version_seq = _VERSION.write(connection, values)
    if new.sketch is not None:
        _SKETCH.write(connection, _sketch_row(new, item_seq, version_seq))
    verdict = {
        "version_seq": version_seq, "action": new.action, "policy": new.policy,
        "decided": values["received"], "answer": _json(new.answer),
    }  # fmt: skip
    _VERDICT.write(connection, verdict)
    if new.matches:
        connection.execute(_INSERT_MATCHES, _match_rows(new, version_seq))
    told = [match.answer for match in new.matches]
    if number > 1:
        gists.erase(connection, item_seq)
    gists.write(connection, item_seq, new.answer, told, new.title, new.text)
    note_change(connection, item_seq)
    return StoredItem(
        seq=item_seq,
        id=new.item.id,
        status=new.status,
        received=received,
        changed=new.received,
        version=number,
        version_seq=version_seq,
        label=new.item.version,
        versioned=new.received,
        content=new.content,
        published=new.item.published,
        title=new.title,
        url=new.item.url,
        source=new.item.source,
        section=new.item.section,
        language=new.item.language,
        text=new.text,
        html=new.html,
        answer=new.answer,
        matches=tuple(match.answer for match in new.matches),
    )


def _version_row(new: NewText) -> dict[str, Any]:
    item = new.item
    body = item.body if isinstance(item.body, str) else item.body.decode("utf-8", "replace")
    return {
        "label": item.version,
        "content": new.content,
        "received": micros(new.received),
        "published": micros_or_none(item.published),
        "title": new.title,
        "url": item.url,
        "source": item.source,
        "section": item.section,
        "language": item.language,
        "media_type": item.media_type,
        "body": body,
        "text": new.text,
        "html": new.html,
        "repeated": _json(list(new.repeated)) if new.repeated else "",
    }


def _sketch_row(new: NewText, item_seq: int, version_seq: int) -> dict[str, Any]:
    assert new.sketch is not None  # noqa: S101  # the caller has looked
    return {
        "version_seq": version_seq,
        "item_seq": item_seq,
        "making": new.making,
        "kept": new.status in KEPT,
        "published": micros(new.item.published or new.received),
        "digest": new.sketch.digest,
        "tokens": new.sketch.tokens,
        "bands": new.bands,
        "passages": np.ascontiguousarray(new.sketch.passages, "<u4").tobytes(),
    }


def _match_rows(new: NewText, version_seq: int) -> list[dict[str, Any]]:
    return [
        {
            "version_seq": version_seq,
            "rank": rank,
            "of_version_seq": match.of_version_seq,
            "of_item_seq": match.of_item_seq,
            "kind": match.kind,
            "is_duplicate": match.is_duplicate,
            "score": match.score,
            "answer": _json(match.answer),
        }
        for rank, match in enumerate(new.matches)
    ]


def _read(connection: Connection, query: Select[Any]) -> list[StoredItem]:
    return _stored_rows(connection, connection.execute(query).all())


def _stored_rows(connection: Connection, rows: Sequence[Row[Any]]) -> list[StoredItem]:
    found = _matches_of(connection, [row.version_seq for row in rows])
    return [_stored(row, tuple(found.get(row.version_seq, ()))) for row in rows]


def _matches_of(connection: Connection, version_seqs: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    if not version_seqs:
        return {}
    found: dict[int, list[dict[str, Any]]] = {}
    for row in connection.execute(_MATCHES_OF, {"version_seqs": list(version_seqs)}):
        found.setdefault(row.version_seq, []).append(json.loads(row.answer))
    return found


def _stored(row: Row[Any], found: tuple[dict[str, Any], ...]) -> StoredItem:
    values = row._asdict()
    for name in ("received", "changed", "versioned"):
        values[name] = moment_of(values[name])
    values.update(published=moment_or_none(row.published), answer=json.loads(row.answer), matches=found)
    return StoredItem(**values)


def _bare(answer: str) -> str:
    """A match without what it says of the other item's text."""
    match = json.loads(answer)
    bare: dict[str, Any] = {"title": "", "url": None, "source": None, "published": None, "passages": [], "differs": []}
    return _json(match | {name: bare[name] for name in _OF_THE_MATCH} | {"deleted": True})


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
