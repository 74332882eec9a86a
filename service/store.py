"""Items, their sketches and verdicts in SQL: written together in one transaction, read by the routes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_hex
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    BigInteger,
    Column,
    Engine,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Row,
    RowMapping,
    String,
    Table,
    Text,
    insert,
    select,
)
from sqlalchemy.exc import DBAPIError

from detector import Action, CleanText, Dropped, Examined, Item, Quality, Sketch, Verdict
from service import sqlite
from service.sqlite import StoreError

Status = Literal["published", "held", "rejected"]

_ACTION: dict[Status, Action] = {"published": "publish", "held": "review", "rejected": "reject"}
_SCHEMA = "1"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_metadata = MetaData()

_meta = Table("meta", _metadata, Column("name", String(40), primary_key=True), Column("value", Text, nullable=False))

_items = Table(
    "items",
    _metadata,
    Column("seq", Integer, primary_key=True),  # order of arrival, which is the order of the index
    Column("id", String(200), nullable=False, unique=True),
    Column("content", LargeBinary, nullable=False),  # digest of the request: the same again, or another item?
    Column("received", BigInteger, nullable=False),  # microseconds since 1970, as is every time here
    Column("published", BigInteger),
    Column("status", String(10), nullable=False),
    Column("title", Text, nullable=False),
    Column("url", Text),
    Column("source", Text),
    Column("section", Text),
    Column("language", Text),
    Column("media_type", String(20), nullable=False),
    Column("body", Text, nullable=False),  # as it came
    Column("text", Text, nullable=False),  # cleaned
    Column("html", Text, nullable=False),  # cleaned
    Column("verdict", Text, nullable=False),  # as it was answered, in JSON
    Index("items_by_status", "status", "seq"),
)

_sketches = Table(
    "sketches",
    _metadata,
    Column("seq", Integer, ForeignKey("items.seq", ondelete="CASCADE"), primary_key=True),
    Column("header", Text, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("tokens", Integer, nullable=False),
    Column("shingles", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    Column("passages", LargeBinary, nullable=False),
)


@dataclass(frozen=True, slots=True)
class NewItem:
    """What is written of an item: everything, or nothing."""

    item: Item
    content: bytes
    received: datetime
    status: Status
    title: str
    text: str
    html: str
    verdict: dict[str, Any]
    sketch: Sketch | None


@dataclass(frozen=True, slots=True)
class StoredItem:
    """An item as it was stored."""

    seq: int
    id: str
    content: bytes
    received: datetime
    published: datetime | None
    status: Status
    title: str
    url: str | None
    source: str | None
    section: str | None
    language: str | None
    text: str
    html: str
    verdict: dict[str, Any]


_STORED = [_items.c[name] for name in StoredItem.__slots__]


class Store:
    """One SQLite file. ``add`` is called by one thread, the rest by any."""

    def __init__(self, database: Path) -> None:
        self.database = database
        self._claim = sqlite.claim(database)
        self._writer: Engine = sqlite.writer(database)
        self._reader: Engine = sqlite.reader(database)

    @classmethod
    def open(cls, database: Path) -> Self:
        """Claim ``database``, and make its tables when it is new; raises StoreError when it cannot be used."""
        if not database.parent.is_dir():
            raise StoreError(f"{database} cannot be made, for {database.parent} is no folder; make it first")
        store = cls(database)
        try:
            _metadata.create_all(store._writer)
            store._same("schema", _SCHEMA, "this version of copytaster reads another layout; use a new file")
        except DBAPIError as error:
            store.close()
            raise StoreError(f"{database} cannot be used as a database: {error.orig}") from error
        except StoreError:
            store.close()
            raise
        return store

    def close(self) -> None:
        """Let go of the file; what was acknowledged is in it already."""
        self._reader.dispose()
        self._writer.dispose()
        self._claim.close()

    def require_sketches(self, header: str) -> None:
        """Raise StoreError unless the stored sketches were made as ``header`` says."""
        self._same("sketch", header, "sketches of different making do not compare; use a new file, and post the items")

    def secret(self) -> str:
        """What this store's sketches are keyed with: drawn when it was made, and never shown."""
        with self._writer.begin() as connection:
            found: str | None = connection.scalar(select(_meta.c.value).where(_meta.c.name == "secret"))
            if found is None:
                found = token_hex(16)
                connection.execute(insert(_meta).values(name="secret", value=found))
            return found

    def _same(self, name: str, value: str, otherwise: str) -> None:
        with self._writer.begin() as connection:
            found = connection.scalar(select(_meta.c.value).where(_meta.c.name == name))
            if found is None:
                connection.execute(insert(_meta).values(name=name, value=value))
            elif found != value:
                raise StoreError(f"{self.database} holds {name} {found!r} where {value!r} is needed: {otherwise}")

    def add(self, new: NewItem) -> StoredItem:
        """Write an item with its sketch and verdict; when this returns, all of it is on the disk."""
        with self._writer.begin() as connection:
            result = connection.execute(insert(_items).values(_item_row(new)))
            place = result.lastrowid
            if new.sketch is not None:
                connection.execute(insert(_sketches).values(seq=place, **_sketch_row(new.sketch)))
            return _stored(connection.execute(select(*_STORED).where(_items.c.seq == place)).one())

    def get(self, item_id: str) -> StoredItem | None:
        """The item of this id, if there is one."""
        with self._reader.begin() as connection:
            row = connection.execute(select(*_STORED).where(_items.c.id == item_id)).one_or_none()
        return None if row is None else _stored(row)

    def page(self, *, status: Status | None = None, before: int | None = None, limit: int = 50) -> list[StoredItem]:
        """Items from the latest to the first, those that arrived ``before`` a place."""
        query = select(*_STORED).order_by(_items.c.seq.desc()).limit(limit)
        if status is not None:
            query = query.where(_items.c.status == status)
        if before is not None:
            query = query.where(_items.c.seq < before)
        with self._reader.begin() as connection:
            return [_stored(row) for row in connection.execute(query)]

    def admitted(self) -> Iterator[tuple[Examined, Verdict]]:
        """What the detector remembers of each item, in order of arrival."""
        query = select(_items, _sketches).join(_sketches, isouter=True).order_by(_items.c.seq)
        with self._reader.begin() as connection:
            for row in connection.execution_options(yield_per=500).execute(query).mappings():
                yield _remembered(row)


def _item_row(new: NewItem) -> dict[str, Any]:
    item = new.item
    body = item.body if isinstance(item.body, str) else item.body.decode("utf-8", "replace")
    return {
        "id": item.id,
        "content": new.content,
        "received": _micros(new.received),
        "published": _micros(item.published),
        "status": new.status,
        "title": new.title,
        "url": item.url,
        "source": item.source,
        "section": item.section,
        "language": item.language,
        "media_type": item.media_type,
        "body": body,
        "text": new.text,
        "html": new.html,
        "verdict": json.dumps(new.verdict, ensure_ascii=False),
    }


def _sketch_row(sketch: Sketch) -> dict[str, Any]:
    return {
        "header": sketch.header,
        "digest": sketch.digest,
        "tokens": sketch.tokens,
        "shingles": _blob(sketch.shingles),
        "signature": _blob(sketch.signature),
        "passages": _blob(sketch.passages),
    }


def _stored(row: Row[Any]) -> StoredItem:
    values = row._asdict()
    values.update(received=_moment(row.received), published=_moment(row.published), verdict=json.loads(row.verdict))
    return StoredItem(**values)


def _remembered(row: RowMapping) -> tuple[Examined, Verdict]:
    """As much of an item and its verdict as it takes to remember them; the page itself is left alone."""
    names = ("id", "title", "url", "source", "section", "language", "media_type")
    item = Item(body="", published=_moment(row["published"]), **{name: row[name] for name in names})
    paragraphs = tuple(row["text"].split("\n\n")) if row["text"] else ()
    text = CleanText(row["title"], paragraphs, dropped=_repeated(row["verdict"]))
    quality = Quality(score=0.0, label="not_assessed", reasons=(), sentences=())
    verdict = Verdict(row["id"], _ACTION[row["status"]], (), (), quality, text, policy="")
    return Examined(item, text, _sketch(row), quality), verdict


def _repeated(verdict: str) -> tuple[Dropped, ...]:
    """The paragraphs that were taken out because their source repeats them: it is to remember that it does."""
    if '"source_memory"' not in verdict:
        return ()
    dropped = json.loads(verdict)["cleaned"]["dropped"]
    return tuple(Dropped(piece["text"], piece["reason"]) for piece in dropped if piece["reason"] == "source_memory")


def _sketch(row: RowMapping) -> Sketch | None:
    if row["header"] is None:
        return None
    arrays = (_array(row[name]) for name in ("shingles", "signature", "passages"))
    return Sketch(row["header"], row["digest"], row["tokens"], *arrays)


def _blob(array: NDArray[np.uint32]) -> bytes:
    return array.astype("<u4").tobytes()


def _array(blob: bytes) -> NDArray[np.uint32]:
    return np.frombuffer(blob, dtype="<u4").astype(np.uint32)


def _micros(moment: datetime | None) -> int | None:
    return None if moment is None else (moment - _EPOCH) // timedelta(microseconds=1)


def _moment(micros: int | None) -> datetime | None:
    return None if micros is None else _EPOCH + timedelta(microseconds=micros)
