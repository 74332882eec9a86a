"""API keys in the store: written by the command line, read by the service a moment later."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import Connection, RowMapping, insert, select, update

from service.keys import Key
from service.store.records import micros, micros_or_none, moment_of, moment_or_none
from service.tables import keys


def all_keys(connection: Connection) -> dict[str, Key]:
    """Every key that was ever made, by its id, the first one first."""
    rows = connection.execute(select(keys).order_by(keys.c.seq)).mappings()
    return {row["id"]: _key(row) for row in rows}


def add_key(connection: Connection, key: Key) -> None:
    """Store a new key."""
    values = {
        "id": key.id, "name": key.name, "hash": key.digest, "scopes": json.dumps(sorted(key.scopes)),
        "created": micros(key.created), "expires": micros_or_none(key.expires), "revoked": micros_or_none(key.revoked),
        "replaces": key.replaces, "rate": key.rate, "burst": key.burst,
    }  # fmt: skip
    connection.execute(insert(keys).values(values))


def expire_key(connection: Connection, key_id: str, when: datetime) -> None:
    """Let a key work until ``when`` and no longer."""
    connection.execute(update(keys).where(keys.c.id == key_id).values(expires=micros(when)))


def revoke_key(connection: Connection, key_id: str, when: datetime) -> bool:
    """End a key at once; False when there is none of this id, or it was revoked before."""
    change = update(keys).where(keys.c.id == key_id, keys.c.revoked.is_(None)).values(revoked=micros(when))
    return connection.execute(change).rowcount == 1


def _key(row: RowMapping) -> Key:
    return Key(
        id=row["id"],
        name=row["name"],
        digest=bytes(row["hash"]),
        scopes=frozenset(json.loads(row["scopes"])),
        created=moment_of(row["created"]),
        expires=moment_or_none(row["expires"]),
        revoked=moment_or_none(row["revoked"]),
        replaces=row["replaces"],
        rate=row["rate"],
        burst=row["burst"],
    )
