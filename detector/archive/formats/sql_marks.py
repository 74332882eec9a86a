"""What apply does to a database: it marks rows as removed, in one transaction, so that undo can take the marks away.

The marks are rows of a table of their own, ``copytaster_removed``, or the plan's digest in a column that somebody
named. Marking twice is marking once.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from detector.archive.formats.sql import REMOVED, Address, connect
from detector.archive.formats.streams import need
from detector.errors import ArchiveError

_CHUNK = 1000


def mark(address: str, plan: str, keys: Path, column: str | None) -> None:
    """Mark the rows whose keys a file lists, a line of JSON each; all of them or, when anything is amiss, none."""
    table = Address.parse(address)
    with _writing(address) as connection:
        if column is None:
            removed = _removed_table(table.schema)
            removed.create(connection, checkfirst=True)
            _delete(connection, removed, table.table, plan)
            for chunk in _chunks(keys):
                connection.execute(removed.insert(), [_mark(table.table, key, plan) for key in chunk])
        else:
            _set_column(connection, table, column, plan, keys)


def unmark(address: str, plan: str, column: str | None) -> None:
    """Take the marks of a plan away; the table of marks too, when none is left."""
    sqlalchemy = need("sqlalchemy", "service")
    table = Address.parse(address)
    with _writing(address) as connection:
        if column is not None:
            target = _target(table, column)
            connection.execute(sqlalchemy.update(target).where(target.c[column] == plan).values({column: None}))
            return
        removed = _removed_table(table.schema)
        if not sqlalchemy.inspect(connection).has_table(REMOVED, table.schema):
            return
        _delete(connection, removed, table.table, plan)
        if connection.execute(sqlalchemy.select(removed).limit(1)).first() is None:
            removed.drop(connection)


@contextmanager
def _writing(address: str) -> Iterator[Any]:
    sqlalchemy = need("sqlalchemy", "service")
    engine = connect(Address.parse(address).url, write=True)
    try:
        with engine.connect() as connection:
            if engine.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection
            connection.commit()
    except sqlalchemy.exc.SQLAlchemyError as error:
        raise ArchiveError(f"{address} cannot be marked: {str(error).splitlines()[0]}") from error
    finally:
        engine.dispose()


def _removed_table(schema: str | None) -> Any:
    sqlalchemy = need("sqlalchemy", "service")
    return sqlalchemy.Table(
        REMOVED,
        sqlalchemy.MetaData(),
        sqlalchemy.Column("table_name", sqlalchemy.Text, primary_key=True),
        sqlalchemy.Column("key", sqlalchemy.Text, primary_key=True),
        sqlalchemy.Column("plan", sqlalchemy.Text, primary_key=True),
        schema=schema,
    )


def _mark(table: str, key: dict[str, Any], plan: str) -> dict[str, str]:
    """A key of one column as text, so that it can be joined; one of several as a JSON array."""
    values = list(key.values())
    text = str(values[0]) if len(values) == 1 else json.dumps(values)
    return {"table_name": table, "key": text, "plan": plan}


def _delete(connection: Any, removed: Any, table: str, plan: str) -> None:
    connection.execute(removed.delete().where(removed.c.table_name == table, removed.c.plan == plan))


def _target(table: Address, *columns: str) -> Any:
    sqlalchemy = need("sqlalchemy", "service")
    return sqlalchemy.table(table.table, *(sqlalchemy.column(name) for name in columns), schema=table.schema)


def _set_column(connection: Any, table: Address, column: str, plan: str, keys: Path) -> None:
    sqlalchemy = need("sqlalchemy", "service")
    for chunk in _chunks(keys):
        for key in chunk:
            target = _target(table, column, *key)
            free = sqlalchemy.or_(target.c[column].is_(None), target.c[column] == plan)
            matches = [target.c[name] == value for name, value in key.items()]
            if connection.execute(sqlalchemy.update(target).where(free, *matches).values({column: plan})).rowcount != 1:
                raise ArchiveError(f"{table.table}.{column} of the row {key} holds another value; nothing was marked")


def _chunks(keys: Path) -> Iterator[list[dict[str, Any]]]:
    chunk = []
    with keys.open(encoding="utf-8") as lines:
        for line in lines:
            chunk.append(json.loads(line))
            if len(chunk) == _CHUNK:
                yield chunk
                chunk = []
    if chunk:
        yield chunk
