"""What worker processes do for ``find_duplicates``: read texts, and compare some with those that came before.

A process that takes texts as they are, or compares those that were read, does not load the cleaner.
"""

from __future__ import annotations

import pickle  # nosec B403  # what is read was written by this run, in a folder of its own
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from detector.asides import Asides, asides_among, linked_in
from detector.clean.plain import text_as_it_is
from detector.dedup import Entry, Sketching, matches
from detector.dedup.collection import Columns, map_columns
from detector.dedup.kinds import Matching
from detector.dedup.match import Candidate, copies
from detector.dedup.parts import Part
from detector.dedup.shortlist import shortlists
from detector.records import CleanText, Item, Match, Sketch

Longs = NDArray[np.int64]


def read_some(work: tuple[list[Item], bool]) -> Texts:
    """The texts of some items; with True beside them, plain texts as they are."""
    items, as_is = work
    return Texts.of(items, as_is=as_is)


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of some items, as one process reads them."""

    titles: list[str]
    linked: list[Asides]  # where each has nothing but links
    part: Part

    @classmethod
    def of(cls, items: Sequence[Item], *, as_is: bool) -> Texts:
        """Clean and read the texts of ``items``, or read them as they are."""
        read = [
            text_as_it_is(item.body, item.title) if as_is and item.media_type == "text/plain" else _cleaned(item)
            for item in items
        ]
        part = Part.of([text.text for text in read])
        return cls([text.title for text in read], [linked_in(text) for text in read], part)


def _cleaned(item: Item) -> CleanText:
    from detector.pipeline import read_text  # noqa: PLC0415  # brings the cleaner, which clean texts do not need

    return read_text(item)


class Known(NamedTuple):
    """What is known of an item besides its text."""

    item_id: str
    title: str
    url: str | None
    source: str | None
    published: datetime | None
    digest: str
    linked: Asides


class Book:
    """Items by their places, made as they are asked for: most never are."""

    def __init__(self, known: list[Known], columns: Columns) -> None:
        self.known, self.columns = known, columns
        self._entries: dict[int, Entry] = {}

    def __getitem__(self, place: int) -> Entry:
        entry = self._entries.get(place)
        if entry is None:
            entry = self._entries[place] = self._made(place)
        return entry

    def _made(self, place: int) -> Entry:
        """An entry to verify, which is a matter of its text and its shingles: it was looked up before."""
        one, (first, behind) = self.known[place], self.columns.tokens[place : place + 2].tolist()
        shingles = self.columns.shingles_of(place)
        sketch = Sketch(_HEADER, one.digest, behind - first, shingles, signature=_NOTHING, passages=_NOTHING)
        text = self.columns.text(place)
        return Entry(one.item_id, text, sketch, True, one.title, one.url, one.source, one.published)

    def later(self, place: int) -> Entry:
        """An item that is compared with earlier ones: with its asides, of which nobody else is asked."""
        return replace(self[place], asides=self.asides(place))

    def asides(self, place: int) -> Asides:
        """Where an item's text tells nothing of its own."""
        return asides_among(self.columns.text(place), self.known[place].linked)


_HEADER = Sketching().header
_NOTHING = np.zeros(0, np.uint32)


class Wanted(NamedTuple):
    """The place of an item, those that it is compared with, and from which confidence on a copy counts."""

    place: int
    others: Longs
    since: datetime | None
    least: float


_KNOWN = "known"


def write_known(known: list[Known], folder: Path) -> None:
    """Put what is known of the items beside their columns."""
    (folder / _KNOWN).write_bytes(pickle.dumps(known, pickle.HIGHEST_PROTOCOL))


@lru_cache(maxsize=1)
def _opened(folder: Path) -> Book:
    # Written by this user's own process a moment ago, in a folder that nobody else may enter.
    known = pickle.loads((folder / _KNOWN).read_bytes())  # noqa: S301  # nosec B301
    return Book(known, map_columns(folder))


def verified(work: tuple[Book | Path, list[Wanted], bool]) -> list[Match]:
    """The matches of some items, or no more than the copies that a verdict acts on."""
    shared, wanted, copies_only = work
    book = _opened(shared) if isinstance(shared, Path) else shared
    if copies_only:
        return list(_copies(book, [one for one in wanted if one.others.size]))
    return [
        match
        for one in wanted
        for match in matches(book.later(one.place), [book[other] for other in one.others.tolist()], related=True)
    ]


def _copies(book: Book, wanted: Sequence[Wanted]) -> Iterator[Match]:
    if not wanted:
        return
    pairs = [(one.place, one.others) for one in wanted]
    matching = Matching()
    for at, likely in shortlists(book.columns, pairs, lambda at: bool(book.asides(wanted[at].place)), matching):
        one = wanted[at]
        near = [Candidate(book[other], shared) for other, shared in likely]
        found = copies(book.later(one.place), near, _Some(book, one.others.tolist()), matching)
        yield from (match for match in found if match.score >= one.least)


class _Some(Iterable[Entry]):
    """Some items of a book, for whoever asks for them: hardly anybody does."""

    def __init__(self, book: Book, places: list[int]) -> None:
        self._book, self._places = book, places

    def __iter__(self) -> Iterator[Entry]:
        return map(self._book.__getitem__, self._places)
