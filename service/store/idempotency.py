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

    status: int
    headers: Mapping[str, str]
    answer: str


class AnsweredError(Exception):
    """The request was answered before, as ``answered`` says."""

    def __init__(self, answered: Answered) -> None:
        super().__init__(f"answered before with {answered.status}")
        self.answered = answered


class OtherRequestError(Exception):
    """The key was used for another request."""


def begin(connection: Connection, claim: Claim) -> None:
    """Raise AnsweredError when the request was answered before, OtherRequestError when its key was used for another."""
    is_it = (idempotency.c.caller == claim.caller) & (idempotency.c.key == claim.key)
    row = connection.execute(select(idempotency).where(is_it)).one_or_none()
    if row is None:
        return
    if row.request != claim.request:
        raise OtherRequestError(f"the Idempotency-Key {claim.key!r} was used for another request; draw a new one")
    raise AnsweredError(Answered(row.status, json.loads(row.headers), row.answer))


def keep(connection: Connection, claim: Claim, answered: Answered, when: datetime, item_seq: int | None) -> None:
    """Keep an answer in the transaction of what it tells of; those of yesterday go."""
    connection.execute(delete(idempotency).where(idempotency.c.created < micros(when - KEPT_FOR)))
    values = {
        "caller": claim.caller, "key": claim.key, "request": claim.request, "item_seq": item_seq,
        "status": answered.status, "headers": json.dumps(dict(answered.headers)), "answer": answered.answer,
        "created": micros(when),
    }  # fmt: skip
    connection.execute(insert(idempotency).values(values))
