"""Plain text → units: what the writer meant as one paragraph, heading or line, whatever the line breaks look like.

Blank lines separate paragraphs. A paragraph that was wrapped at a fixed width is joined again; any other line of its
own is a unit of its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import compress, pairwise

import numpy as np
from numpy.typing import NDArray

from detector.jit import njit

Longs = NDArray[np.int64]
Flags = NDArray[np.bool_]

_BREAKS = re.compile(r"\r\n?|[\u2028\u2029\x0b\x0c\x85]")
_MARKS = "\r\u2028\u2029\x0b\x0c\x85"
# White space that is no single blank between two words: "\xa0" and its like, and what stands at a line's edges.
_LOOSE_ASCII = ("  ", " \n", "\n ", "\t", "\x1c", "\x1d", "\x1e", "\x1f")
_LOOSE = (*_LOOSE_ASCII, *filter(str.isspace, map(chr, range(160, 12289))))
_SENTENCE_END = tuple(".!?…。！？؟।۔:;\"”'’»)")
_WRAP_WIDTH = (45, 100)  # columns between which mail, wire and typewriter text was wrapped
SHORT_LINE = 80  # characters; shorter lines of one paragraph stay together as lines


@dataclass(frozen=True, slots=True)
class Units:
    """The paragraphs, headings and lines of a text in order, white space collapsed; none of them is empty."""

    texts: list[str]
    paragraphs: Longs  # units of the same blank-separated paragraph share a number, shape (n,)
    as_written: bool = False  # whether what is written is read as these very units, in paragraphs 0, 1, 2, …

    def only(self, stays: Flags) -> Units:
        """Those that stay."""
        return Units(list(compress(self.texts, stays.tolist())), self.paragraphs[stays])

    @property
    def breaks(self) -> Flags:
        """Whether a blank line stands between a unit and the one before, shape (n - 1,)."""
        breaks: Flags = self.paragraphs[1:] != self.paragraphs[:-1]
        return breaks

    def written(self) -> list[str]:
        """The paragraphs, as they are written; lines of one are parted by a line break."""
        return ["\n".join(self.texts[a:b]) for a, b in pairwise(_edges(self._as_written()))]

    def read_again(self) -> Units | None:
        """The units as they are read from what is written; None where lines would be joined and so be other units."""
        if self.as_written or not self.texts:
            return self
        paragraphs = self._as_written()
        if paragraphs[-1] + 1 < len(self.texts):
            for a, b in pairwise(_edges(paragraphs)):
                if b - a > 1 and _is_wrapped(self.texts[a:b]):
                    return None
        # Lines that are written together once are so ever after, and nothing need be read a third time.
        return Units(self.texts, paragraphs, as_written=True)

    def _as_written(self) -> Longs:
        """The number of the paragraph into which each unit is written, shape (n,)."""
        if self.as_written:
            return self.paragraphs
        sizes = np.fromiter(map(len, self.texts), dtype=np.int64, count=len(self.texts))
        return _written_together(sizes, self.paragraphs)


@njit
def _written_together(sizes: Longs, paragraphs: Longs) -> Longs:
    """Paragraphs counted from 0: a unit is written into one with the unit before when both are short lines of one.

    A text without any blank line has no such paragraphs: there each line is one.
    """
    out = np.zeros(sizes.size, dtype=np.int64)
    parted = sizes.size > 0 and paragraphs[0] != paragraphs[-1]
    for i in range(1, sizes.size):
        short = sizes[i] < SHORT_LINE and sizes[i - 1] < SHORT_LINE
        out[i] = out[i - 1] + (0 if parted and short and paragraphs[i] == paragraphs[i - 1] else 1)
    return out


def _edges(paragraphs: Longs) -> list[int]:
    """Where the paragraphs, counted from 0, begin, and where the last ends."""
    numbers = paragraphs.tolist()
    return [k for k, number in enumerate(numbers) if k == 0 or number != numbers[k - 1]] + [len(numbers)]


def read_units(text: str) -> Units:
    """The units of ``text``; none for an empty text."""
    if any(mark in text for mark in _MARKS):  # most texts have none, and a pattern is slow to find that out
        text = _BREAKS.sub("\n", text)
    raw_lines = text.strip().split("\n")
    loose = any(space in text for space in (_LOOSE_ASCII if text.isascii() else _LOOSE))
    lines = [" ".join(raw.split()) for raw in raw_lines] if loose else raw_lines
    texts: list[str] = []
    paragraphs: list[int] = []
    first = 0
    for at, line in enumerate([*lines, ""]):
        if line:
            continue
        if at > first:
            found = lines[first:at]
            if at - first > 1 and _is_wrapped(found):
                found = _unwrapped(raw_lines[first:at], found)
            texts += found
            paragraphs += [paragraphs[-1] + 1 if paragraphs else 0] * len(found)
        first = at + 1
    return Units(texts, np.array(paragraphs, dtype=np.int64))


def _unwrapped(raw_lines: list[str], lines: list[str]) -> list[str]:
    """``lines`` joined, which are the lines of paragraphs that were wrapped at one width."""
    joined: list[str] = []
    for raw, line in zip(raw_lines, lines, strict=True):
        indented = raw[:2].isspace() and bool(joined)  # wire style: a new paragraph is indented
        if not joined or indented:
            joined.append(line)
        else:
            joined[-1] = f"{joined[-1]} {line}"
    return joined


def _is_wrapped(lines: list[str]) -> bool:
    width = max(map(len, lines))
    if not _WRAP_WIDTH[0] <= width <= _WRAP_WIDTH[1]:
        return False
    before, after = lines[:-1], lines[1:]
    full = sum(len(line) > 0.7 * width for line in before)
    open_ended = sum(not line.endswith(_SENTENCE_END) for line in before)
    continued = sum(line[0].islower() or line[0].isdigit() or not line[0].isalpha() for line in after)
    return full >= 0.8 * len(before) and open_ended >= 0.6 * len(before) and continued >= 0.4 * len(after)
