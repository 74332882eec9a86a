"""Stored articles in and out, whatever they are stored in.

``find_sources`` recognises what each path or URL is; ``read`` streams its rows, and ``shards`` or ``cuts`` with
``read_shard`` let several processes read one archive; ``parse``, which is pure, makes an item of a row or says why
there is none.
"""

from detector.archive.formats.mapping import USUAL, FieldMapping
from detector.archive.formats.registry import (
    FORMATS,
    cuts,
    find_sources,
    fingerprint,
    format_of,
    read,
    read_shard,
    shards,
)
from detector.archive.formats.rows import Quarantined, RawRow, Row, parse
from detector.archive.formats.source import Fate, Shard, Source

__all__ = [
    "FORMATS",
    "USUAL",
    "Fate",
    "FieldMapping",
    "Quarantined",
    "RawRow",
    "Row",
    "Shard",
    "Source",
    "cuts",
    "find_sources",
    "fingerprint",
    "format_of",
    "parse",
    "read",
    "read_shard",
    "shards",
]
