"""Run by Alembic for each command: the connection is the store's own, and so is the transaction."""

from __future__ import annotations

from alembic import context

from service.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # SQLite changes a table by making it anew.
    render_as_batch=True,
    transactional_ddl=False,
)
context.run_migrations()
