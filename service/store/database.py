"""One database by its address: transactions that read, that write and that admit; made and migrated when opened."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Self, TypeVar

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, inspect, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError

from service import postgres, sqlite
from service.sqlite import StoreError

T = TypeVar("T")
_MIGRATIONS = Path(__file__).parents[1] / "migrations"


class Store:
    """A database that holds items. Its transactions may be used from any thread.

    ``name`` is its address, fit to be shown; ``is_shared`` says whether other nodes may write to it too.
    """

    def __init__(self, name: str, writer: Engine, reader: Engine, claim: IO[bytes] | None = None) -> None:
        self.name = name
        self.is_shared = writer.dialect.name == "postgresql"
        self._writer, self._reader, self._claim = writer, reader, claim

    @classmethod
    def open(cls, database: str | Path, *, claim: bool = True) -> Self:
        """Open the database at ``database``, a path or a URL, and bring its tables up to date.

        ``claim``: an SQLite file is then this process's alone until it is closed. A command that may run beside the
        server passes False; it can write, but does not migrate. Raises StoreError when the database cannot be used.
        """
        address = address_of(database)
        store = cls._connected(address, claim=claim)
        try:
            with store.admitting() as connection:
                migrate(connection, store.name, allowed=claim)
        except DBAPIError as error:
            store.close()
            raise StoreError(f"{store.name} cannot be used as a database: {error.orig}") from error
        except StoreError:
            store.close()
            raise
        return store

    @classmethod
    def _connected(cls, address: URL | Path, *, claim: bool) -> Self:
        if isinstance(address, URL):
            engine = postgres.engine(address)
            # One state for all queries of a transaction, as SQLite's readers have it.
            reader = engine.execution_options(isolation_level="REPEATABLE READ")
            return cls(address.render_as_string(hide_password=True), engine, reader)
        if not address.parent.is_dir():
            raise StoreError(f"{address} cannot be made, for {address.parent} is no folder; make it first")
        held = sqlite.claim(address) if claim else None
        return cls(str(address), sqlite.writer(address, checkpoints=claim), sqlite.reader(address), held)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one state of the database."""
        with self._reader.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction whose rows are on the disk when the block ends, or none of them is."""
        with self._writer.begin() as connection:
            yield connection

    @contextmanager
    def admitting(self) -> Iterator[Connection]:
        """``writing``, one at a time among all nodes: whoever is in it sees everything that was admitted before."""
        with self._writer.begin() as connection:
            if self.is_shared:
                postgres.take_turn(connection)
            yield connection

    def read(self, query: Callable[..., T], *arguments: object, **named: object) -> T:
        """What ``query(connection, …)`` gives in a transaction of its own."""
        with self.reading() as connection:
            return query(connection, *arguments, **named)

    def write(self, change: Callable[..., T], *arguments: object, **named: object) -> T:
        """What ``change(connection, …)`` gives, once it is on the disk."""
        with self.writing() as connection:
            return change(connection, *arguments, **named)

    def close(self) -> None:
        """Let go of the database; what was acknowledged is in it already."""
        self._reader.dispose()
        self._writer.dispose()
        if self._claim is not None:
            self._claim.close()


def address_of(database: str | Path) -> URL | Path:
    """A path, or the URL of a PostgreSQL database; raises StoreError for anything else."""
    written = str(database)
    if "://" not in written:
        return Path(written)
    with suppress(ArgumentError):
        url = make_url(written)
        if url.get_backend_name() == "sqlite" and url.database:
            return Path(url.database)
        if url.get_backend_name() in ("postgresql", "postgres"):
            return url.set(drivername="postgresql")
    shown = written.partition("@")[2] or written
    raise StoreError(f"{shown!r} is no database that copytaster knows; give a path, or postgresql://user@host/name")


def migrate(connection: Connection, name: str, *, allowed: bool = True) -> None:
    """Bring the tables to this version's layout; raises StoreError when they cannot be brought there."""
    tables = set(inspect(connection).get_table_names())
    if "alembic_version" not in tables and tables & {"meta", "items"}:
        raise StoreError(
            f"{name} was made before copytaster kept versions of items, and holds no way to tell them apart;"
            " use a new database and post the items again"
        )
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    before = _revision(connection) if "alembic_version" in tables else None
    if before == ScriptDirectory.from_config(config).get_current_head():
        return
    if not allowed:
        raise StoreError(
            f"{name} has the layout {before or 'of no version'}; run copytaster serve once to bring it up to date"
        )
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise StoreError(
            f"{name} has the layout {before!r}, which this version does not know; use a newer copytaster"
        ) from error


def _revision(connection: Connection) -> str | None:
    found: str | None = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return found
