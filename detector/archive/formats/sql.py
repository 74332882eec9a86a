"""A table of SQLite or PostgreSQL, named by a URL: ``sqlite:///file#table``, ``postgresql://…#schema.table``.

It is read in a read-only transaction, a page of keys at a time. Nothing is deleted: ``apply`` marks the rows that a
plan removes, in one transaction, and ``undo`` takes the marks away.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any
from urllib.parse import quote

from detector.archive.formats.cells import CellsLayout, cells_row
from detector.archive.formats.rows import RawRow
from detector.archive.formats.source import Judge, Shard, Source
from detector.archive.formats.streams import need
from detector.errors import ArchiveError

_PAGE = 500  # rows asked for at a time
MARKS = "marks"  # the folder of an output that lists what apply marks
REMOVED = "copytaster_removed"


@dataclass(frozen=True, slots=True)
class Address:
    """What a URL names."""

    url: str
    schema: str | None
    table: str
    key: str | None  # a unique column, where the table has no primary key

    @classmethod
    def parse(cls, address: str) -> Address:
        """From ``URL#table``, ``URL#schema.table`` or ``URL#table:key``; raises ArchiveError."""
        url, _, name = address.partition("#")
        name, _, key = name.partition(":")
        schema, _, table = name.rpartition(".")
        if not table:
            raise ArchiveError(f"{url} names no table; add it, as in {url}#articles")
        return cls(url, schema or None, table, key or None)


class Sql:
    """The format."""

    name = "sql"
    about = "a table of SQLite (extra 'service') or PostgreSQL (extras 'service,postgres'), as URL#table"

    def shards(self, source: Source, size: int) -> list[Shard]:  # noqa: ARG002  # one transaction reads it
        """The whole table: one reader sees one state of it."""
        return [Shard(source)]

    def read(self, shard: Shard) -> Iterator[RawRow]:
        """The rows in the order of their keys."""
        source = shard.source
        with _reading(source) as (connection, table, key):
            layout = CellsLayout(source.mapping, table.name, ",".join(key))
            for number, cells in enumerate(_rows(connection, table, key), 1):
                place = ",".join(f"{name}={cells[name]}" for name in key)
                yield cells_row(source, number, place, cells, layout)

    def fingerprint(self, source: Source) -> str:
        """A digest of all rows."""
        digest = blake2b(digest_size=16)
        for raw in self.read(Shard(source)):
            digest.update(raw.data + b"\0")
        return digest.hexdigest()

    def write(self, source: Source, judge: Judge, out: Path, name: str) -> None:
        """List the keys of the rows that go; ``mark`` carries that out."""
        (out / MARKS).mkdir(parents=True, exist_ok=True)
        with _reading(source) as (_, _, key):
            pass
        with (out / MARKS / name).open("x", encoding="utf-8") as file:
            for raw in self.read(Shard(source)):
                if judge(raw) == "removed":
                    cells = json.loads(raw.data)
                    file.write(json.dumps({name: cells[name] for name in key}) + "\n")


def connect(url: str, *, write: bool = False) -> Any:
    """An engine for a URL, which only reads unless told otherwise; raises ArchiveError, which says what is missing."""
    sqlalchemy = need("sqlalchemy", "service")
    try:
        made = sqlalchemy.engine.make_url(url)
        if made.get_backend_name() == "sqlite":
            return sqlalchemy.create_engine("sqlite://", creator=lambda: _sqlite(str(made.database), write=write))
        if made.password:
            raise ArchiveError(
                "leave the password out of the URL, which a plan keeps: PGPASSWORD or ~/.pgpass holds it"
            )
        if made.get_backend_name() != "postgresql":
            raise ArchiveError(f"{made.drivername} is not read; sqlite and postgresql are")
        made = made.set(drivername="postgresql+psycopg")
        return sqlalchemy.create_engine(made, isolation_level="REPEATABLE READ")
    except ModuleNotFoundError as error:
        raise ArchiveError(f"the package {error.name!r} is missing; run: pip install 'copytaster[postgres]'") from error
    except sqlalchemy.exc.ArgumentError as error:
        raise ArchiveError(f"{url.partition('://')[0]} is no database URL: {error}") from error


def _sqlite(database: str, *, write: bool) -> sqlite3.Connection:
    path = Path(database)
    if not path.is_file():
        raise ArchiveError(f"{path} is no file; a sqlite URL has three slashes before a relative path, four before /")
    mode = "rw" if write else "ro"
    connection = sqlite3.connect(f"file:{quote(str(path.resolve()))}?mode={mode}", uri=True, isolation_level=None)
    # A text that is not UTF-8 is its row's error, not the end of the run.
    connection.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
    return connection


@contextmanager
def _reading(source: Source) -> Iterator[tuple[Any, Any, list[str]]]:
    """A connection in a read-only transaction, the table's columns as a selectable, and the names of its key."""
    sqlalchemy = need("sqlalchemy", "service")
    address = Address.parse(source.address)
    engine = connect(address.url)
    try:
        with engine.connect() as connection:
            sqlite = engine.dialect.name == "sqlite"
            connection.exec_driver_sql("BEGIN" if sqlite else "SET TRANSACTION READ ONLY")
            columns, key = _columns(sqlalchemy.inspect(connection), address)
            table = sqlalchemy.table(
                address.table, *(sqlalchemy.column(name) for name in columns), schema=address.schema
            )
            if address.key:
                _refuse_loose_key(connection, table, address.key)
            yield connection, table, key
    except sqlalchemy.exc.SQLAlchemyError as error:
        raise ArchiveError(f"{source.address} cannot be read: {str(error).splitlines()[0]}") from error
    finally:
        engine.dispose()


def _columns(inspector: Any, address: Address) -> tuple[list[str], list[str]]:
    """The table's columns and those of its key; raises ArchiveError where there is no such table or key."""
    names = [*inspector.get_table_names(address.schema), *inspector.get_view_names(address.schema)]
    if address.table not in names:
        raise ArchiveError(f"{address.url} has no table {address.table!r}; it has {', '.join(sorted(names)) or 'none'}")
    columns = [column["name"] for column in inspector.get_columns(address.table, address.schema)]
    key = (
        [address.key]
        if address.key
        else inspector.get_pk_constraint(address.table, address.schema)["constrained_columns"]
    )
    if not key or key[0] not in columns:
        raise ArchiveError(
            f"{address.table} has no {f'column {key[0]!r}' if key else 'primary key'};"
            f" name a unique column after the table, as in #{address.table}:id"
        )
    return columns, list(key)


def _refuse_loose_key(connection: Any, table: Any, key: str) -> None:
    """Raise ArchiveError when a column that was named as key has empty or equal values: rows would be passed over."""
    sqlalchemy = need("sqlalchemy", "service")
    column = table.c[key]
    rows, values = connection.execute(
        sqlalchemy.select(sqlalchemy.func.count(), sqlalchemy.func.count(sqlalchemy.distinct(column))).select_from(
            table
        )
    ).one()
    if rows != values:
        raise ArchiveError(f"column {key!r} has {values} distinct values in {rows} rows; a key must be unique")


def _rows(connection: Any, table: Any, key: list[str]) -> Iterator[dict[str, Any]]:
    """All rows by key, a page at a time: each page begins after the last key of the one before."""
    sqlalchemy = need("sqlalchemy", "service")
    columns = [table.c[name] for name in key]
    page = sqlalchemy.select(*table.c).order_by(*columns).limit(_PAGE)
    last: tuple[Any, ...] | None = None
    while True:
        after = page if last is None else page.where(sqlalchemy.tuple_(*columns) > sqlalchemy.tuple_(*last))
        rows = connection.execute(after).mappings().all()
        yield from map(dict, rows)
        if len(rows) < _PAGE:
            return
        last = tuple(rows[-1][name] for name in key)
