"""The outbox: what there is to tell, written in the transaction in which it happened."""

from __future__ import annotations

import json
from datetime import datetime
from secrets import token_hex
from typing import Any, Literal

from sqlalchemy import Connection

from service.store.records import Status, StoredItem, micros
from service.store.rows import Rows
from service.tables import outbox

EventKind = Literal[
    "item.published",
    "item.held",
    "item.rejected",
    "item.updated",  # another version came in; its status is in the body
    "item.retracted",
    "item.copy_retracted",  # the item is a published copy of one that was retracted
    "item.deleted",
]
KIND_OF: dict[Status, EventKind] = {
    "published": "item.published",
    "held": "item.held",
    "rejected": "item.rejected",
    "retracted": "item.retracted",
}
_EVENT = Rows(outbox, ["id", "kind", "item_id", "created", "body", "spread"])


def emit(connection: Connection, kind: EventKind, item: StoredItem, when: datetime, **more: Any) -> str:
    """Write an event of ``item``; its id, which is the same at every attempt to deliver it.

    The body has the form that Standard Webhooks recommends: type, timestamp, data. It holds no text of the article.
    """
    event_id = _new_id(when)
    data = {
        "id": item.id,
        "status": item.status,
        "version": item.version,
        "title": item.title,
        "url": item.url,
        "source": item.source,
        "section": item.section,
        "reasons": [reason["code"] for reason in item.answer["reasons"]],
        "matches": [{name: match[name] for name in ("id", "kind", "score")} for match in item.matches],
    }
    return _write(connection, event_id, kind, item.id, when, data | more)


def emit_deleted(connection: Connection, item_id: str, when: datetime) -> str:
    """Write that an item was deleted: its id and no more."""
    return _write(connection, _new_id(when), "item.deleted", item_id, when, {"id": item_id})


def _new_id(when: datetime) -> str:
    """That begins with the time: ids that grow are written side by side in their index, and not all over it."""
    return f"evt_{micros(when):014x}{token_hex(9)}"


def _write(
    connection: Connection, event_id: str, kind: EventKind, item_id: str, when: datetime, data: dict[str, Any]
) -> str:
    body = {"type": kind, "timestamp": when.isoformat(), "data": data}
    values = {
        "id": event_id, "kind": kind, "item_id": item_id, "created": micros(when),
        "body": json.dumps(body, ensure_ascii=False), "spread": False,
    }  # fmt: skip
    _EVENT.write(connection, values)
    return event_id
