"""What a source repeats across its items: a count of normalised lines, in any language, in a fixed amount of memory.

A count-min sketch (Cormode, Muthukrishnan, "An improved data stream summary", 2005): counts add up, so the memories of
several workers merge to the same one in any order, and a count is never too low. That it may be too high by some 0.3%
of the source's items does not matter to a rule that asks for a fifth of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from hashlib import blake2b
from struct import unpack
from typing import Self

import numpy as np

from detector.clean.fragment import ArticleFragment
from detector.errors import InvalidItemError
from detector.records import CleanText, Dropped

_ROWS, _WIDTH = 4, 4096  # 64 KiB a source
_LONGEST = 400  # characters: what a source repeats is shorter; a longer paragraph that comes again is a copied story
# Seen on this many distinct items and this share of them. A columnist's closing line on three items is neither.
_RULES = ((8, 0.2), (50, 0.05))


class SourceMemory:
    """Line counts of one source.

    In a batch, observe every item first and ask afterwards (two passes). In a service, pass ``window``: after that
    many items all counts are halved, so that a footer which was given up is forgotten.
    """

    __slots__ = ("_counts", "items", "window")

    def __init__(self, window: int | None = None) -> None:
        if window is not None and window < 16:
            raise InvalidItemError(f"window is {window}; a memory of fewer than 16 items cannot tell what repeats")
        self.window = window
        self.items = 0
        self._counts = np.zeros((_ROWS, _WIDTH), dtype=np.uint32)

    def observe(self, lines: Iterable[str]) -> None:
        """Count the lines of one item, each distinct one once. Pass every item once."""
        cells = {_cells(line) for text in lines for line in _parts(text)}
        if cells:
            np.add.at(self._counts, (_ROW_INDEX, np.array(list(cells))), 1)  # lines that share a cell both count
        self.items += 1
        if self.window is not None and self.items >= self.window:
            self._counts >>= 1
            self.items >>= 1

    def repeats(self, line: str) -> bool:
        """Whether the source prints this line on so many of its items that it is no part of any of them."""
        if len(line) > _LONGEST:
            return False
        parts = _parts(line)
        return bool(parts) and all(self._is_frequent(part) for part in parts)

    def merge(self, other: SourceMemory) -> None:
        """Add what another worker has counted of the same source; the order of merging does not matter."""
        self._counts += other._counts
        self.items += other.items

    @property
    def counts(self) -> bytes:
        """What was counted, to be kept and given to ``restored``: 32-bit whole numbers, little endian."""
        return self._counts.astype("<u4").tobytes()

    @classmethod
    def restored(cls, window: int | None, items: int, counts: bytes) -> Self:
        """The memory whose ``items`` and ``counts`` were kept."""
        memory = cls(window)
        memory.items = items
        memory._counts = np.frombuffer(counts, "<u4").astype(np.uint32).reshape(_ROWS, _WIDTH)
        return memory

    def _is_frequent(self, line: str) -> bool:
        enough = min(max(least, share * self.items) for least, share in _RULES)
        return all(self._counts[row, column] >= enough for row, column in enumerate(_cells(line)))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SourceMemory):
            return NotImplemented
        return self.items == other.items and self.window == other.window and np.array_equal(self._counts, other._counts)

    __hash__ = None  # type: ignore[assignment]  # it changes with every item

    def __reduce__(self) -> tuple[object, ...]:
        return type(self).restored, (self.window, self.items, self.counts)


_ROW_INDEX = np.arange(_ROWS)


def _parts(text: str) -> list[str]:
    """The lines of a paragraph, without case and outer punctuation; those without a letter say nothing."""
    lines = (" ".join(line.casefold().split()).strip(" .:-–—|*_") for line in text.split("\n"))
    return [line for line in lines if any(character.isalpha() for character in line)]


def _cells(line: str) -> tuple[int, ...]:
    digest = blake2b(line.encode("utf-8", "replace"), digest_size=2 * _ROWS).digest()
    return tuple([number % _WIDTH for number in unpack(f">{_ROWS}H", digest)])


def spared_line(line: str) -> str:
    """A line as it is compared with those that a person wants kept: without case, on one line."""
    return " ".join(line.casefold().split())


def without_repeats(clean: CleanText, memory: SourceMemory, spared: Collection[str] = ()) -> CleanText:
    """``clean`` without the paragraphs that its source repeats; the second pass of a batch.

    What a person wants kept is in ``spared``, each as ``spared_line`` gives it. Nothing goes when that would take half
    of the item's characters: then the item itself is what comes again.
    """
    gone = [
        k
        for k, paragraph in enumerate(clean.paragraphs)
        if memory.repeats(paragraph) and not (spared and spared_line(paragraph) in spared)
    ]
    size = sum(map(len, clean.paragraphs))
    if not gone or sum(len(clean.paragraphs[k]) for k in gone) >= size / 2:
        return clean
    marked = set(gone)
    kept = tuple(paragraph for k, paragraph in enumerate(clean.paragraphs) if k not in marked)
    dropped = tuple(Dropped(clean.paragraphs[k], "source_memory") for k in gone)
    fragment = clean.fragment.without(marked) if isinstance(clean.fragment, ArticleFragment) else clean.fragment
    numbers = {k: number for number, k in enumerate(k for k in range(len(clean.paragraphs)) if k not in marked)}
    linked = tuple(numbers[k] for k in clean.linked if k in numbers)
    return replace(clean, paragraphs=kept, dropped=clean.dropped + dropped, linked=linked, fragment=fragment)
