"""The texts of a whole collection as columns, in memory or in files that several processes map.

Tokens and shingles of one text lie behind those of the other, so that compiled code goes through thousands of pairs
without an object for any of them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from detector.dedup.parts import Part

UInts = NDArray[np.uint32]
Ints = NDArray[np.int32]
Bytes = NDArray[np.uint8]
Longs = NDArray[np.int64]


class Columns(NamedTuple):
    """What comparing n texts takes, in the form that compiled code takes."""

    hashes: UInts
    flags: Bytes
    starts: Ints
    ends: Ints
    tokens: Longs  # text k has hashes[tokens[k]:tokens[k + 1]], shape (n + 1,)
    codes: UInts
    characters: Longs  # and codes[characters[k]:characters[k + 1]]
    shingles: UInts
    distinct: Longs  # and shingles[distinct[k]:distinct[k + 1]]

    def text(self, place: int) -> str:
        """A text."""
        codes = self.codes[self.characters[place] : self.characters[place + 1]]
        return codes.tobytes().decode("utf-32-le", "surrogatepass")

    def shingles_of(self, place: int) -> UInts:
        """A text's shingles."""
        return self.shingles[self.distinct[place] : self.distinct[place + 1]]


class Gathering:
    """Columns as they come in, part by part, in memory or in files of ``folder``, which other processes can map."""

    def __init__(self, folder: Path | None = None) -> None:
        self._sizes: list[Longs] = [np.zeros((0, 3), np.int64)]
        self._characters: list[int] = []
        self._folder = folder
        self._columns: dict[str, list[NDArray[Any]]] = {name: [np.zeros(0, kind)] for name, kind in _KINDS.items()}
        self._files = {name: (folder / name).open("wb") for name in _KINDS} if folder else {}

    def add(self, part: Part) -> None:
        """Put some texts behind the others."""
        self._sizes.append(part.sizes)
        self._characters += map(len, part.texts)
        codes = np.frombuffer("".join(part.texts).encode("utf-32-le", "surrogatepass"), np.uint32)
        for name in _KINDS:
            values = codes if name == "codes" else getattr(part, name)
            if self._files:
                self._files[name].write(values.data)
            else:
                self._columns[name].append(values)

    def finish(self) -> Columns:
        """The columns of all that came."""
        sizes = np.concatenate(self._sizes)
        ends: dict[str, NDArray[Any]] = {
            "tokens": _ends(sizes[:, 0]),
            "characters": _ends(self._characters),
            "distinct": _ends(sizes[:, 1]),
        }
        if self._folder is None:
            whole = {name: np.concatenate(some) for name, some in self._columns.items()}
            whole["codes"].flags.writeable = False  # as a text's own are: compiled code tells the two apart
            return Columns(**whole, **ends)
        for file in self._files.values():
            file.close()
        for name, values in ends.items():
            (self._folder / name).write_bytes(values.data)
        return map_columns(self._folder)


_KINDS: dict[str, type[np.generic]] = {
    "hashes": np.uint32,
    "flags": np.uint8,
    "starts": np.int32,
    "ends": np.int32,
    "codes": np.uint32,
    "shingles": np.uint32,
}


def _ends(sizes: Longs | list[int]) -> Longs:
    return np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)


def map_columns(folder: Path) -> Columns:
    """The columns that were gathered in ``folder``; what nobody looks at is not read."""
    return Columns(**{name: _mapped(folder / name, _KINDS.get(name, np.int64)) for name in Columns._fields})


def _mapped(path: Path, kind: type[np.generic]) -> NDArray[Any]:
    if not path.stat().st_size:
        return np.zeros(0, kind)
    mode: Literal["r", "c"] = "r" if path.name == "codes" else "c"  # nobody writes to either; see ``Gathering``
    return np.asarray(np.memmap(path, kind, mode))
