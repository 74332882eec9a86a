"""Who may use the review page: reviewers with their passwords, and the sessions that they opened."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Literal

from sqlalchemy import Connection, delete, func, insert, select, update

from service.store.records import micros, moment_of
from service.tables import reviewers, sessions

Role = Literal["reviewer", "admin"]


@dataclass(frozen=True, slots=True)
class Reviewer:
    """Somebody who signs in with a password."""

    name: str
    role: Role
    hash: str  # argon2id, with its parameters and salt
    created: datetime
    disabled: bool


@dataclass(frozen=True, slots=True)
class Session:
    """A browser that somebody signed in with."""

    who: str
    scopes: frozenset[str]
    key_id: str | None  # of the API key that opened it; it ends with the key
    expires: datetime


def set_reviewer(connection: Connection, name: str, role: Role, password_hash: str, when: datetime) -> None:
    """Add a reviewer, or give one another password and role; their sessions end."""
    connection.execute(delete(reviewers).where(reviewers.c.name == name))
    values = {"name": name, "role": role, "hash": password_hash, "created": micros(when), "disabled": False}
    connection.execute(insert(reviewers).values(values))
    connection.execute(delete(sessions).where(sessions.c.who == name, sessions.c.key_id.is_(None)))


def disable_reviewer(connection: Connection, name: str) -> bool:
    """Let a reviewer in no more, and end their sessions; whether there was one."""
    done = connection.execute(update(reviewers).where(reviewers.c.name == name).values(disabled=True))
    connection.execute(delete(sessions).where(sessions.c.who == name, sessions.c.key_id.is_(None)))
    return bool(done.rowcount)


def find_reviewer(connection: Connection, name: str) -> Reviewer | None:
    """The reviewer of this name, disabled ones included."""
    row = connection.execute(select(reviewers).where(reviewers.c.name == name)).one_or_none()
    return None if row is None else Reviewer(row.name, row.role, row.hash, moment_of(row.created), row.disabled)


def all_reviewers(connection: Connection) -> list[Reviewer]:
    """Every reviewer, by name."""
    rows = connection.execute(select(reviewers).order_by(reviewers.c.name))
    return [Reviewer(row.name, row.role, row.hash, moment_of(row.created), row.disabled) for row in rows]


def count_reviewers(connection: Connection) -> int:
    """How many there are, disabled ones included."""
    return connection.scalar(select(func.count()).select_from(reviewers)) or 0


def open_session(
    connection: Connection, token: str, session: Session, now: datetime, *, password_hash: str | None = None
) -> bool:
    """Keep a session by the digest of its token; those that have ended are swept out.

    ``password_hash``: by which a reviewer was recognised. False when that is theirs no more: checking a password takes
    a while, in which they may have been disabled, or given another one.
    """
    if password_hash is not None:
        # For update: who changes the row meanwhile finds the session, or we find the change.
        is_it = (reviewers.c.name == session.who) & (reviewers.c.hash == password_hash) & ~reviewers.c.disabled
        if connection.execute(select(reviewers.c.name).where(is_it).with_for_update()).one_or_none() is None:
            return False
    connection.execute(delete(sessions).where(sessions.c.expires < micros(now)))
    values = {
        "digest": digest(token), "who": session.who, "scopes": json.dumps(sorted(session.scopes)),
        "key_id": session.key_id, "created": micros(now), "expires": micros(session.expires),
    }  # fmt: skip
    connection.execute(insert(sessions).values(values))
    return True


def find_session(connection: Connection, token: str, now: datetime) -> Session | None:
    """The session that ``token`` stands for, while it lasts."""
    is_it = (sessions.c.digest == digest(token)) & (sessions.c.expires >= micros(now))
    row = connection.execute(select(sessions).where(is_it)).one_or_none()
    if row is None:
        return None
    return Session(row.who, frozenset(json.loads(row.scopes)), row.key_id, moment_of(row.expires))


def prolong(connection: Connection, token: str, until: datetime) -> None:
    """Let a session that is used last longer."""
    connection.execute(update(sessions).where(sessions.c.digest == digest(token)).values(expires=micros(until)))


def close_session(connection: Connection, token: str) -> None:
    """End a session."""
    connection.execute(delete(sessions).where(sessions.c.digest == digest(token)))


def digest(token: str) -> bytes:
    """What is kept of a token, which has 256 random bits: a copy of the database opens no session."""
    return sha256(token.encode()).digest()


SESSION_LIFETIME = timedelta(hours=12)
