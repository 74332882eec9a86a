"""SQLite as the service needs it: a build that keeps what it acknowledged, one process, one writer.

SQLite 3.7.0 to 3.51.2 can lose committed pages in WAL mode when two connections write or checkpoint at once
(sqlite.org/wal.html#walresetbug), and Python often carries such a build: there the rollback journal is used.
"""

from __future__ import annotations

import fcntl
from pathlib import Path
from types import ModuleType
from typing import IO, Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, InvalidRequestError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

try:
    from pysqlite3 import dbapi2 as driver
except ImportError:  # no wheel for this machine: Python's own library, whose version the gate looks at
    import sqlite3 as driver

__all__ = ["UNAVAILABLE", "InUseError", "StoreError", "claim", "driver", "reader", "wal_is_safe", "writer"]

_WAL_BROKEN = ((3, 7, 0), (3, 51, 2))
_BUSY_MS = 5_000
_LOG_PAGES = 8_000  # 32 MiB, before they are moved to the file: each page once, however often it was written
_WRITER_KIB = 64 * 1024  # of pages in memory: among a million items an admission touches a page in each of 20 trees
_READER_KIB = 8 * 1024

# What a database raises that does not answer as it should: itself, a pool that waited for it, or a transaction that
# was lost with it.
UNAVAILABLE = (DBAPIError, PoolTimeoutError, InvalidRequestError)


class StoreError(Exception):
    """The store cannot be used; the message names the file and what to do."""


class InUseError(StoreError):
    """Another process has the file for itself."""


def wal_is_safe(version: tuple[int, ...]) -> bool:
    """Whether WAL mode of this SQLite keeps what it committed."""
    return not _WAL_BROKEN[0] <= version <= _WAL_BROKEN[1]


def writer(database: Path, library: ModuleType = driver, *, checkpoints: bool = True) -> Engine:
    """An engine of one connection whose transactions take the write lock when they begin.

    ``checkpoints``: one process alone moves what is in the log to the file; another that also writes leaves it there.
    """
    # FULL syncs the log at every commit. With a rollback journal EXTRA is needed: it also syncs the directory,
    # without which a deleted journal can come back after a power cut and undo the commit.
    safe = wal_is_safe(library.sqlite_version_info)
    modes = (
        {"journal_mode": "WAL", "synchronous": "FULL"} if safe else {"journal_mode": "DELETE", "synchronous": "EXTRA"}
    )
    often = {"wal_autocheckpoint": str(_LOG_PAGES if checkpoints else 0), "cache_size": f"-{_WRITER_KIB}"}
    # What is erased is overwritten, or it would stand in the file until its page is needed for something else.
    more = {"fullfsync": "ON", "foreign_keys": "ON", "secure_delete": "ON"} | often
    engine = _engine(database, library, modes | more, connections=1)
    _begin(engine, "BEGIN IMMEDIATE")
    _refuse_what_was_undone(engine, library)
    return engine


def reader(database: Path, library: ModuleType = driver) -> Engine:
    """An engine whose connections can only read, and never checkpoint."""
    engine = _engine(
        database,
        library,
        {"query_only": "ON", "wal_autocheckpoint": "0", "cache_size": f"-{_READER_KIB}"},
        connections=4,
    )
    _begin(engine, "BEGIN")
    return engine


def _engine(database: Path, library: ModuleType, pragmas: dict[str, str], *, connections: int) -> Engine:
    engine = create_engine(
        f"sqlite:///{database}",
        module=library,
        pool_size=connections,
        max_overflow=0,
        connect_args={"check_same_thread": False, "timeout": _BUSY_MS / 1000},
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # transactions begin where we say, not where the driver guesses
        for name, value in {"busy_timeout": str(_BUSY_MS), **pragmas}.items():
            connection.execute(f"PRAGMA {name}={value}").close()

    return engine


def _begin(engine: Engine, statement: str) -> None:
    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(statement)


def _refuse_what_was_undone(engine: Engine, library: ModuleType) -> None:
    """Let no commit, and no savepoint, go on as if nothing had happened when SQLite itself has undone the transaction.

    It does so after some errors of the disk (sqlite.org/lang_transaction.html#response_to_errors_within_a_transaction).
    A commit would then do nothing and succeed, and a savepoint would open, and end, a transaction of its own.
    """

    def still_there(connection: Connection, *_names: object) -> None:
        if not connection.connection.dbapi_connection.in_transaction:  # type: ignore[union-attr]
            raise DBAPIError(None, None, library.OperationalError("the transaction was undone after an error"))

    event.listen(engine, "commit", still_there)
    event.listen(engine, "savepoint", still_there)


def claim(database: Path) -> IO[bytes]:
    """Hold ``database`` for this process until the returned file is closed or the process ends.

    The index of what was published lives in the process: two servers on one file would each publish a copy.
    """
    file = database.with_name(database.name + ".lock").open("ab")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        file.close()
        raise InUseError(
            f"{database} is in use by another copytaster server, or by copytaster reindex; stop it, or use another file"
        ) from error
    return file
