"""A copy of an SQLite store while it is in use (sqlite.org/backup.html)."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from service.sqlite import StoreError, driver
from service.store.database import address_of

_PAGES = 1_000  # copied between two chances for the server to write


def back_up(database: str, to: Path) -> int:
    """Copy ``database`` to ``to``; how many pages that is.

    Raises StoreError for PostgreSQL, which has its own means, for a file that is there already, and for a copy that is
    not whole.
    """
    address = address_of(database)
    if not isinstance(address, Path):
        raise StoreError(f"{address.render_as_string()} is PostgreSQL; use pg_dump, or its continuous archiving")
    if not address.is_file():
        raise StoreError(f"{address} is not there; name the store with --database")
    if to.exists():
        raise StoreError(f"{to} is there already; name another file")
    with closing(driver.connect(f"file:{address}?mode=ro", uri=True)) as source, closing(driver.connect(to)) as copy:
        source.backup(copy, pages=_PAGES, sleep=0.01)
        said = copy.execute("PRAGMA integrity_check").fetchone()[0]
        if said != "ok":
            raise StoreError(f"the copy {to} is not whole ({said}); look at the store with: copytaster doctor")
        pages: int = copy.execute("PRAGMA page_count").fetchone()[0]
    return pages
