"""Rows written and read through the driver, by statements that are compiled once: on the way of every admission, where
SQLAlchemy's own way takes longer than the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, CursorResult, Executable, Table, insert
from sqlalchemy.exc import DBAPIError

from service.sqlite import driver


class Rows:
    """Rows of one table with these columns."""

    def __init__(self, table: Table, names: Sequence[str], *, numbered: bool = False) -> None:
        """``numbered``: the database gives each row its ``seq``."""
        self._table, self._names, self._numbered = table, tuple(names), numbered
        self._statements: dict[str, str] = {}  # by dialect

    def write(self, connection: Connection, values: Mapping[str, Any]) -> int:
        """Write a row; its number, where it has one."""
        if connection.dialect.name == "sqlite":
            return self._write(connection, tuple([values[name] for name in self._names]))
        result = connection.exec_driver_sql(self._statement(connection), dict(values))
        return int(result.scalar_one()) if self._numbered else 0

    def _write(self, connection: Connection, row: tuple[Any, ...]) -> int:
        """Through SQLite's own cursor, with the errors that SQLAlchemy would raise."""
        statement = self._statement(connection)
        cursor = connection.connection.cursor()
        try:
            return int(cursor.execute(statement, row).lastrowid)
        except driver.Error as error:
            raise DBAPIError.instance(statement, None, error, driver.Error, hide_parameters=True) from error
        finally:
            cursor.close()

    def _statement(self, connection: Connection) -> str:
        name = connection.dialect.name
        if name not in self._statements:
            made = insert(self._table)
            if self._numbered and name != "sqlite":
                made = made.returning(self._table.c.seq)
            compiled = made.compile(dialect=connection.dialect, column_keys=self._names)
            self._statements[name] = str(compiled)
        return self._statements[name]


class Compiled:
    """A statement whose parameters are numbers and texts, as they go into the database."""

    def __init__(self, statement: Executable) -> None:
        self._statement = statement
        self._compiled: dict[str, tuple[str, list[str] | None]] = {}  # by dialect; the names, where places have none

    def run(self, connection: Connection, *rows: Mapping[str, Any]) -> CursorResult[Any]:
        """Run it with the parameters of a row; with several rows for each of them, and nothing is returned."""
        statement, names = self._of(connection)
        given: list[Any] = [dict(row) if names is None else tuple([row[name] for name in names]) for row in rows]
        return connection.exec_driver_sql(statement, given if len(given) > 1 else given[0])

    def _of(self, connection: Connection) -> tuple[str, list[str] | None]:
        name = connection.dialect.name
        if name not in self._compiled:
            compiled = self._statement.compile(dialect=connection.dialect)  # type: ignore[attr-defined]
            self._compiled[name] = str(compiled), compiled.positiontup
        return self._compiled[name]
