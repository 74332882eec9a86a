"""An archive in shards, which hang on the input alone: rows that are read together, by whoever has time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, groupby, zip_longest

from detector.archive.formats import RawRow, Shard, Source, cuts, read_shard
from detector.workers import chunks

_ROWS, _BYTES = 512, 8 << 20  # of a shard, at most


def pieces(sources: Sequence[Source]) -> list[Shard]:
    """The sources in pieces: such as a worker reads itself, and whole sources."""
    return cuts(sources, _BYTES, _ROWS)


def count(pieces: Sequence[Shard]) -> int:
    """How many rows there are in some pieces; a line without an item may count where it need not be read to be cut."""
    rows = 0
    for piece, following in zip_longest(pieces, pieces[1:]):
        is_followed = following is not None and following.source is piece.source
        rows += following.before - piece.before if is_followed else sum(1 for _ in read_shard(piece))
    return rows


def cut(pieces: Iterable[Shard]) -> Iterator[Shard | list[RawRow]]:
    """The rows in shards, which hang on the input alone: themselves, or where a worker finds them."""
    for is_whole, some in groupby(pieces, key=lambda piece: piece.is_whole):
        if is_whole:
            rows = chain.from_iterable(map(read_shard, some))
            yield from chunks(rows, lambda raw: len(raw.data), _ROWS, _BYTES)
        else:
            yield from some
