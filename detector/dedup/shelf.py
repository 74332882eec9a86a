"""What an index keeps of its items: the last ones as they are, the others compressed.

A sketch is made again from its text when it is asked for, in some ten microseconds for newswire; to keep its shingles
would take more room than the text does.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass
from datetime import datetime

from detector.dedup.normalise import tokenise
from detector.dedup.sketch import Sketching, sketch
from detector.records import Sketch

WARM = 2_000_000  # tokens in entries that are kept as they are; the same again in those that are about to be forgotten


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


class Shelf:
    """Entries by their place, which is a whole number that grows by one with each."""

    def __init__(self, sketching: Sketching, *, warm: int | None = None) -> None:
        self._sketching = sketching
        self._warm = WARM if warm is None else warm
        self._records: list[bytes] = []  # empty for an entry that has always been warm
        self._young: dict[int, Entry] = {}  # added or asked for since it was empty
        self._old: dict[int, Entry] = {}  # the generation before
        self._tokens = 0  # in the young ones

    def __len__(self) -> int:
        return len(self._records)

    def add(self, entry: Entry) -> None:
        """Put ``entry`` behind the others."""
        self._keep_warm(len(self._records), entry)
        self._records.append(b"")

    def __getitem__(self, place: int) -> Entry:
        entry = self._young.get(place)
        if entry is None:
            entry = self._old.get(place) or self._read(self._records[place])
            self._keep_warm(place, entry)
        return entry

    def _keep_warm(self, place: int, entry: Entry) -> None:
        if self._tokens >= self._warm:
            for left, forgotten in self._old.items():
                if not self._records[left]:
                    self._records[left] = _written(forgotten)
            self._old, self._young, self._tokens = self._young, {}, 0
        self._young[place] = entry
        self._tokens += entry.sketch.tokens + _OVERHEAD

    def _read(self, record: bytes) -> Entry:
        values = json.loads(zlib.decompress(record, -zlib.MAX_WBITS).decode("utf-8", "surrogatepass"))
        item_id, text, kept, title, url, source, published = values
        moment = datetime.fromisoformat(published) if published else None
        return Entry(item_id, text, sketch(tokenise(text), self._sketching), kept, title, url, source, moment)


_OVERHEAD = 100  # tokens' worth of objects around an entry


def _written(entry: Entry) -> bytes:
    published = entry.published.isoformat() if entry.published else None
    values = (entry.item_id, entry.text, entry.kept, entry.title, entry.url, entry.source, published)
    written = json.dumps(values, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return zlib.compress(written, wbits=-zlib.MAX_WBITS)
