"""What worker processes do for ``find_duplicates``: read texts, and compare some with those that came before.

A process that takes texts as they are, or compares those that were read, does not load the cleaner.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from detector.asides import Asides, asides_among, linked_in
from detector.clean.plain import text_as_it_is
from detector.dedup.bands import Entry
from detector.dedup.collection import lay, map_arrays, write_arrays
from detector.dedup.earlier import Filed, earlier, file_keys
from detector.dedup.kinds import Matching
from detector.dedup.match import Candidate, copies, matches
from detector.dedup.neighbours import neighbours
from detector.dedup.parts import Part
from detector.dedup.shortlist import Compared, shortlists
from detector.dedup.sketching import Sketching
from detector.gathering import Collection, Known, Texts, microseconds, open_collection
from detector.policy import Policy
from detector.records import UNASSESSED, CleanText, Examined, Item, Match, Sketch

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]


def read_texts(items: Sequence[Item], policy: Policy, folder: Path | None, *, as_is: bool) -> Texts:
    """Clean and read the texts of ``items``, or read them as they are; columns go to ``folder`` where there is one."""
    texts = [
        text_as_it_is(item.body, item.title) if as_is and item.media_type == "text/plain" else _cleaned(item)
        for item in items
    ]
    part = Part.of([text.text for text in texts])
    known = Known(
        [item.id for item in items],
        [text.title for text in texts],
        [item.url for item in items],
        [item.source for item in items],
        [linked_in(text) for text in texts],
        part.digests,
        np.array([microseconds(item.published) for item in items], np.int64),
    )
    rules = [policy.applied_to(item) for item in items]
    since = [rule.look_back_from(item.published) for rule, item in zip(rules, items, strict=True)]
    return Texts(
        known,
        [policy.order(Examined(*read, None, UNASSESSED)) for read in zip(items, texts, strict=True)],
        np.array([-math.inf if moment is None else moment.timestamp() for moment in since], np.float64),
        np.array([rule.candidates for rule in rules], np.int64),
        np.array([rule.possible_score for rule in rules], np.float64),
        lay(part.columns, part.sizes, folder),
    )


def _cleaned(item: Item) -> CleanText:
    from detector.pipeline import read_text  # noqa: PLC0415  # brings the cleaner, which clean texts do not need

    return read_text(item)


class Book:
    """A collection whose entries are made as they are asked for: most never are."""

    def __init__(self, collection: Collection, filed: Filed, near: Ints | None) -> None:
        self.known, self.columns, self.order = collection
        self.filed, self.near = filed, near
        self._entries: dict[int, Entry] = {}

    def __getitem__(self, place: int) -> Entry:
        entry = self._entries.get(place)
        if entry is None:
            if len(self._entries) == _MADE:
                self._entries.clear()
            entry = self._entries[place] = self._made(place)
        return entry

    def _made(self, place: int) -> Entry:
        """An entry to verify, which is a matter of its text and its shingles: it was looked up before."""
        known, (first, behind) = self.known, self.columns.tokens[place].tolist()
        shingles = self.columns.shingles_of(place)
        digest = known.digests[place]
        sketch = Sketch(_HEADER, digest, behind - first, shingles, signature=_NOTHING, passages=_NOTHING)
        return Entry(
            known.ids[place], self.columns.text(place), sketch, True, known.titles[place], known.urls[place],
            known.sources[place], known.date(place),
        )  # fmt: skip

    def later(self, place: int) -> Entry:
        """An item that is compared with earlier ones: with its asides, of which nobody else is asked."""
        return replace(self[place], asides=self.asides(place))

    def asides(self, place: int) -> Asides:
        """Where an item's text tells nothing of its own."""
        return asides_among(self.columns.text(place), self.known.linked[place])

    def candidates(self, first: int, behind: int) -> tuple[Longs, Longs]:
        """What an index would propose to each of some items of the order, as ``earlier`` gives it."""
        return earlier(self.columns, self.order, self.filed, first, behind)

    def neighbours(self, at: int, among: Iterable[int]) -> list[int]:
        """The nearest by rare shingles of an item of the order that are none of those, nor of the same id as one."""
        if self.near is None:
            return []
        ids = {self.known.ids[place] for place in among}
        found = self.near[at]
        found = found[found >= 0]
        recent = found[self.order.moments[found] >= self.order.since[at]]
        return [place for place in self.order.places[recent].tolist() if self.known.ids[place] not in ids]


_MADE = 20_000  # entries that are kept: some 100 MB of newswire
_HEADER = Sketching().header
_NOTHING = np.zeros(0, np.uint32)
_NEAR = "near.npy"


def file_collection(shared: Collection | Path, *, copies_only: bool) -> Book | Path:
    """File all items under what they are found by; in a folder, for other processes as well."""
    collection = open_collection(shared) if isinstance(shared, Path) else shared
    filed = file_keys(collection.columns, collection.order)
    near = None if copies_only else _nearest(collection)
    if not isinstance(shared, Path):
        return Book(collection, filed, near)
    write_arrays(filed, shared)
    if near is not None:
        np.save(shared / _NEAR, near)
    return shared


def _nearest(collection: Collection) -> Ints:
    shingles = [collection.columns.shingles_of(place) for place in collection.order.places.tolist()]
    return neighbours(shingles)


@lru_cache(maxsize=1)
def _opened(folder: Path) -> Book:
    near = np.load(folder / _NEAR) if (folder / _NEAR).exists() else None
    return Book(open_collection(folder), map_arrays(Filed, folder), near)


def verified(shared: Book | Path, first: int, behind: int, *, copies_only: bool) -> list[Match]:
    """The matches of some items of the order, or no more than the copies that a verdict acts on."""
    book = _opened(shared) if isinstance(shared, Path) else shared
    if copies_only:
        return list(_copies(book, first, behind))
    others, ends = book.candidates(first, behind)
    found: list[Match] = []
    for at, own in zip(range(first, behind), np.split(others, ends[:-1]), strict=True):
        among = own.tolist()
        near = [book[place] for place in [*among, *book.neighbours(at, among)]]
        found += matches(book.later(int(book.order.places[at])), near, related=True)
    return found


def _copies(book: Book, first: int, behind: int) -> Iterator[Match]:
    places, matching = book.order.places[first:behind], Matching()
    others, ends = book.candidates(first, behind)
    asked = Compared(places, others, ends)
    for at, likely in shortlists(book.columns, asked, lambda at: bool(book.asides(int(places[at]))), matching):
        near = [Candidate(book[other], shared) for other, shared in likely]
        among = _Among(book, others[ends[at - 1] if at else 0 : ends[at]].tolist())
        found = copies(book.later(int(places[at])), near, among, matching)
        yield from (match for match in found if match.score >= book.order.least[first + at])


class _Among:
    """Items of a book as a feed, of which most are never made entries."""

    def __init__(self, book: Book, places: list[int]) -> None:
        self._book, self._places = book, places

    @cached_property
    def shingles(self) -> tuple[NDArray[np.uint32], Longs]:
        """See ``Feed``."""
        shingles = list(map(self._book.columns.shingles_of, self._places))
        return np.concatenate(shingles), np.cumsum([own.size for own in shingles])
