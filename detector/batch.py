"""All verified matches among the items of a collection, over any number of processes.

Texts are read in the workers; what looks like what is settled here, in order; and the pairs are verified in the workers
again, each chunk of later items by itself.
"""

from __future__ import annotations

import tempfile
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from detector.dedup.collection import Columns, Gathering
from detector.dedup.earlier import Asked, earlier, load_earlier
from detector.dedup.neighbours import neighbours
from detector.pairs import Book, Known, Texts, Wanted, read_some, verified, write_known
from detector.records import UNASSESSED, CleanText, Examined, Item, Match
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
    with Workers(workers, start, preload=readiness(as_is=as_is)) as pool:
        given = deque[list[Item]]()
        read = pool.map(read_some, _chunked(items, given, as_is=as_is))
        return find_among(((given.popleft(), texts) for texts in read), policy, pool, copies_only=copies_only)


def readiness(*, as_is: bool) -> tuple[str, ...]:
    """The modules that make a process ready for the work of ``find_duplicates``."""
    return ("detector.ready.matching",) if as_is else ("detector.ready.cleaning", "detector.ready.matching")


def start() -> None:
    """Nothing: finding this function brings what the work needs."""


def _chunked(items: Iterable[Item], given: deque[list[Item]], *, as_is: bool) -> Iterator[tuple[list[Item], bool]]:
    for some in chunks(items, lambda item: len(item.body)):
        given.append(some)
        yield some, as_is


def find_among(
    read: Iterable[tuple[Sequence[Item | None], Texts]], policy: Policy, pool: Workers, *, copies_only: bool
) -> list[Match]:
    """``find_duplicates`` of items that come in with their texts; where there is None for one, its text is passed over.

    No item is kept, so that an archive's need not be in memory.
    """
    with _folder(pool.number) as folder:
        if folder:
            load_earlier()  # while the other processes read the first texts
        gathered = _Gathered(folder)
        for items, texts in read:
            gathered.add(items, texts, policy)
        columns = gathered.columns.finish()
        wanted = _wanted(gathered)
        if not copies_only:
            wanted = _with_neighbours(wanted, gathered.known, columns)
        if folder:
            write_known(gathered.known, folder)
        book = folder or Book(gathered.known, columns)
        work = ((book, some, copies_only) for some in chunks(wanted, lambda _: 0))
        return [match for found in pool.map(verified, work) for match in found]


@contextmanager
def _folder(workers: int) -> Iterator[Path | None]:
    """Where what all processes look at lies in files that each of them maps; none for a single process."""
    if workers == 1:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="copytaster-") as name:
        yield Path(name)


class _Asking(NamedTuple):
    """What an item asks for among those before it."""

    order: tuple[Any, ...]  # by which the policy sorts
    place: int
    since: datetime | None  # nothing before
    limit: int  # candidates at most
    least: float  # confidence of a copy that a verdict acts on


class _Gathered:
    """What the processes read so far."""

    def __init__(self, folder: Path | None) -> None:
        self.known: list[Known] = []
        self.asking: list[_Asking] = []
        self.bands: list[NDArray[np.uint32]] = []
        self.passages: list[NDArray[np.uint32]] = []
        self.sizes: list[Longs] = []  # passages of each item
        self.columns = Gathering(folder)

    def add(self, items: Sequence[Item | None], read: Texts, policy: Policy) -> None:
        """Some items and their texts."""
        texts, digests = read.part.texts, read.part.digests
        for item, title, linked, text, digest in zip(items, read.titles, read.linked, texts, digests, strict=True):
            if item is None:
                self.known.append(_NOBODY)
                continue
            if digest:
                examined = Examined(item, CleanText(title, (text,)), None, UNASSESSED, {})
                self.asking.append(_asking(examined, len(self.known), policy))
            self.known.append(Known(item.id, title, item.url, item.source, item.published, digest, linked))
        self.bands.append(read.part.bands)
        self.passages.append(read.part.passages)
        self.sizes.append(read.part.sizes[:, 2])
        self.columns.add(read.part)


_NOBODY = Known("", "", None, None, None, "", ())


def _asking(examined: Examined, place: int, policy: Policy) -> _Asking:
    item, here = examined.item, policy.applied_to(examined.item)
    since = here.look_back_from(item.published)
    order = policy.order(examined)
    return _Asking(order, place, since, here.candidates, here.possible_score)


def _wanted(gathered: _Gathered) -> Iterator[Wanted]:
    """Which earlier items each one is to be compared with, in order, as an index would propose them."""
    asking = sorted(gathered.asking, key=lambda one: one.order)
    if not asking:
        return
    places = np.array([one.place for one in asking], np.int64)
    sizes = np.concatenate(gathered.sizes)
    passages = np.split(np.concatenate(gathered.passages), np.cumsum(sizes)[:-1])
    known = [gathered.known[one.place] for one in asking]
    same, until = replaced([one.item_id for one in known], [one.digest for one in known])
    asked = Asked(
        np.concatenate(gathered.bands)[places],
        np.concatenate([passages[place] for place in places]),
        sizes[places],
        np.array([np.inf if one.published is None else one.published.timestamp() for one in known], np.float64),
        np.array([-np.inf if one.since is None else one.since.timestamp() for one in asking], np.float64),
        np.array([one.limit for one in asking], np.int64),
        same,
        until,
    )
    for one, others in zip(asking, earlier(asked), strict=True):
        yield Wanted(one.place, places[others], one.since, one.least)


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


def _with_neighbours(wanted: Iterable[Wanted], known: Sequence[Known], columns: Columns) -> Iterator[Wanted]:
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


def _is_since(one: Known, since: datetime | None) -> bool:
    return since is None or one.published is None or one.published >= since
