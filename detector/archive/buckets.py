"""Which earlier, kept items share keys with an item? The same answer as ``MemoryIndex``, from sorted files.

A posting is one 64-bit number, a key and below it the place of an item that has it, so that a sorted file of postings
holds each bucket in one piece and in order. All items are in it; which of them stay is a flag each that may change from
one look to the next. Nothing is kept in memory but what was looked at.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from detector.dedup.places import likeliest_first
from detector.jit import leaf

Keys = NDArray[np.uint32]
Ints = NDArray[np.int32]
Wide = NDArray[np.uint64]
Flags = NDArray[np.uint8]

REPRESENTATIVES = 64
_PARTS = 64  # files that postings are spilled to by the first bits of the key, each sorted in memory
_DIRECTORY = 16  # first bits of a key that a directory tells apart
_PIECE = 1 << 22  # postings that are filtered at a time


@dataclass(frozen=True, slots=True)
class Nearest:
    """The earlier items to compare an item with, the likeliest first."""

    places: tuple[int, ...]
    truncated: bool  # a crowded bucket, or the list, was cut


NOTHING_NEAR = Nearest((), truncated=False)


@dataclass(frozen=True, slots=True)
class Since:
    """A look-back: items published at ``earliest`` or later, none of which stands before the place ``first``."""

    earliest: float  # seconds since 1970
    first: int
    moments: NDArray[np.float64]  # of each place, when it was published; infinite for an undated one

    @classmethod
    def at(cls, earliest: float, moments: NDArray[np.float64], latest: NDArray[np.float64]) -> Since:
        """``latest``: the latest of ``moments`` up to each place, which ascends."""
        return cls(earliest, int(np.searchsorted(latest, earliest)), moments)


def postings_of(keys: Keys, place: int) -> Wide:
    """One posting a key, shape (n,)."""
    return keys.astype(np.uint64) << np.uint64(32) | np.uint64(place)


class Spill:
    """Postings on their way to disk: appended in any order to one file for each range of keys."""

    def __init__(self, folder: Path, name: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._name = folder, name
        self._files = [(folder / f"{name}.{part:02d}.part").open("wb") for part in range(_PARTS)]

    def add(self, postings: Wide) -> None:
        """Append some postings."""
        ordered = np.sort(postings)
        firsts = np.arange(1, _PARTS, dtype=np.uint64) << np.uint64(64 - _PARTS.bit_length() + 1)
        for file, piece in zip(self._files, np.split(ordered, np.searchsorted(ordered, firsts)), strict=True):
            file.write(piece.tobytes())

    def sorted(self) -> Path:
        """All whose key another item has too, in one sorted file; most keys of an archive are one item's alone."""
        whole = self._folder / f"{self._name}.postings"
        with whole.open("wb") as out:
            for file in self._files:
                file.close()
                part = Path(file.name)
                out.write(_shared(np.sort(np.fromfile(part, np.uint64))).tobytes())
                part.unlink()
        return whole


def _shared(ordered: Wide) -> Wide:
    """Without the postings that are alone under their key: nobody but their own item could find them."""
    keys = ordered >> np.uint64(32)
    alone = np.ones(keys.size, np.bool_)
    alone[1:] &= keys[1:] != keys[:-1]
    alone[:-1] &= keys[:-1] != keys[1:]
    return ordered[~alone]


def kept_only(postings: Path, kept: Flags, out: Path) -> Path:
    """The postings of kept items alone, so that a flood of rejected copies does not have to be walked over."""
    partial = out.with_name(out.name + ".partial")
    with partial.open("wb") as file:
        for piece in _pieces(_mapped(postings)):
            file.write(piece[kept[(piece & np.uint64(0xFFFFFFFF)).astype(np.int64)] > 0].tobytes())
    os.replace(partial, out)  # noqa: PTH105  # readers of the file before keep theirs
    return out


def _pieces(postings: Wide) -> Iterator[Wide]:
    return (postings[at : at + _PIECE] for at in range(0, postings.size, _PIECE))


def _mapped(path: Path) -> Wide:
    return np.memmap(path, np.uint64, "r") if path.stat().st_size else np.zeros(0, np.uint64)


def sharing(postings: Path, keys: Sequence[Keys]) -> Ints:
    """The places of all items, kept or not, that have one of some items' keys, perhaps more than once.

    Of the file no more is looked at, and so held in memory, than where those keys stand.
    """
    if not keys:
        return np.zeros(0, np.int32)
    mapped = _mapped(postings)
    wanted = np.unique(np.concatenate(keys)).astype(np.uint64) << np.uint64(32)
    firsts, ends = (np.searchsorted(mapped, wanted | np.uint64(low)) for low in (0, 0xFFFFFFFF))
    sizes = ends - firsts
    within = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    found: Wide = mapped[np.repeat(firsts, sizes) + within]
    return found.astype(np.uint32).astype(np.int32)


class Buckets:
    """Look-ups in the sorted postings of bands and of sampled passages."""

    def __init__(self, bands: Path, passages: Path, sizes: Ints) -> None:
        """``sizes``: how many passage keys each place has."""
        self._bands, self._passages = _Postings(_mapped(bands)), _Postings(_mapped(passages))
        self._sizes = sizes
        self._counts = np.zeros(sizes.size, np.int32)  # a scratch of zeros

    def nearest(
        self, bands: Keys, passages: Keys, before: int, kept: Flags, limit: int, since: Since | None = None
    ) -> Nearest:
        """At most ``limit`` kept places below ``before``, published within ``since``, as ``Places`` ranks them."""
        first = since.first if since else 0
        by_band, _, bands_cut = self._bands.hits(bands, first, before, kept, self._counts)
        by_passage, shared, passages_cut = self._passages.hits(passages, first, before, kept, self._counts)
        ranked = likeliest_first(by_band, by_passage, shared, self._sizes[by_passage], passages.size)
        found = [place for place in ranked if since is None or since.moments[place] >= since.earliest]
        return Nearest(tuple(found[:limit]), bands_cut or passages_cut or len(found) > limit)


class _Postings:
    def __init__(self, postings: Wide) -> None:
        self._postings = postings
        found = np.searchsorted(postings, np.arange(1 << _DIRECTORY, dtype=np.uint64) << np.uint64(64 - _DIRECTORY))
        self._directory = np.append(found, postings.size).astype(np.int64)

    def hits(self, keys: Keys, first: int, before: int, kept: Flags, counts: Ints) -> tuple[Ints, Ints, bool]:
        """Kept places that share a key, how many keys each shares, and whether a bucket was cut."""
        seen = np.empty(min(keys.size * REPRESENTATIVES, counts.size), np.int32)
        found, cut = _hits(keys, self._postings, self._directory, kept, first, before, counts, seen)
        places = np.sort(seen[:found])
        shared = counts[places]
        counts[places] = 0
        return places, shared, cut


@leaf
def _hits(
    keys: Keys, postings: Wide, directory: NDArray[np.int64], kept: Flags, first: int, before: int,
    counts: Ints, seen: Ints,
) -> tuple[int, bool]:  # fmt: skip
    found = 0
    cut = False
    for key in keys:
        bucket = int(key >> np.uint32(32 - _DIRECTORY))
        low, high = directory[bucket], directory[bucket + 1]
        wanted = np.uint64(key) << np.uint64(32) | np.uint64(first)
        end = high
        while low < high:
            middle = (low + high) >> 1
            if postings[middle] < wanted:
                low = middle + 1
            else:
                high = middle
        past = np.uint64(key) << np.uint64(32) | np.uint64(before)
        taken = 0
        while low < end and postings[low] < past:
            place = int(postings[low] & np.uint64(0xFFFFFFFF))
            low += 1
            if not kept[place]:
                continue
            if taken == REPRESENTATIVES:
                cut = True
                break
            taken += 1
            if counts[place] == 0:
                seen[found] = place
                found += 1
            counts[place] += 1
    return found, cut


def exact_copies(digests: Iterable[str]) -> NDArray[np.bool_]:
    """For each digest, in order, whether an item before it has the same one; an empty digest is nobody's copy."""
    seen: set[str] = {""}
    copies = []
    for digest in digests:
        copies.append(bool(digest) and digest in seen)
        seen.add(digest)
    return np.array(copies, np.bool_)
