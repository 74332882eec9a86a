"""The texts of a whole collection as columns, in memory or in files that several processes fill and map.

Tokens and shingles of one text lie behind those of the other, so that compiled code goes through thousands of pairs
without an object for any of them. Some texts at a time are read by one process and put behind the others, in whatever
order processes come: where a text stands goes with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from detector.workers import in_turn

UInts = NDArray[np.uint32]
Ints = NDArray[np.int32]
Bytes = NDArray[np.uint8]
Longs = NDArray[np.int64]


class Columns(NamedTuple):
    """What comparing n texts takes, in the form that compiled code takes. Where a text stands has shape (n, 2)."""

    hashes: UInts
    flags: Bytes
    starts: Ints
    ends: Ints
    tokens: Longs  # text k has hashes[tokens[k, 0]:tokens[k, 1]]
    narrow: Bytes  # most texts have no character beyond U+00FF: a quarter of the room
    narrowed: Longs  # and narrow[narrowed[k, 0]:narrowed[k, 1]] …
    wide: UInts
    widened: Longs  # … or wide[widened[k, 0]:widened[k, 1]]
    shingles: UInts
    distinct: Longs
    passages: UInts
    sampled: Longs
    bands: UInts
    banded: Longs

    def text(self, place: int) -> str:
        """A text."""
        first, behind = self.narrowed[place].tolist()
        if behind > first:
            return self.narrow[first:behind].tobytes().decode("latin-1")
        first, behind = self.widened[place].tolist()
        return self.wide[first:behind].tobytes().decode("utf-32-le", "surrogatepass")

    def shingles_of(self, place: int) -> UInts:
        """A text's shingles."""
        first, behind = self.distinct[place].tolist()
        return self.shingles[first:behind]


KINDS: dict[str, type[np.generic]] = {
    "hashes": np.uint32,
    "flags": np.uint8,
    "starts": np.int32,
    "ends": np.int32,
    "narrow": np.uint8,
    "wide": np.uint32,
    "shingles": np.uint32,
    "passages": np.uint32,
    "bands": np.uint32,
}
# Which values of a text are as many, by the name of where they stand: the first of each says how many there are.
EXTENTS = {
    "tokens": ("hashes", "flags", "starts", "ends"),
    "narrowed": ("narrow",),
    "widened": ("wide",),
    "distinct": ("shingles",),
    "sampled": ("passages",),
    "banded": ("bands",),
}


class Laid(NamedTuple):
    """The columns of n texts: at hand, or put into the files of a folder."""

    sizes: Longs  # how many values each text has, by EXTENTS, shape (n, 6)
    firsts: Longs  # where those of the first text stand, shape (6,)
    columns: Mapping[str, NDArray[Any]] | None  # None: in files

    @classmethod
    def of_nothing(cls) -> Self:
        """No text."""
        return cls(np.zeros((0, len(EXTENTS)), np.int64), np.zeros(len(EXTENTS), np.int64), None)


def lay(columns: Mapping[str, NDArray[Any]], sizes: Longs, folder: Path | None) -> Laid:
    """Put columns into the files of a folder, behind what stands there; without one, they stay at hand."""
    if folder is None:
        return Laid(sizes, np.zeros(len(EXTENTS), np.int64), columns)
    with in_turn():
        firsts = {name: _appended(folder / name, columns[name]) for name in KINDS}
    return Laid(sizes, np.array([firsts[names[0]] for names in EXTENTS.values()]), None)


def _appended(path: Path, values: NDArray[Any]) -> int:
    """How many values stand before those that are put into a file."""
    with path.open("ab") as file:
        before = file.tell()
        file.write(values.data)
    return before // values.itemsize


class Gathering:
    """The columns of a collection as they come in."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._extents: list[Longs] = [np.zeros((0, len(EXTENTS), 2), np.int64)]
        self._columns: dict[str, list[NDArray[Any]]] = {name: [np.zeros(0, kind)] for name, kind in KINDS.items()}
        self._filled = np.zeros(len(EXTENTS), np.int64)

    def add(self, laid: Laid) -> None:
        """Put some texts behind the others."""
        firsts = laid.firsts
        if laid.columns is not None:
            firsts = self._filled
            self._filled = firsts + laid.sizes.sum(axis=0)
            for name, values in laid.columns.items():
                self._columns[name].append(values)
        ends = firsts + np.cumsum(laid.sizes, axis=0)
        self._extents.append(np.stack((ends - laid.sizes, ends), axis=2))

    def finish(self) -> Columns:
        """The columns of all that came, once; in a folder, for other processes as well."""
        together = np.concatenate(self._extents)
        extents: dict[str, NDArray[Any]] = {
            name: np.ascontiguousarray(together[:, at]) for at, name in enumerate(EXTENTS)
        }
        if self._folder is None:
            return Columns(**{name: np.concatenate(self._columns.pop(name)) for name in KINDS}, **extents)
        for name, values in extents.items():
            (self._folder / name).write_bytes(values.data)
        return map_columns(self._folder)


def map_columns(folder: Path) -> Columns:
    """The columns that were gathered in ``folder``; what nobody looks at is not read."""
    kept = {name: _mapped(folder / name, kind) for name, kind in KINDS.items()}
    extents: dict[str, NDArray[Any]] = {name: _mapped(folder / name, np.int64).reshape(-1, 2) for name in EXTENTS}
    return Columns(**kept, **extents)


def _mapped(path: Path, kind: type[np.generic]) -> NDArray[Any]:
    if not path.exists() or not path.stat().st_size:
        return np.zeros(0, kind)
    return np.asarray(np.memmap(path, kind, "c"))  # nobody writes to it, but compiled code takes what could be


A = TypeVar("A", bound=tuple[NDArray[Any], ...])


def write_arrays(arrays: tuple[NDArray[Any], ...], folder: Path) -> None:
    """Put a named tuple of arrays beside the columns, by its name."""
    for number, values in enumerate(arrays):
        np.save(folder / f"{type(arrays).__name__}-{number}.npy", values, allow_pickle=False)


def map_arrays(kind: type[A], folder: Path) -> A:
    """What ``write_arrays`` put there."""
    paths = sorted(folder.glob(f"{kind.__name__}-*.npy"), key=lambda path: int(path.stem.rpartition("-")[2]))
    return kind(*(np.asarray(np.load(path, mmap_mode="c", allow_pickle=False)) for path in paths))
