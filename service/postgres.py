"""PostgreSQL as the service needs it: several nodes on one database, one of them admitting at a time."""

from __future__ import annotations

import logging
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, text

from service.sqlite import StoreError

_log = logging.getLogger(__name__)

_CONNECTIONS = 8
_WAIT_SECONDS = 30
_ADMISSION = 0x636F7079  # "copy": what nodes that admit items wait for one another on


def engine(url: URL) -> Engine:
    """An engine on ``url``; raises StoreError when psycopg is not installed."""
    try:
        made = create_engine(
            url.set(drivername="postgresql+psycopg"),
            pool_size=_CONNECTIONS,
            max_overflow=0,
            pool_timeout=_WAIT_SECONDS,
            pool_pre_ping=True,
            # An answer of 201 says that the item is on the disk, whatever the database's own default is.
            connect_args={"options": "-c synchronous_commit=on -c timezone=UTC", "connect_timeout": 10},
        )
    except ModuleNotFoundError as error:
        raise StoreError("PostgreSQL needs the package psycopg; run: pip install 'copytaster[postgres]'") from error

    @event.listens_for(made, "connect")
    def prepare(connection: Any, _record: object) -> None:
        connection.prepare_threshold = 3

    return made


def take_turn(connection: Connection) -> None:
    """Wait until no other node admits, and keep the turn until the transaction ends."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:turn)"), {"turn": _ADMISSION})


def look_at_durability(connection: Connection) -> None:
    """Say so in the log when the database itself may lose what it committed."""
    if connection.scalar(text("SHOW fsync")) != "on":
        _log.warning("PostgreSQL runs with fsync off: a power cut can lose items that were acknowledged")
