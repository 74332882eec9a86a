"""What an index keeps of its items: the last ones as they are, the others compressed.

A sketch is made again from its text when it is asked for, in some ten microseconds for newswire; to keep its shingles
would take more room than the text does. Texts as short as a newswire item hold too little to be compressed well alone:
those that are put away together share a dictionary made of a few of them, which saves a fifth.
"""

from __future__ import annotations

import json
import zlib
from array import array
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from detector.dedup.normalise import tokenise
from detector.dedup.room import room
from detector.dedup.sketching import Sketching, sketch
from detector.records import Sketch

WARM = 400_000  # tokens in entries that are kept as they are; the same again in those that are about to be forgotten
_DICTIONARY = 1 << 14  # bytes of what a volume of records has in common
_WORTH = 16  # times its size must be put away for a new dictionary; less is put away with the last one


@dataclass(frozen=True, slots=True)
class Entry:
    """What an index keeps of an item that was admitted: all that a later one is compared with."""

    item_id: str
    text: str  # cleaned
    sketch: Sketch
    kept: bool  # not rejected: only such an item can make another a duplicate
    title: str = ""
    url: str | None = None
    source: str | None = None
    published: datetime | None = None
    # Where the text tells nothing of its story, in characters. Asked of the later item of two, so no index keeps it.
    asides: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class _Volume:
    """Records that were put away together."""

    records: NDArray[np.uint8]  # one behind the other
    dictionary: bytes  # what each of them was compressed with


class Shelf:
    """Entries by their place, which is a whole number that grows by one with each."""

    def __init__(self, sketching: Sketching, *, warm: int | None = None) -> None:
        self._sketching = sketching
        self._warm = WARM if warm is None else warm
        self._volumes: list[_Volume] = []
        self._starts = array("q", [0])  # of each volume, counted in bytes over all of them, and of the next one
        self._records = array("q")  # where an entry's record begins, counted likewise; -1 while it has always been warm
        self._sizes = array("I")  # its bytes
        self._young: dict[int, Entry] = {}  # added or asked for since it was empty
        self._old: dict[int, Entry] = {}  # the generation before
        self._tokens = 0  # in the young ones

    def __len__(self) -> int:
        return len(self._records)

    def add(self, entry: Entry) -> None:
        """Put ``entry`` behind the others."""
        self._keep_warm(len(self._records), entry)
        self._records.append(-1)
        self._sizes.append(0)

    def __getitem__(self, place: int) -> Entry:
        entry = self._young.get(place)
        if entry is None:
            entry = self._old.get(place) or self._read(place)
            self._keep_warm(place, entry)
        return entry

    def _keep_warm(self, place: int, entry: Entry) -> None:
        if self._tokens >= self._warm:
            self._put_away([left for left in self._old if self._records[left] < 0])
            self._old, self._young, self._tokens = self._young, {}, 0
        self._young[place] = entry
        self._tokens += entry.sketch.tokens + _OVERHEAD

    def _put_away(self, places: list[int]) -> None:
        """Write a volume of the entries that are warm no longer."""
        if not places:
            return
        written = [_written(self._old[place]) for place in places]
        dictionary = self._dictionary(written)
        primed = zlib.compressobj(wbits=-zlib.MAX_WBITS, zdict=dictionary)
        at = self._starts[-1]
        records = []
        for place, plain in zip(places, written, strict=True):
            packer = primed.copy()
            records.append(packer.compress(plain) + packer.flush())
            self._records[place], self._sizes[place] = at, len(records[-1])
            at += len(records[-1])
        written_down = room(at - self._starts[-1], np.uint8)
        written_down[:] = np.frombuffer(b"".join(records), np.uint8)
        self._volumes.append(_Volume(written_down, dictionary))
        self._starts.append(at)

    def _dictionary(self, written: Sequence[bytes]) -> bytes:
        """Some of what is put away, taken evenly from all of it; the last volume's where this one is small."""
        size = sum(map(len, written))
        if self._volumes and size < _WORTH * _DICTIONARY:
            return self._volumes[-1].dictionary
        return b"".join(written[:: max(1, size // _DICTIONARY)])[-_DICTIONARY:]

    def _read(self, place: int) -> Entry:
        number = bisect_right(self._starts, self._records[place]) - 1
        volume, start = self._volumes[number], self._records[place] - self._starts[number]
        reader = zlib.decompressobj(-zlib.MAX_WBITS, volume.dictionary)
        plain = reader.decompress(volume.records[start : start + self._sizes[place]].tobytes())
        item_id, text, kept, title, url, source, published = json.loads(plain.decode("utf-8", "surrogatepass"))
        moment = datetime.fromisoformat(published) if published else None
        return Entry(item_id, text, sketch(tokenise(text), self._sketching), kept, title, url, source, moment)


_OVERHEAD = 100  # tokens' worth of objects around an entry


def _written(entry: Entry) -> bytes:
    published = entry.published.isoformat() if entry.published else None
    values = (entry.item_id, entry.text, entry.kept, entry.title, entry.url, entry.source, published)
    return json.dumps(values, ensure_ascii=False).encode("utf-8", "surrogatepass")
