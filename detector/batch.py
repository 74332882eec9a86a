"""All verified matches among the items of a collection, over any number of processes.

Texts are read in the workers; what looks like what is settled here, in order; and the pairs are verified in the workers
again, each chunk of later items by itself.
"""

from __future__ import annotations

import pickle  # nosec B403  # what is read was written by this run, in a folder of its own
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from detector.asides import Asides, asides_among, linked_in
from detector.clean import text_as_it_is
from detector.dedup import Entry, Sketching, matches
from detector.dedup.collection import Columns, Gathering, map_columns
from detector.dedup.earlier import Asked, earlier, load_earlier
from detector.dedup.kinds import Matching
from detector.dedup.match import Candidate, copies
from detector.dedup.neighbours import neighbours
from detector.dedup.parts import Part
from detector.dedup.shortlist import shortlists
from detector.pipeline import UNASSESSED, look_back_from, read_text
from detector.records import CleanText, Examined, Item, Match, Sketch
from detector.verdict import Policy
from detector.workers import Workers, chunks

Longs = NDArray[np.int64]


def find_duplicates(
    items: Iterable[Item],
    policy: Policy | None = None,
    *,
    workers: int = 1,
    copies_only: bool = False,
    as_is: bool = False,
) -> list[Match]:
    """Verified matches of every kind among ``items``, the later item of each pair first.

    Items are gone through in the policy's order, and each is compared with all earlier ones, whatever would be
    decided of those; ``Match.is_duplicate`` tells which matches a verdict acts on. Besides what an index proposes, the
    nearest by rare shingles are looked at: only so is a text found that was told again in other words (``related``).
    With several ``workers``, processes share the work; what is found is the same.

    ``copies_only`` gives no more than what a verdict would act on among what an index proposes: duplicates of at least
    ``policy.possible_score``. That takes a fraction of the time. ``as_is`` takes each plain text for clean: nothing of
    it goes as furniture, and no line of it becomes the title. Web pages are cleaned all the same.
    """
    policy = policy or Policy()
    with Workers(workers, _start, preload=readiness(as_is=as_is)) as pool:
        load_earlier()  # while the processes start
        given: list[Item] = []
        read = pool.map(_read, _chunked(items, given, as_is=as_is))
        return find_among(given, read, policy, pool, copies_only=copies_only)


def readiness(*, as_is: bool) -> tuple[str, ...]:
    """The modules that make a process ready for the work of ``find_duplicates``."""
    return ("detector.ready.matching",) if as_is else ("detector.ready.cleaning", "detector.ready.matching")


def _start() -> None:
    """Nothing: finding this function brings what the work needs."""


def _chunked(items: Iterable[Item], given: list[Item], *, as_is: bool) -> Iterator[tuple[list[Item], bool]]:
    for some in chunks(items, lambda item: len(item.body)):
        given += some
        yield some, as_is


def _read(work: tuple[list[Item], bool]) -> Texts:
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
            text_as_it_is(item.body, item.title) if as_is and item.media_type == "text/plain" else read_text(item)
            for item in items
        ]
        part = Part.of([text.text for text in read])
        return cls([text.title for text in read], [linked_in(text) for text in read], part)


class _Known(NamedTuple):
    """What is known of an item besides its text."""

    item_id: str
    title: str
    url: str | None
    source: str | None
    published: datetime | None
    digest: str
    linked: Asides


class _Book:
    """Items by their places, made as they are asked for: most never are."""

    def __init__(self, known: list[_Known], columns: Columns) -> None:
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


def find_among(
    items: Sequence[Item | None], read: Iterable[Texts], policy: Policy, pool: Workers, *, copies_only: bool
) -> list[Match]:
    """``find_duplicates`` of items whose texts come in as they were read, in the order of ``items``.

    ``items`` may grow while ``read`` is gone through; where there is None, the text is passed over.
    """
    with _folder(pool.number) as folder:
        gathered = _Gathered(folder)
        for some in read:
            gathered.add(items[len(gathered.known) :], some, policy)
        columns = gathered.columns.finish()
        wanted = _wanted(gathered)
        if not copies_only:
            wanted = _with_neighbours(wanted, gathered.known, columns)
        if folder:
            (folder / _KNOWN).write_bytes(pickle.dumps(gathered.known, pickle.HIGHEST_PROTOCOL))
        book = folder or _Book(gathered.known, columns)
        work = ((book, some, copies_only) for some in chunks(wanted, lambda _: 0))
        return [match for found in pool.map(_verified, work) for match in found]


@contextmanager
def _folder(workers: int) -> Iterator[Path | None]:
    """Where what all processes look at lies in files that each of them maps; none for a single process."""
    if workers == 1:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="copytaster-") as name:
        yield Path(name)


_KNOWN = "known"


class _Asking(NamedTuple):
    """What an item asks for among those before it."""

    order: tuple[Any, ...]  # by which the policy sorts
    place: int
    item_id: str
    published: datetime | None
    since: datetime | None  # nothing before
    limit: int  # candidates at most
    least: float  # confidence of a copy that a verdict acts on


class _Gathered:
    """What the processes read so far."""

    def __init__(self, folder: Path | None) -> None:
        self.known: list[_Known] = []
        self.asking: list[_Asking] = []
        self.bands: list[NDArray[np.uint32]] = []
        self.passages: list[NDArray[np.uint32]] = []
        self.sizes: list[Longs] = []  # passages of each item
        self.columns = Gathering(folder)

    def add(self, items: Sequence[Item | None], read: Texts, policy: Policy) -> None:
        """Some texts, and the items that they belong to: those that stand first in ``items``."""
        texts, digests = read.part.texts, read.part.digests
        for item, title, linked, text, digest in zip(items, read.titles, read.linked, texts, digests, strict=False):
            if item is None:
                self.known.append(_NOBODY)
                continue
            if digest:
                examined = Examined(item, CleanText(title, (text,)), None, UNASSESSED, {})
                self.asking.append(_asking(examined, len(self.known), policy))
            self.known.append(_Known(item.id, title, item.url, item.source, item.published, digest, linked))
        self.bands.append(read.part.bands)
        self.passages.append(read.part.passages)
        self.sizes.append(read.part.sizes[:, 2])
        self.columns.add(read.part)


_NOBODY = _Known("", "", None, None, None, "", ())


def _asking(examined: Examined, place: int, policy: Policy) -> _Asking:
    item, here = examined.item, policy.applied_to(examined.item)
    since = look_back_from(item.published, here)
    order = policy.order(examined)
    return _Asking(order, place, item.id, item.published, since, here.candidates, here.possible_score)


class _Wanted(NamedTuple):
    """The place of an item, those that it is compared with, and from which confidence on a copy counts."""

    place: int
    others: Longs
    since: datetime | None
    least: float


def _wanted(gathered: _Gathered) -> Iterator[_Wanted]:
    """Which earlier items each one is to be compared with, in order, as an index would propose them."""
    asking = sorted(gathered.asking, key=lambda one: one.order)
    if not asking:
        return
    places = np.array([one.place for one in asking], np.int64)
    sizes = np.concatenate(gathered.sizes)
    passages = np.split(np.concatenate(gathered.passages), np.cumsum(sizes)[:-1])
    same, until = replaced([one.item_id for one in asking], [gathered.known[place].digest for place in places])
    asked = Asked(
        np.concatenate(gathered.bands)[places],
        np.concatenate([passages[place] for place in places]),
        sizes[places],
        np.array([np.inf if one.published is None else one.published.timestamp() for one in asking], np.float64),
        np.array([-np.inf if one.since is None else one.since.timestamp() for one in asking], np.float64),
        np.array([one.limit for one in asking], np.int64),
        same,
        until,
    )
    for one, others in zip(asking, earlier(asked), strict=True):
        yield _Wanted(one.place, places[others], one.since, one.least)


def replaced(ids: Sequence[str], digests: Sequence[str]) -> tuple[Longs, Longs]:
    """As in ``Asked``: which item stood under the id of each, and which one took the place of each."""
    same, until = np.full(len(ids), -1), np.full(len(ids), len(ids))
    standing: dict[str, int] = {}
    for place, item_id in enumerate(ids):
        before = standing.get(item_id)
        if before is not None:
            same[place] = before
            if digests[before] == digests[place]:
                until[place] = place
                continue
            until[before] = place
        standing[item_id] = place
    return same, until


def _with_neighbours(wanted: Iterable[_Wanted], known: Sequence[_Known], columns: Columns) -> Iterator[_Wanted]:
    """The same, and behind them the nearest by rare shingles that are among no candidates."""
    proposed = list(wanted)
    places = np.array([one.place for one in proposed], np.int64)
    near = neighbours([columns.shingles_of(one.place) for one in proposed])
    for one, found in zip(proposed, near, strict=True):
        ids = {known[other].item_id for other in one.others.tolist()}
        more = [
            other
            for other in places[found[found >= 0]].tolist()
            if known[other].item_id not in ids and _is_since(known[other], one.since)
        ]
        yield one._replace(others=np.append(one.others, np.array(more, np.int64)))


def _is_since(one: _Known, since: datetime | None) -> bool:
    return since is None or one.published is None or one.published >= since


@lru_cache(maxsize=1)
def _opened(folder: Path) -> _Book:
    # Written by this user's own process a moment ago, in a folder that nobody else may enter.
    known = pickle.loads((folder / _KNOWN).read_bytes())  # noqa: S301  # nosec B301
    return _Book(known, map_columns(folder))


def _verified(work: tuple[_Book | Path, list[_Wanted], bool]) -> list[Match]:
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


def _copies(book: _Book, wanted: Sequence[_Wanted]) -> Iterator[Match]:
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

    def __init__(self, book: _Book, places: list[int]) -> None:
        self._book, self._places = book, places

    def __iter__(self) -> Iterator[Entry]:
        return map(self._book.__getitem__, self._places)
