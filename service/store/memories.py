"""What each source repeats, between one start of the service and the next."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from service.tables import source_memories, versions


@dataclass(frozen=True, slots=True)
class Counted:
    """The counts of a source up to a version."""

    source: str
    upto: int  # versions.seq
    items: int
    counts: bytes  # 32-bit whole numbers, little endian


def counted(connection: Connection, source: str) -> Counted | None:
    """The counts of a source, as they were last written."""
    row = connection.execute(select(source_memories).where(source_memories.c.source == source)).one_or_none()
    return None if row is None else Counted(row.source, row.upto, row.items, zlib.decompress(row.counts))


def write(connection: Connection, counted: Counted) -> None:
    """Keep the counts of a source in place of those before."""
    connection.execute(delete(source_memories).where(source_memories.c.source == counted.source))
    values: dict[str, Any] = {"source": counted.source, "upto": counted.upto, "items": counted.items}
    connection.execute(insert(source_memories).values(values | {"counts": zlib.compress(counted.counts, 1)}))


def lines_since(connection: Connection, source: str, upto: int) -> list[tuple[int, list[str]]]:
    """Number and paragraphs of each version of a source after one, those included that the source repeats."""
    query = select(versions.c.seq, versions.c.text, versions.c.repeated)
    query = query.where(versions.c.source == source, versions.c.seq > upto).order_by(versions.c.seq)
    return [(row.seq, paragraphs(row.text, row.repeated)) for row in connection.execute(query)]


def paragraphs(text: str, repeated: str) -> list[str]:
    """The paragraphs of a stored text, and those that were taken out because its source repeats them."""
    return [*(text.split("\n\n") if text else ()), *(json.loads(repeated) if repeated else ())]
