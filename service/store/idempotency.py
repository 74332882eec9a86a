"""Answers to requests that named an Idempotency-Key, to be given again (draft-ietf-httpapi-idempotency-key-header)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select

from service.store.records import micros
from service.tables import idempotency

KEPT_FOR = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Claim:
    """A request as its sender named it."""

    caller: str
    key: str
    request: bytes  # digest of method, path and body


@dataclass(frozen=True, slots=True)
class Answered:
    """What a request was answered the first time."""

    request: bytes
    status: int
    headers: Mapping[str, str]
    answer: str


def find(connection: Connection, caller: str, key: str) -> Answered | None:
    """The answer that is kept under a key."""
    is_it = (idempotency.c.caller == caller) & (idempotency.c.key == key)
    row = connection.execute(select(idempotency).where(is_it)).one_or_none()
    return None if row is None else Answered(row.request, row.status, json.loads(row.headers), row.answer)


def keep(connection: Connection, claim: Claim, answered: Answered, when: datetime, item_seq: int | None) -> None:
    """Keep an answer in the transaction of what it tells of; those of yesterday go."""
    connection.execute(delete(idempotency).where(idempotency.c.created < micros(when - KEPT_FOR)))
    values = {
        "caller": claim.caller, "key": claim.key, "request": claim.request, "item_seq": item_seq,
        "status": answered.status, "headers": json.dumps(dict(answered.headers)), "answer": answered.answer,
        "created": micros(when),
    }  # fmt: skip
    connection.execute(insert(idempotency).values(values))
