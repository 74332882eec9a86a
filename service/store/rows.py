"""Rows written through the driver, by statements that are compiled once: on the way of every admission, where
SQLAlchemy's own way takes longer than the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, insert


class Rows:
    """Rows of one table with these columns."""

    def __init__(self, table: Table, names: Sequence[str], *, numbered: bool = False) -> None:
        """``numbered``: the database gives each row its ``seq``."""
        self._table, self._names, self._numbered = table, tuple(names), numbered
        self._statements: dict[str, str] = {}  # by dialect

    def write(self, connection: Connection, values: Mapping[str, Any]) -> int:
        """Write a row; its number, where it has one."""
        if connection.dialect.name == "sqlite":
            row = tuple(values[name] for name in self._names)
            return int(connection.exec_driver_sql(self._statement(connection), row).lastrowid)
        result = connection.exec_driver_sql(self._statement(connection), dict(values))
        return int(result.scalar_one()) if self._numbered else 0

    def _statement(self, connection: Connection) -> str:
        name = connection.dialect.name
        if name not in self._statements:
            made = insert(self._table)
            if self._numbered and name != "sqlite":
                made = made.returning(self._table.c.seq)
            compiled = made.compile(dialect=connection.dialect, column_keys=self._names)
            self._statements[name] = str(compiled)
        return self._statements[name]
